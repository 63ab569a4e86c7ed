"""Pairs of factors, each at a step that the encoder bears alone: whether both together cost more than their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from encoders.stress.factors import Factor, Point
from encoders.stress.patches import merged
from encoders.stress.steps import Step, with_interval
from encoders.stress.tolerance import crossings

RULE = (
    "Of each factor the step with the largest error below half again the nominal one; where none lies below, half the"
    " way to where the error reaches that. Of the {count} factors whose step costs most, all pairs."
)


ROUNDING = 1e-6
"""mm: an excess below is one of arithmetic."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two factors at once.

    Attributes:
        names: of the factors.
        alone: the step of each.
        joint: both together.
    """

    names: tuple[str, str]
    alone: tuple[Step, Step]
    joint: Step

    def record(self, nominal: Step, limit: float) -> dict[str, Any]:
        """Plain data. `excess_mm` is by how much the joint increase exceeds the sum of both, frame by frame; `verdict`
        says so where its interval leaves out 0."""
        one, other = self.alone
        excess = with_interval(self.joint.errors - one.errors - other.errors + nominal.errors, nominal.wearers)
        return {
            "factors": list(self.names),
            "steps": [one.label, other.label],
            "alone_mm": [step.error - nominal.error for step in self.alone],
            "sum_mm": one.error + other.error - 2 * nominal.error,
            "excess_mm": excess,
            "verdict": _verdict(excess["interval95"]),
            "fails": self.joint.error >= limit,
            **self.joint.record(nominal),
        }


def mildest(factor: Factor, steps: Sequence[Step], nominal: Step, limit: float) -> Step | Point | None:
    """The step of a factor that stands for it in pairs, see `RULE`; a point is still to be rendered.

    Args:
        steps: of the factor, in the order of its points.
        limit: of the mean mesh error, mm.
    """
    borne = [step for step in steps if step.error < limit]
    if borne:
        return max(borne, key=lambda step: step.error)
    if factor.point is None:
        return None
    severities = [factor.centre, *(float(point.severity or 0.0) for point in factor.points)]
    low, high = crossings(severities, [nominal.error, *(step.error for step in steps)], limit)
    edge = high if high is not None else low
    return None if edge is None else factor.point(factor.centre + 0.5 * (edge - factor.centre))


def strongest(found: Mapping[str, Step], nominal: Step, limit: float, count: int) -> dict[str, Step]:
    """Of the factors' steps the `count` that cost most; none that costs nothing, or is not borne."""
    kept = [(name, step) for name, step in found.items() if nominal.error < step.error < limit]
    return dict(sorted(kept, key=lambda item: -item[1].error)[:count])


def paired(chosen: Mapping[str, Step]) -> list[tuple[tuple[str, str], tuple[Step, Step], Point]]:
    """Names, steps alone, and both conditions at once, of all pairs."""
    out = []
    for (a, one), (b, other) in combinations(chosen.items(), 2):
        both = Point(f"{a} {one.label}, {b} {other.label}", None, merged(one.patch, other.patch))
        out.append(((a, b), (one, other), both))
    return out


def _verdict(interval: Sequence[float] | None) -> str:
    if interval is not None and interval[0] > ROUNDING:
        return "more than their sum"
    if interval is not None and interval[1] < -ROUNDING:
        return "less than their sum"
    return "about their sum"
