"""The page about a stress test: the mesh error at every step, with intervals, limits and the mean predictor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from hmcsim.report.write import asset, page

WIDTH, HEIGHT = 340.0, 170.0
LEFT, BOTTOM, TOP, RIGHT = 34.0, 24.0, 8.0, 8.0
TICK_STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
MOST_TICKS = 6


@dataclass(frozen=True)
class Mark:
    """One step in a panel, px: the mean error, its interval, the mean predictor."""

    label: str
    x: float
    y: float
    low: float
    high: float
    mean_predictor: float


@dataclass(frozen=True)
class Panel:
    """One factor.

    Attributes:
        marks: from left to right.
        joined: steps have an order and are joined by a line.
        tolerance: in words; "" where steps have no order.
        worst: the worst frame, in words.
    """

    name: str
    marks: tuple[Mark, ...]
    joined: bool
    fails: bool
    tolerance: str
    worst: str

    @property
    def band(self) -> str:
        """Outline of the interval."""
        upper = [f"{m.x:.1f},{m.high:.1f}" for m in self.marks]
        return " ".join([*upper, *(f"{m.x:.1f},{m.low:.1f}" for m in reversed(self.marks))])

    def line(self, what: str) -> str:
        """Points of a line through `y` or `mean_predictor`."""
        return " ".join(f"{m.x:.1f},{getattr(m, what):.1f}" for m in self.marks)


def stress_page(found: Mapping[str, Any], software: str) -> str:
    """The page's text.

    Args:
        found: what stress.json holds.
        software: version of hmcsim.
    """
    steps = [found["nominal"], *(step for factor in found["factors"].values() for step in factor["steps"])]
    top = 1.05 * max(
        max(step["errors"]["mesh_mm"]["mean"] for step in steps),
        max((step["errors"]["mesh_mm"]["interval95"] or [0, 0])[1] for step in steps),
        max(step["mean_predictor"]["mesh_mm"] for step in steps),
    )
    panels = [_panel(name, factor, found["nominal"], top) for name, factor in found["factors"].items()]
    limits: dict[str, float] = {name: _y(value, top) for name, value in found["limits_mm"].items() if value <= top}
    return page(
        "stress.html",
        {
            "found": found,
            "panels": panels,
            "limits": limits,
            "ticks": [(f"{value:g}", _y(value, top)) for value in _ticks(top)],
            "size": (WIDTH, HEIGHT, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT),
            "software": software,
            "today": date.today().isoformat(),
            "style": Markup(asset("report.css")),
        },
    )


def _panel(name: str, factor: Mapping[str, Any], nominal: Mapping[str, Any], top: float) -> Panel:
    tolerance = factor.get("tolerance")
    steps = list(factor["steps"])
    if tolerance is None:
        places = _even(len(steps) + 1)
        ordered = [nominal, *steps]
    else:
        centre = float(factor["nominal_severity"])
        ordered = sorted([{**nominal, "severity": centre}, *steps], key=lambda step: step["severity"])
        places = _even(len(ordered))
    marks = tuple(_mark(step, x, top) for step, x in zip(ordered, places, strict=True))
    worst = max((frame for step in steps for frame in step["worst"]), key=lambda frame: frame["mesh_mm"])
    words = f"frame {worst['key']}, {worst['expression']}: {worst['mesh_mm']:.2f} mm"
    borne = (
        "" if tolerance is None else " | ".join(_borne(tolerance[k], factor["unit"]) for k in ("absolute", "relative"))
    )
    return Panel(name.replace("_", " "), marks, tolerance is not None, bool(factor["fails"]), borne, words)


def _mark(step: Mapping[str, Any], x: float, top: float) -> Mark:
    own = step["errors"]["mesh_mm"]
    low, high = own["interval95"] or (own["mean"], own["mean"])
    return Mark(step["label"], x, _y(own["mean"], top), _y(low, top), _y(high, top),
                _y(step["mean_predictor"]["mesh_mm"], top))  # fmt: skip


def _even(count: int) -> Sequence[float]:
    """Steps stand at even distances: some grow by factors, some by differences."""
    inner = WIDTH - LEFT - RIGHT
    return [LEFT + inner * (k + 0.5) / count for k in range(count)]


def _ticks(top: float) -> list[float]:
    """Round values from 0 to the top, mm."""
    step = next((s for s in TICK_STEPS if top / s < MOST_TICKS), top)
    return [round(k * step, 6) for k in range(int(top / step) + 1)]


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _borne(both: Sequence[float | None], unit: str) -> str:
    low, high = ("all swept" if value is None else f"{value:.2g}" for value in both)
    return f"{low} to {high} {unit}".strip()
