"""Curves of a stress test: of each factor the mesh error of every encoder over its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 340.0, 172.0
LEFT, TOP, RIGHT = 34.0, 8.0, 8.0
FLAT, SLANTED = 24.0, 66.0
"""Room below, px, for labels side by side, and for slanted ones."""
LETTER = 5.1
"""Width of a label's letter, px."""
TICK_STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
MOST_TICKS = 6
BESIDE = 6.0
"""px between bars of several encoders at one step."""
CAP = 2.5
"""Errors are drawn up to so many times the mean predictor's; beyond, a curve leaves the panel."""


@dataclass(frozen=True)
class Mark:
    """One step: place, px, of the mean error and of its interval's ends; what it says when pointed at."""

    x: float
    y: float
    low: float
    high: float
    title: str


@dataclass(frozen=True)
class Curve:
    """One encoder's marks from left to right."""

    colour: str
    marks: tuple[Mark, ...]

    @property
    def band(self) -> str:
        """Outline of the interval."""
        upper = [f"{m.x:.1f},{m.high:.1f}" for m in self.marks]
        return " ".join([*upper, *(f"{m.x:.1f},{m.low:.1f}" for m in reversed(self.marks))])

    @property
    def line(self) -> str:
        """Points of the line."""
        return " ".join(f"{m.x:.1f},{m.y:.1f}" for m in self.marks)


@dataclass(frozen=True)
class Panel:
    """One factor.

    Attributes:
        joined: steps have an order and are joined by a line.
        labels: of the steps, with their places; `slanted` if they do not fit side by side.
        height: of the whole drawing; the axis lies at `HEIGHT - FLAT`.
        fails: names of the encoders that reach a limit.
    """

    name: str
    joined: bool
    curves: tuple[Curve, ...]
    labels: tuple[tuple[str, float], ...]
    slanted: bool
    height: float
    fails: tuple[str, ...]


@dataclass(frozen=True)
class Axis:
    """The common vertical axis, 0 to `top` mm."""

    top: float

    @classmethod
    def of(cls, runs: Sequence[Mapping[str, Any]]) -> Axis:
        """Wide enough for what there is, but for errors far beyond the mean predictor's."""
        steps = [step for run in runs for step in _steps(run)]
        mean = max(step["mean_predictor"]["mesh_mm"] for step in steps)
        worst = max(max(step["errors"]["mesh_mm"]["mean"], (step["errors"]["mesh_mm"]["interval95"] or [0, 0])[1])
                    for step in steps)  # fmt: skip
        return cls(1.05 * max(mean, min(worst, CAP * mean)))

    def y(self, value: float) -> float:
        """px from the top; values beyond stay at the edge."""
        bottom = HEIGHT - FLAT
        return bottom - (bottom - TOP) * min(value, self.top) / self.top

    @staticmethod
    def worst(runs: Sequence[Mapping[str, Any]]) -> float:
        """The largest mean error, mm."""
        return max(float(step["errors"]["mesh_mm"]["mean"]) for run in runs for step in _steps(run))

    @property
    def ticks(self) -> list[tuple[str, float]]:
        """Round values, and their places."""
        step = next((s for s in TICK_STEPS if self.top / s < MOST_TICKS), self.top)
        return [(f"{k * step:g}", self.y(k * step)) for k in range(int(self.top / step) + 1)]


def panels(runs: Sequence[Mapping[str, Any]], colours: Sequence[str], axis: Axis) -> list[Panel]:
    """A panel a factor, in the order in which encoders have them."""
    names = list(dict.fromkeys(name for run in runs for name in run["factors"]))
    return [_panel(name, runs, colours, axis) for name in names]


def _panel(name: str, runs: Sequence[Mapping[str, Any]], colours: Sequence[str], axis: Axis) -> Panel:
    own = [(run, colour) for run, colour in zip(runs, colours, strict=True) if name in run["factors"]]
    first = own[0][0]["factors"][name]
    joined = "tolerance" in first
    steps = [_ordered(run, run["factors"][name], joined) for run, _ in own]
    keys: list[Any] = list(dict.fromkeys(key for part in steps for key in part))
    if joined:
        keys.sort()
    inner = WIDTH - LEFT - RIGHT
    places = {key: LEFT + inner * (k + 0.5) / len(keys) for k, key in enumerate(keys)}
    shift = [0.0 if joined else BESIDE * (k - 0.5 * (len(own) - 1)) for k in range(len(own))]
    curves = tuple(
        Curve(colour, tuple(_mark(step, places[key] + dx, axis, run["name"]) for key, step in part.items()))
        for (run, colour), part, dx in zip(own, steps, shift, strict=True)
    )
    texts = {key: _label(step, key) for part in reversed(steps) for key, step in part.items()}
    labels = tuple((texts[key], places[key]) for key in keys)
    slanted = max(len(text) for text, _ in labels) * LETTER > inner / len(labels)
    height = HEIGHT + (SLANTED - FLAT if slanted else 0)
    fails = tuple(run["name"] for run, _ in own if run["factors"][name]["fails"])
    return Panel(name, joined, curves, labels, slanted, height, fails)


def _ordered(run: Mapping[str, Any], factor: Mapping[str, Any], joined: bool) -> dict[Any, Mapping[str, Any]]:
    """Steps by what places them, the nominal one among them."""
    nominal = run["nominal"]
    if not joined:
        return {step["label"]: step for step in (nominal, *factor["steps"])}
    all_steps = [{**nominal, "severity": float(factor["nominal_severity"])}, *factor["steps"]]
    return {round(step["severity"], 6): step for step in sorted(all_steps, key=lambda step: step["severity"])}


def _label(step: Mapping[str, Any], key: Any) -> str:
    """Short: the unit stands in the panel's title."""
    if isinstance(key, float) and step["label"] != "nominal":
        return str(step["label"]).partition(" ")[0].replace("-", "−")
    return str(step["label"]).replace("_", " ")


def _mark(step: Mapping[str, Any], x: float, axis: Axis, name: str) -> Mark:
    error = step["errors"]["mesh_mm"]
    low, high = error["interval95"] or (error["mean"], error["mean"])
    title = f"{name}, {step['label']}: {error['mean']:.2f} mm ({low:.2f} to {high:.2f})"
    return Mark(x, axis.y(error["mean"]), axis.y(low), axis.y(high), title)


def _steps(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [run["nominal"], *(step for factor in run["factors"].values() for step in factor["steps"])]
