"""Factors that make a frame harder, each as changes to a data-set configuration (docs/dataset.md).

Steps are priors, but those of donning: multiples of the headset's own spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from encoders.errors import EncoderError
from encoders.stress.patches import Patch
from headsets.headset import Headset

DONNING_SDS = (-3.0, -1.5, 1.5, 3.0)
STYLES = ("stubble", "moustache", "goatee", "circle", "full")


def _constant(value: float) -> dict[str, float]:
    return {"constant": float(value)}


def _only(style: str) -> dict[str, float]:
    return {name: float(name == style) for name in ("none", *STYLES)}


NOMINAL: Patch = {
    "render": "fast",
    "donning": {"scale": 0.0, "slip_mm": _constant(0), "slip_deg": _constant(0)},
    "hardware": {"scale": 0.0, "lens_sets": 0, "led_bins": False},
    "light": {
        "current": _constant(1), "warming_k": _constant(0), "failure_share": 0.0, "ambient": {"share": 0.0},
    },
    "exposure": {"bias_stops": _constant(0)},
    "wearers": {"looks": {"glasses": {"share": 0.0}, "hair": {"beard_share": _only("none")}}},
}  # fmt: skip
"""All wearers bare-faced, the headset as designed, worn as designed; who they are and what they do varies."""


@dataclass(frozen=True)
class Point:
    """One step of a factor.

    Attributes:
        label: in words.
        severity: in the factor's unit; 0 is nominal. None: steps have no order.
        patch: what it changes in the nominal configuration.
    """

    label: str
    severity: float | None
    patch: Patch


@dataclass(frozen=True)
class Factor:
    """One thing that gets worse.

    Attributes:
        name, unit: for reports.
        points: without the nominal one.
        wider: what a training set needs to have all of it; over its own configuration.
        point: the step of a severity; None where steps have no order.
        centre: the nominal severity.
    """

    name: str
    unit: str
    points: tuple[Point, ...]
    wider: Patch
    point: Callable[[float], Point] | None = None
    centre: float = 0.0

    @property
    def ordered(self) -> bool:
        """Whether steps have an order."""
        return self.point is not None


def factors_of(headset: Headset, names: Sequence[str] | None = None) -> tuple[Factor, ...]:
    """The factors of a headset; `names` chooses.

    Raises:
        EncoderError: a name that is none of them, or given twice.
    """
    found = (*_donning(headset), *_light(headset), *_wearers(), _hardware())
    if names is None:
        return found
    known = {factor.name: factor for factor in found}
    for name in names:
        if name not in known:
            raise EncoderError(f"unknown factor {name!r}. Factors of {headset.name!r}: {', '.join(known)}")
        if names.count(name) > 1:
            raise EncoderError(f"a factor must be named once, got {name!r} {names.count(name)} times")
    return tuple(known[name] for name in names)


def _line(
    name: str, unit: str, values: Sequence[float], patch: Callable[[float], Patch], wider: Patch, centre: float = 0.0
) -> Factor:
    sign = "+" if min(values) < 0 else ""

    def point(value: float) -> Point:
        return Point(f"{value:{sign}.3g} {unit}", float(value), patch(float(value)))

    return Factor(name, unit, tuple(point(value) for value in values), wider, point, centre)


def _donned(key: str, value: float) -> Patch:
    return {"donning": {key: _constant(value)}}


def _donning(headset: Headset) -> list[Factor]:
    own = headset.donning
    spreads = {
        "lateral_mm": 1e3 * own.lateral_m, "up_mm": 1e3 * own.up_m, "depth_mm": 1e3 * own.depth_m,
        "pitch_deg": np.degrees(own.pitch_rad), "yaw_deg": np.degrees(own.yaw_rad),
        "roll_deg": np.degrees(own.roll_rad),
    }  # fmt: skip
    out = []
    for key, spread in spreads.items():
        name, _, unit = key.partition("_")
        values = [k * float(spread) for k in DONNING_SDS]
        wider = {"donning": {key: {"uniform": {"low": min(values), "high": max(values)}}}}
        out.append(_line(name, unit, values, partial(_donned, key), wider))
    slip = {"donning": {"slip_mm": {"normal": {"sd": 3.0}}, "slip_deg": {"normal": {"sd": 2.0}}}}
    out.append(
        _line("slip", "mm", (0.5, 1.0, 2.0, 3.0), lambda v: {"donning": {
            "slip_mm": {"normal": {"sd": v}}, "slip_deg": {"normal": {"sd": v / 1.5}}}}, slip)  # as 0.6 mm to 0.4°
    )  # fmt: skip
    return out


def _light(headset: Headset) -> list[Factor]:
    ambient = {"share": 1.0, "sun_share": 0.0}
    failures = tuple(Point(name, None, {"light": {"failed": [name]}}) for name in headset.leds)
    return [
        _line("led_current", "×", (0.25, 0.5, 2.0, 4.0), lambda v: {"light": {"current": _constant(v)}},
              {"light": {"current": {"log_normal": {"median": 1.0, "sigma": 0.46}}}}, 1.0),
        Factor("led_failure", "LED", failures, {"light": {"failure_share": 0.1}}),
        _line("ambient", "W/m²", (0.05, 0.2, 1.0, 5.0),
              lambda v: {"light": {"ambient": {**ambient, "irradiance_w_m2": _constant(v)}}},
              {"light": {"ambient": {"share": 0.5, "irradiance_w_m2": {"log_normal": {"median": 0.3, "sigma": 1.0}}}}}),
        _line("exposure", "stops", (-2.0, -1.0, 1.0, 2.0), lambda v: {"exposure": {"bias_stops": _constant(v)}},
              {"exposure": {"bias_stops": {"uniform": {"low": -2.0, "high": 2.0}}}}),
    ]  # fmt: skip


def _wearers() -> list[Factor]:
    def looks(part: Patch) -> Patch:
        return {"wearers": {"looks": part}}

    glasses = Point("worn", None, looks({"glasses": {"share": 1.0}}))
    beards = tuple(Point(style, None, looks({"hair": {"beard_share": _only(style)}})) for style in STYLES)
    even = dict.fromkeys(("none", *STYLES), 1.0)
    return [
        Factor("glasses", "", (glasses,), looks({"glasses": {"share": 0.5}})),
        Factor("beard", "style of men", beards, looks({"hair": {"beard_share": even}})),
        _line("identity", "× spread", (0.0, 0.5, 1.25, 1.5), lambda v: {"wearers": {"spread": _constant(v)}},
              {"wearers": {"spread": {"uniform": {"low": 0.5, "high": 1.5}}}}, 1.0),
    ]  # fmt: skip


def _hardware() -> Factor:
    return _line(
        "miscalibration", "× tolerance", (1.0, 2.0, 4.0, 8.0),
        lambda v: {"hardware": {"scale": v, "lens_sets": 1}}, {"hardware": {"scale": 4.0}},
    )  # fmt: skip
