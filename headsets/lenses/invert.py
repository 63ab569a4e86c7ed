"""Inverse of an increasing function, elementwise, to the last bits: Newton's steps inside a shrinking bracket."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

MAX_STEPS = 80  # bisection alone halves the bracket to one part in 2**52 within 60; Newton needs about 6


def invert_increasing(
    function: Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]],
    value: NDArray[np.float64],
    upper: float,
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve f(x) = value on [0, upper], f increasing with f(0) = 0.

    Args:
        function: x (N,) -> f(x), f'(x), each (N,).
        value: (N,), >= 0.
        upper: end of the monotone part, finite.
        start: (N,) first guess.

    Returns:
        (N,) x, NaN where value > f(upper).
    """
    reachable = value <= function(np.full(1, upper))[0]
    out = np.where(reachable, np.clip(start, 0.0, upper), np.nan)
    active = np.flatnonzero(reachable)
    lo, hi = np.zeros(len(active)), np.full(len(active), upper)
    for _ in range(MAX_STEPS):
        if not len(active):
            break
        x, goal = out[active], value[active]
        f, slope = function(x)
        below = f < goal
        lo = np.where(below, x, lo)
        hi = np.where(below, hi, x)
        newton = x - (f - goal) / slope
        inside = (newton >= lo) & (newton <= hi)
        step = np.where(inside, newton, 0.5 * (lo + hi))
        out[active] = step
        moving = np.abs(step - x) > 4e-16 * np.maximum(upper * 1e-3, x)
        active, lo, hi = active[moving], lo[moving], hi[moving]
    return out
