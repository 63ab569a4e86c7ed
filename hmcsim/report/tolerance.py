"""The page about tolerances: how scores spread over headsets as built and worn, and what each freedom costs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from hmcsim.metric_names import METRIC_LABELS, MetricLabel
from hmcsim.report.palette import layout_colours
from hmcsim.report.score_rows import axis_ends
from hmcsim.report.template import asset, page
from sim.tolerance.curves import ABSOLUTE, Cost
from sim.tolerance.freedoms import Freedom
from sim.tolerance.result import Distribution, ToleranceResult

TALL = 0.2
"""Loss at the top of a curve's frame."""


@dataclass(frozen=True)
class SpreadRow:
    """One score of one region over draws; places in per cent of the strip."""

    region: str
    label: MetricLabel
    nominal: str
    mean: str
    sd: str
    p5: str
    p95: str
    at: Mapping[str, float]
    ends: tuple[str, str]


@dataclass(frozen=True)
class CostCell:
    """One freedom's cost in one region.

    Attributes:
        cost: loss at one spread, as printed.
        bar: the same in per cent of the widest in its table.
        over: whether it is more than is allowed.
        largest: the largest tolerance, as printed.
        curve: points of the loss over the value, in a frame of 100 × 30; "" without one.
        swept: lowest and highest value of the curve, as printed; "" without one.
    """

    cost: str
    bar: float
    over: bool
    largest: str
    curve: str
    swept: str = ""


@dataclass(frozen=True)
class CostRow:
    """One freedom; `positive` says what a positive value does."""

    name: str
    positive: str
    kind: str
    spread: str
    cells: tuple[CostCell, ...]


@dataclass(frozen=True)
class CostTable:
    """All freedoms for one score, the costliest first."""

    label: MetricLabel
    points: bool
    rows: tuple[CostRow, ...]


def tolerance_page(result: ToleranceResult, main: str, record: Mapping[str, Any]) -> str:
    """The page's text."""
    held = {metric for metrics in result.spread.values() for metric in metrics}
    shown = [main, *(metric for metric in METRIC_LABELS if metric in held and metric != main)]
    tables = [cost_table(result, metric) for metric in shown]
    return page(
        "tolerance.html",
        {
            "result": result,
            "regions": list(result.spread),
            "spread": spread_rows(result),
            "tables": [table for table in tables if table.rows],
            "verdict": verdict(result, main),
            "allowed": f"{100 * result.allowed:g} %",
            "limit_y": round(30 * (1 - result.allowed / TALL), 1),
            "colours": layout_colours([result.headset]),
            "record": record,
            "record_json": json.dumps(record, indent=2, ensure_ascii=False),
            "today": date.today().isoformat(),
            "style": Markup(asset("report.css")),
        },
    )


def verdict(result: ToleranceResult, main: str) -> str:
    """Which freedom costs most, in a sentence."""
    ranked = result.ranked(main)
    label = METRIC_LABELS[main].name.lower()
    if not ranked:
        return f"The {label} has no value on these wearers and expressions: no degree of freedom is ranked."
    if not result.worst(ranked[0].key, main) > 0.0:
        return "No degree of freedom costs anything within one spread."
    first = ranked[0]
    region = max(
        (group for group, metrics in result.costs[first.key].items() if main in metrics),
        key=lambda group: _number(result.costs[first.key][group][main].at_spread),
    )
    loss = loss_text(main, result.worst(first.key, main))
    return f"{_start(first.name)} costs most: within {spread_text(first)}, the {label} of the {region} loses {loss}."


def spread_rows(result: ToleranceResult) -> list[SpreadRow]:
    """Rows by region, in the order of the scores."""
    rows = []
    for region, metrics in result.spread.items():
        for metric, label in METRIC_LABELS.items():
            if metric in metrics and metrics[metric].n and not math.isnan(metrics[metric].nominal):
                rows.append(_spread_row(region, label, metrics[metric]))
    return rows


