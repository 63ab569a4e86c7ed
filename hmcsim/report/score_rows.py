"""The score table of a report: numbers with their spread, the paper's beside them, and a small chart a row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hmcsim.metric_names import METRIC_LABELS, MetricLabel
from sim.metrics.direction import LOWER_IS_BETTER
from sim.metrics.published import PUBLISHED
from sim.metrics.result import ScoreResult, Statistic


@dataclass(frozen=True)
class Cell:
    """One layout's value of one score.

    Attributes:
        mean, sd, p5, paper: as printed; paper is "" where nothing is published.
        difference: to the paper, as printed: absolute for pure numbers, in per cent else.
        best: the best mean of the row, where layouts differ as printed.
    """

    layout: str
    mean: str
    sd: str
    p5: str
    paper: str
    difference: str
    best: bool


@dataclass(frozen=True)
class Mark:
    """A layout in a row's chart; positions in per cent of its width, None where there is nothing to show."""

    layout: str
    mean: float
    low: float
    high: float
    p5: float
    paper: float | None


@dataclass(frozen=True)
class Row:
    """One score of one region."""

    label: MetricLabel
    metric: str
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    axis_low: str
    axis_high: str
    zero: float | None


@dataclass(frozen=True)
class RegionTable:
    """All scores of a region group."""

    group: str
    rows: tuple[Row, ...]


def region_tables(result: ScoreResult) -> list[RegionTable]:
    """One table a region group, in the order in which layouts' cameras see them."""
    groups = dict.fromkeys(group for scores in result.headsets.values() for group in scores.groups)
    tables = []
    for group in groups:
        statistics = {
            metric: {
                name: s.groups[group][metric]
                for name, s in result.headsets.items()
                if metric in s.groups.get(group, {})
            }
            for metric in METRIC_LABELS
        }
        rows = [_row(group, metric, by_layout, list(result.headsets)) for metric, by_layout in statistics.items()]
        tables.append(RegionTable(group, tuple(row for row in rows if row.marks)))
    return tables


def published(layout: str, group: str, metric: str) -> float | None:
    """A paper's value for a layout, or None."""
    paper = PUBLISHED.get(layout)
    return None if paper is None else paper.regions.get(group, {}).get(metric)


def _row(group: str, metric: str, statistics: Mapping[str, Statistic], layouts: list[str]) -> Row:
    label = METRIC_LABELS[metric]
    known = {name: s for name, s in statistics.items() if not math.isnan(s.mean)}
    choose = min if metric in LOWER_IS_BETTER else max
    best = choose((label.number(s.mean) for s in known.values()), key=_value, default="")
    distinct = len({label.number(s.mean) for s in known.values()}) > 1
    cells = []
    for name in layouts:
        s = known.get(name)
        paper = published(name, group, metric)
        if s is None:
            cells.append(Cell(name, "–", "", "", "", "", False))
            continue
        cells.append(
            Cell(
                name,
                label.number(s.mean),
                label.number(s.sd),
                label.number(s.p5),
                "" if paper is None else label.number(paper),
                "" if paper is None else _difference(s.mean, paper, label),
                distinct and label.number(s.mean) == best,
            )
        )
    ends = [v for s in known.values() for v in (s.mean - s.sd, s.mean + s.sd, s.p5)]
    ends += [p for name in known if (p := published(name, group, metric)) is not None]
    low, high = axis_ends(ends) if ends else (0.0, 1.0)
    if label.bounds is not None:
        least, most = label.bounds  # cosines and shares end there, and so does the axis where a spread would pass it
        low, high = max(low, least), min(high, most)
        low = max(least, min(low, high - 0.1))
        high = min(most, max(high, low + 0.1))

    def place(value: float) -> float:
        return 100 * (min(max(value, low), high) - low) / (high - low)

    marks = tuple(
        Mark(
            name,
            place(s.mean),
            place(s.mean - s.sd),
            place(s.mean + s.sd),
            place(s.p5),
            None if (paper := published(name, group, metric)) is None else place(paper),
        )
        for name, s in known.items()
    )
    tick = MetricLabel("", "", "", 0 if high - low >= 10 else 1 if high - low >= 0.5 else 2, "")
    return Row(
        label, metric, tuple(cells), marks, tick.number(low), tick.number(high), place(0.0) if low < 0 < high else None
    )


def _value(text: str) -> float:
    return float(text.replace("−", "-"))


def _difference(ours: float, paper: float, label: MetricLabel) -> str:
    if label.unit:
        return f"{100 * (ours / paper - 1):+.0f} %".replace("-", "−")
    return f"{ours - paper:+.{label.digits}f}".replace("-", "−")


def axis_ends(values: list[float]) -> tuple[float, float]:
    """Round ends around the values, apart from each other; zero included where it is near."""
    low, high = min(values), max(values)
    if low > 0 and low < 0.6 * high:
        low = 0.0
    span = max(high - low, 0.02 * abs(high), 1e-6)
    step = 10 ** math.floor(math.log10(span / 2))
    step *= next(k for k in (1, 2, 5, 10, 20) if span / (step * k) <= 6)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, max(last, first + 1) * step
