"""Layouts compared on the same wearers, expressions, donnings and noise: differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.metrics.direction import sign, within
from sim.metrics.paired import LEVEL, Paired, paired
from sim.metrics.result import ScoreResult, of_wearers
from sim.metrics.traits import Part


@dataclass(frozen=True)
class Limit:
    """Shares of the wearers whose score is within a limit: at most it where lower is better, else at least it."""

    value: float
    base: float
    other: float


@dataclass(frozen=True)
class PartDifference:
    """The difference among wearers of one kind; see `sim.metrics.traits.Part`."""

    trait: str
    name: str
    range: str
    difference: Paired


@dataclass(frozen=True)
class Difference:
    """One layout against the base in one score of one region.

    Attributes:
        headset: the layout; the base's name stands in `Comparison`.
        region: group of regions, such as "eye".
        base, other: means over wearers that both have a value for.
        difference: other less base.
        better: share of the wearers for whom the layout is better than the base; ties count half.
        limit: where one was asked for.
        parts: by groups of wearers.
    """

    headset: str
    region: str
    metric: str
    base: float
    other: float
    difference: Paired
    better: float
    limit: Limit | None
    parts: tuple[PartDifference, ...]

    def to_json(self) -> dict[str, object]:
        """As plain data; numbers are finite or None."""
        return {
            "headset": self.headset,
            "region": self.region,
            "metric": self.metric,
            "base": _plain(self.base),
            "other": _plain(self.other),
            "difference": self.difference.to_json(),
            "share_better": _plain(self.better),
            "limit": None if self.limit is None else {
                "value": self.limit.value, "rule": within(self.metric),
                "share_base": _plain(self.limit.base), "share_other": _plain(self.limit.other),
            },
            "groups": [
                {"trait": part.trait, "group": part.name, "range": part.range, **part.difference.to_json()}
                for part in self.parts
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Every layout against the first one.

    Attributes:
        base: name of the first layout.
        level: of the intervals.
        rows: by layout, region and score.
    """

    base: str
    level: float
    rows: tuple[Difference, ...]

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        return {"base": self.base, "level": self.level, "rows": [row.to_json() for row in self.rows]}


def compare(result: ScoreResult, groups: Sequence[Part] = (), limits: Mapping[str, float] | None = None) -> Comparison:
    """Compare every headset of a result with its first one, each pair over the samples that both have a value for.

    Args:
        result: of at least two headsets.
        groups: of wearers, see `sim.metrics.traits.parts`.
        limits: metric -> limit, in the metric's unit.

    Raises:
        SimError: fewer than two headsets, or a limit of a metric that nobody has.
    """
    names = list(result.headsets)
    if len(names) < 2:
        raise SimError(f"`headsets >= 2` must hold for a comparison, got {', '.join(names) or 'none'}")
    asked = dict(limits or {})
    base = result.headsets[names[0]].group_samples
    known = dict.fromkeys(metric for metrics in base.values() for metric in metrics)
    for metric in asked:
        if metric not in known:
            raise SimError(f"unknown score {metric!r} in a limit. Scores: {', '.join(known)}")
    rows = []
    for name in names[1:]:
        other = result.headsets[name].group_samples
        for region, metrics in base.items():
            for metric, values in metrics.items():
                if metric in other.get(region, {}):
                    pair = _wearers(values, other[region][metric])
                    rows.append(_row(name, region, metric, *pair, groups, asked.get(metric)))
    return Comparison(names[0], LEVEL, tuple(rows))


def _wearers(base: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each wearer's mean (I,) of two scores (I, …) over the samples that both have."""
    both = np.isfinite(base) & np.isfinite(other)
    return of_wearers(np.where(both, base, np.nan)), of_wearers(np.where(both, other, np.nan))


def _row(
    headset: str,
    region: str,
    metric: str,
    base: NDArray[np.float64],
    other: NDArray[np.float64],
    groups: Sequence[Part],
    limit: float | None,
) -> Difference:
    difference = other - base
    both = np.isfinite(difference)
    gain = sign(metric) * difference[both]
    return Difference(
        headset,
        region,
        metric,
        _mean(base[both]),
        _mean(other[both]),
        paired(difference),
        _mean(0.5 * (1.0 + np.sign(gain))),
        None
        if limit is None
        else Limit(limit, _inside(metric, base[both], limit), _inside(metric, other[both], limit)),
        tuple(PartDifference(g.trait, g.name, g.range, paired(difference[g.members])) for g in groups),
    )


def _inside(metric: str, values: NDArray[np.float64], limit: float) -> float:
    return _mean((sign(metric) * (values - limit) >= 0.0).astype(np.float64))


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