def cost_table(result: ToleranceResult, metric: str) -> CostTable:
    """Freedoms ranked by their cost in one score."""
    ranked = result.ranked(metric)
    costs = {f.key: {region: m.get(metric) for region, m in result.costs[f.key].items()} for f in ranked}
    known = [c.at_spread for own in costs.values() for c in own.values() if c is not None]
    widest = max([_number(value) for value in known], default=0.0) or 1.0
    rows = [
        CostRow(
            _start(f.name),
            f.direction,
            f.kind,
            spread_text(f),
            tuple(_cell(f, metric, costs[f.key].get(region), widest, result.allowed) for region in result.spread),
        )
        for f in ranked
    ]
    return CostTable(METRIC_LABELS[metric], metric in ABSOLUTE, tuple(rows))


def spread_text(freedom: Freedom) -> str:
    """One spread as printed."""
    value = f"{freedom.spread:.2g}"
    if freedom.unit == "×":
        return f"{value} : 1"
    return f"±{value}{'°' if freedom.unit == 'deg' else ' ' + freedom.unit}"


def largest_text(freedom: Freedom, cost: Cost) -> str:
    """The largest tolerance as printed."""
    value = cost.reach if cost.largest is None else cost.largest
    sign = "> " if cost.largest is None else ""
    number = f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    if freedom.unit == "×":
        return f"{sign}{number} : 1"
    return f"{sign}±{number}{'°' if freedom.unit == 'deg' else ' ' + freedom.unit}"


def _value_text(freedom: Freedom, value: float) -> str:
    number = f"{value:g}".replace("-", "−")
    return f"{number} : 1" if freedom.unit == "×" else f"{number}{'°' if freedom.unit == 'deg' else ' ' + freedom.unit}"


def loss_text(metric: str, loss: float) -> str:
    """A loss as printed: per cent of the score, or points of area."""
    if math.isnan(loss):
        return "–"
    value = f"{100 * loss + 0.0:.1f}"
    return f"{value} points" if metric in ABSOLUTE else f"{value} %"


def _cell(freedom: Freedom, metric: str, cost: Cost | None, widest: float, allowed: float) -> CostCell:
    if cost is None or math.isnan(cost.at_spread):
        return CostCell("–", 0.0, False, "–", "")
    return CostCell(
        loss_text(metric, cost.at_spread),
        100 * cost.at_spread / widest,
        cost.at_spread > allowed,
        largest_text(freedom, cost),
        _curve(cost),
        f"from {_value_text(freedom, cost.values[0])} to {_value_text(freedom, cost.values[-1])}",
    )


def _curve(cost: Cost) -> str:
    low, high = cost.values[0], cost.values[-1]
    if not high > low:
        return ""
    points = []
    for value, loss in zip(cost.values, cost.losses, strict=True):
        y = 30 * (1 - min(max(loss, -0.05), TALL) / TALL)
        points.append(f"{100 * (value - low) / (high - low):.1f},{y:.1f}")
    return " ".join(points)


def _spread_row(region: str, label: MetricLabel, d: Distribution) -> SpreadRow:
    low, high = axis_ends([d.nominal, d.p5, d.p95, d.mean - d.sd, d.mean + d.sd])
    if label.bounds is not None:
        low, high = max(low, label.bounds[0]), min(high, label.bounds[1])

    def place(value: float) -> float:
        return round(min(max(100 * (value - low) / (high - low), 0.0), 100.0), 2) if high > low else 50.0

    at = {"nominal": d.nominal, "mean": d.mean, "p5": d.p5, "p95": d.p95, "low": d.mean - d.sd, "high": d.mean + d.sd}
    digits = 0 if high - low >= 10 else 1 if high - low >= 0.5 else 2 if high - low >= 0.05 else 3
    ends = (f"{low:.{digits}f}".replace("-", "−"), f"{high:.{digits}f}".replace("-", "−"))
    nominal, mean, sd, p5, p95 = (label.number(v) for v in (d.nominal, d.mean, d.sd, d.p5, d.p95))
    return SpreadRow(region, label, nominal, mean, sd, p5, p95, {key: place(value) for key, value in at.items()}, ends)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float) -> float:
    return -1.0 if math.isnan(value) else value
