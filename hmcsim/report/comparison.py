"""The report's section on differences: each layout against the first one, wearer by wearer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hmcsim.metric_names import METRIC_LABELS, NEEDS, MetricLabel
from sim.metrics.compare import Comparison, Difference
from sim.metrics.direction import LOWER_IS_BETTER
from sim.metrics.paired import Paired

FEW = 5
"""Groups of fewer wearers say little: they are shown pale."""


@dataclass(frozen=True)
class DifferenceCell:
    """A difference as printed, and where its interval lies in a strip, in per cent of the width (50: no difference).

    Attributes:
        verdict: "better", "worse" or "" where the interval holds 0.
    """

    mean: str
    interval: str
    n: int
    verdict: str
    at: float | None
    low: float | None
    high: float | None
    few: bool = False


@dataclass(frozen=True)
class DifferenceRow:
    """One score of one region."""

    region: str
    label: MetricLabel
    base: str
    other: str
    cell: DifferenceCell
    better: str
    limit: str
    reach: str


@dataclass(frozen=True)
class GroupRow:
    """One kind of wearers, with a cell a score."""

    trait: str
    name: str
    range: str
    n: int
    cells: tuple[DifferenceCell, ...]


@dataclass(frozen=True)
class GroupTable:
    """Groups of one region."""

    region: str
    labels: tuple[MetricLabel, ...]
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class ComparisonPanel:
    """One layout against the base."""

    layout: str
    rows: tuple[DifferenceRow, ...]
    tables: tuple[GroupTable, ...]
    limits: bool


def comparison_panels(comparison: Comparison) -> list[ComparisonPanel]:
    """One panel a layout."""
    panels = []
    for layout in dict.fromkeys(row.headset for row in comparison.rows):
        own = [r for r in comparison.rows if r.headset == layout and r.metric in METRIC_LABELS and r.difference.n]
        own.sort(key=lambda row: list(METRIC_LABELS).index(row.metric))
        regions = dict.fromkeys(row.region for row in comparison.rows if row.headset == layout)
        by_region = [[row for row in own if row.region == region] for region in regions]
        panels.append(
            ComparisonPanel(
                layout,
                tuple(_row(row) for rows in by_region for row in rows),
                tuple(_table(rows) for rows in by_region if rows and rows[0].parts),
                any(row.limit is not None for row in own),
            )
        )
    return panels


def _row(row: Difference) -> DifferenceRow:
    label = METRIC_LABELS[row.metric]
    reach = _reach([row.difference])
    limit = ""
    if row.limit is not None:
        sense = "≤" if row.metric in LOWER_IS_BETTER else "≥"
        bound = f"{sense} {row.limit.value:g} {label.unit}".strip()
        limit = f"{bound}: {share(row.limit.base)} → {share(row.limit.other)}"
    return DifferenceRow(
        row.region,
        label,
        label.number(row.base),
        label.number(row.other),
        _cell(row.difference, row.metric, reach),
        "equal" if _equal(row.difference) else share(row.better),
        limit,
        label.signed(reach).removeprefix("+"),
    )


def caution(comparison: Comparison) -> str:
    """What a reader must know before any row: that nothing differs, that there are no intervals, that a score has fewer
    wearers than others; or ""."""
    rows = [row.difference for row in comparison.rows if row.difference.n]
    said = []
    if rows and all(_equal(row) for row in rows):
        said.append("No score differs: none of those taken depends on what sets the layouts apart.")
        if not any(NEEDS.get(row.metric) for row in comparison.rows):
            said.append("What changes light or sensor shows with --signal or --observability.")
    if rows and all(row.n == 1 for row in rows):
        said.append("One wearer gives no interval.")
    most = max((row.n for row in rows), default=0)
    for metric, label in METRIC_LABELS.items():
        own = max((row.difference.n for row in comparison.rows if row.metric == metric), default=0)
        if 0 < own < most:
            said.append(f"{label.name} is taken over {own} of the {most} wearers.")
    return " ".join(said)


def _equal(difference: Paired) -> bool:
    """Whether no wearer's difference is other than 0."""
    return difference.mean == 0.0 and (difference.n == 1 or difference.low == difference.high == 0.0)


def _table(rows: list[Difference]) -> GroupTable:
    reaches = [_reach([row.difference, *(part.difference for part in row.parts)]) for row in rows]
    lines = [
        GroupRow(
            part.trait,
            part.name,
            part.range,
            part.difference.n,
            tuple(_cell(row.parts[k].difference, row.metric, reach) for row, reach in zip(rows, reaches, strict=True)),
        )
        for k, part in enumerate(rows[0].parts)
    ]
    everyone = GroupRow(
        "everyone", "", "", rows[0].difference.n,
        tuple(_cell(row.difference, row.metric, reach) for row, reach in zip(rows, reaches, strict=True)),
    )  # fmt: skip
    return GroupTable(rows[0].region, tuple(METRIC_LABELS[row.metric] for row in rows), (everyone, *lines))


def _cell(difference: Paired, metric: str, reach: float) -> DifferenceCell:
    label = METRIC_LABELS[metric]
    few = difference.n < FEW
    if math.isnan(difference.mean):
        return DifferenceCell("–", "", difference.n, "", None, None, None, few)
    place = [50.0 + 50.0 * value / reach for value in (difference.mean, difference.low, difference.high)]
    if math.isnan(difference.low):
        return DifferenceCell(label.signed(difference.mean), "", difference.n, "", place[0], None, None, few)
    ends = f"{label.signed(difference.low)} … {label.signed(difference.high)}"
    at, low, high = (min(max(p, 0.0), 100.0) for p in place)
    return DifferenceCell(
        label.signed(difference.mean), ends, difference.n, verdict(difference, metric), at, low, high, few
    )


def verdict(difference: Paired, metric: str) -> str:
    """ "better" or "worse" than the base where the interval leaves out 0, else ""."""
    if not difference.clear:
        return ""
    return "better" if (difference.mean > 0) != (metric in LOWER_IS_BETTER) else "worse"


def share(value: float) -> str:
    """A share in per cent."""
    return "–" if math.isnan(value) else f"{100 * value:.0f} %"


def _reach(differences: list[Paired]) -> float:
    """What the strip's half-width stands for: the farthest end of an interval."""
    ends = [abs(v) for d in differences for v in (d.mean, d.low, d.high) if not math.isnan(v)]
    return max(ends, default=0.0) or 1.0
