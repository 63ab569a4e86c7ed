"""Motion as a sum of transitions: smooth steps with a start, a duration and a change, functions of continuous time.

A step follows the regularised incomplete beta function I_x(a, b), so that its speed is the beta density. I_x(3, 3) is
the minimum-jerk profile 10x³ − 15x⁴ + 6x⁵ of Flash and Hogan 1985 (doi 10.1523/JNEUROSCI.05-07-01688.1985, cited from
memory); other exponents move the peak of speed to earlier or later and make it flatter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

MINIMUM_JERK = (3.0, 3.0)
"""Peak speed is 1.875 times the mean, half-way."""


@dataclass(frozen=True)
class Transition:
    """A smooth step of some columns.

    Attributes:
        start_s, duration_s: when; nothing moves outside, and `duration_s` is positive.
        change: column -> by how much it changes from start to end.
        shape: exponents a and b, above 1: speed is then continuous.
    """

    start_s: float
    duration_s: float
    change: Mapping[int, float]
    shape: tuple[float, float] = MINIMUM_JERK


def evaluate(transitions: Sequence[Transition], times_s: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """(F, width) sums of transitions at ascending times (F,); each row depends on its own time alone."""
    out = np.zeros((width, len(times_s)))  # columns lie together: most transitions move few of them
    for step in transitions:
        first, last = np.searchsorted(times_s, [step.start_s, step.start_s + step.duration_s])
        done = np.clip((times_s[first:last] - step.start_s) / step.duration_s, 0.0, 1.0)
        share = betainc(*step.shape, done)
        for column, change in step.change.items():
            out[column, first:last] += change * share
            out[column, last:] += change
    return np.ascontiguousarray(out.T)


def both_ways(
    pose: Mapping[int, float], start_s: float, rise_s: float, hold_s: float, fall_s: float
) -> tuple[Transition, Transition]:
    """From rest to a pose and back, each with minimum jerk."""
    return (
        Transition(start_s, rise_s, pose),
        Transition(start_s + rise_s + hold_s, fall_s, {column: -change for column, change in pose.items()}),
    )
