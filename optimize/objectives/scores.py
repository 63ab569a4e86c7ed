"""Objectives from the scores: `GROUP.METRIC[:STATISTIC]`, such as `mouth.visible_fraction:p5`."""

from __future__ import annotations

from collections.abc import Sequence

from optimize.objectives.objective import MAXIMIZE, MINIMIZE, Objective, Scored
from optimize.space.space import Space
from sim.metrics.result import COVERAGE, MOTION_METRICS

METRICS = {
    # metric: direction, unit, value of a sample in which a region is not seen
    "visibility": (MAXIMIZE, "", -1.0),
    "visibility_seen": (MAXIMIZE, "", 0.0),
    "visible_fraction": (MAXIMIZE, "", 0.0),
    COVERAGE: (MAXIMIZE, "", 0.0),
    "range_of_motion": (MAXIMIZE, "px", 0.0),
    "range_of_motion_rms_px": (MAXIMIZE, "px", 0.0),
    "resolution_px_per_mm": (MAXIMIZE, "px/mm", 0.0),
    "keypoints_dropped": (MINIMIZE, "", 1.0),
}
STATISTICS = ("mean", "p5")
"""Over wearers, expressions and donnings; the mean where none is named."""


def parse(text: str, groups: tuple[str, ...]) -> Objective | None:
    """A score of one group of regions; None where the text is none."""
    score, colon, statistic = text.partition(":")
    group, dot, metric = score.partition(".")
    statistic = statistic if colon else STATISTICS[0]
    if not dot or group not in groups or metric not in METRICS or statistic not in STATISTICS:
        return None

    direction, unit, worst = METRICS[metric]

    def measure(layout: Scored) -> float:
        assert layout.scores is not None
        scores = layout.scores.where_unseen({metric: worst})
        found = scores.groups.get(group, {}).get(metric)
        return float("nan") if found is None else float(getattr(found, statistic))

    return Objective(
        f"{group}.{metric}:{statistic}", direction, unit, worst, True, True, measure, motion=metric in MOTION_METRICS
    )


def averages(space: Space, objectives: Sequence[Objective]) -> list[str]:
    """Notes, in words, on means over cameras where cameras may be left out: leaving out a poor one raises them."""
    if not any(moved.optional and moved.kind == "cameras" for moved in space.search.movables):
        return []
    asked = [o.name for o in objectives if o.scores and f".{COVERAGE}:" not in o.name]
    return [
        f"{name} is a mean over cameras: it may rise where a poor one is left out ({COVERAGE} does not)"
        for name in asked
    ]


def names(groups: tuple[str, ...]) -> list[str]:
    """What may be asked for, means alone."""
    return [f"{group}.{metric}" for group in groups for metric in METRICS]
