"""From scores along one degree of freedom to what it costs.

The loss at a value is by how much the score is worse than the nominal one: relative to it, or, for shares that should
be 0 (saturated, black), in points of area. Between values swept it is linear. A tolerance is a limit: ±t costs what
the worse side costs at the worst value within it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.direction import sign

ABSOLUTE = frozenset({"saturated_fraction", "black_fraction", "keypoints_dropped"})
"""Scores whose loss is not relative: their nominal value may be 0."""


@dataclass(frozen=True)
class Cost:
    """What one degree of freedom costs one score.

    Attributes:
        at_spread: largest loss within plus or minus one spread; NaN where the score has no value.
        largest: the largest limit within which the loss stays below `allowed`; None: anything swept does.
        reach: how far it was swept.
        values, losses: the curve, the neutral value and 0 among them.
    """

    at_spread: float
    largest: float | None
    reach: float
    values: tuple[float, ...]
    losses: tuple[float, ...]


def losses(metric: str, nominal: float, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loss of scores (n,) against the nominal one; negative where they are better."""
    worse = sign(metric) * (nominal - scores)
    return worse if metric in ABSOLUTE else worse / abs(nominal)


def cost(
    metric: str,
    neutral: float,
    nominal: float,
    values: NDArray[np.float64],
    scores: NDArray[np.float64],
    spread: float,
    allowed: float,
) -> Cost:
    """Cost of one degree of freedom.

    Args:
        neutral: the value at which the score is `nominal`.
        values, scores: (n,) what was swept, and the scores there.
        spread: one spread, as the value itself for one-sided freedoms (such as 2 for bins).
        allowed: loss that a tolerance may cost, such as 0.05.
    """
    if not np.isfinite(nominal) or (nominal == 0.0 and metric not in ABSOLUTE):
        return Cost(float("nan"), None, float(np.abs(values - neutral).max()), (), ())
    order = np.argsort([neutral, *values])
    x = np.array([neutral, *values])[order] - neutral
    loss = np.array([0.0, *losses(metric, nominal, scores)])[order]
    # Where nothing is seen there is no score, and all is lost.
    loss = np.where(np.isfinite(loss), loss, 1.0)
    step = abs(spread - neutral)
    sides = [(side * x[side * x >= 0], loss[side * x >= 0]) for side in (-1.0, 1.0)]
    sides = [(a[np.argsort(a)], b[np.argsort(a)]) for a, b in sides if len(a) > 1]
    crossings = [crossing(a, b, allowed) for a, b in sides]
    reached = [c for c in crossings if c is not None]
    return Cost(
        max(worst_within(a, b, step) for a, b in sides),
        min(reached) + (neutral if neutral == 1.0 else 0.0) if reached else None,
        float(np.abs(x).max()) + (neutral if neutral == 1.0 else 0.0),
        tuple((x + neutral).tolist()),
        tuple(loss.tolist()),
    )


def worst_within(distance: NDArray[np.float64], loss: NDArray[np.float64], limit: float) -> float:
    """Largest loss from 0 to a limit, on one side; distances (n,) rise from 0."""
    inside = loss[distance <= limit]
    return float(max(inside.max(initial=0.0), np.interp(limit, distance, loss)))


def crossing(distance: NDArray[np.float64], loss: NDArray[np.float64], allowed: float) -> float | None:
    """Distance at which the loss first reaches what is allowed; None if it does not."""
    over = np.flatnonzero(loss >= allowed)
    if not len(over):
        return None
    k = int(over[0])
    if k == 0:
        return 0.0
    part = (allowed - loss[k - 1]) / (loss[k] - loss[k - 1])
    return float(distance[k - 1] + part * (distance[k] - distance[k - 1]))
