"""The report's section on observability: errors that are left, what each camera is worth, what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.counted import counted
from sim.metrics.result import summarise
from sim.observability.diagnosis import OBSERVABLE
from sim.observability.evaluate import ALL
from sim.observability.result import Observability


@dataclass(frozen=True)
class RegionRow:
    """One region, as printed: mm that are left, mean ± SD and 5th to 95th percentile, and mm without any image."""

    region: str
    mean: str
    sd: str
    span: str
    prior: str


@dataclass(frozen=True)
class CameraRow:
    """One camera, as printed: bits by it alone and beyond the others, and mm (of all regions) without it."""

    camera: str
    alone: str
    added: str
    without: str
    loss: str


@dataclass(frozen=True)
class Unobservable:
    """A parameter that cannot be told in some states: why not -> share of all states, per cent."""

    parameter: str
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class ObservabilityPanel:
    """One layout.

    Attributes:
        headline: the one score.
        worst: parameters with the largest share of their prior SD left: name -> (share in per cent, SD as text).
    """

    headline: str
    bits: str
    states: str
    regions: tuple[RegionRow, ...]
    cameras: tuple[CameraRow, ...]
    worst: Mapping[str, tuple[int, str]]
    unobservable: tuple[Unobservable, ...]


def observability_panels(observed: Mapping[str, Observability]) -> dict[str, ObservabilityPanel]:
    """Panels by layout."""
    return {name: observability_panel(one) for name, one in observed.items()}


def observability_panel(one: Observability) -> ObservabilityPanel:
    """One layout's numbers as text."""
    whole = one.observability_mm
    wearers, expressions = one.bits.shape
    return ObservabilityPanel(
        f"{whole.mean:.3f}",
        f"{one.bits.mean():.0f}",
        f"{counted(wearers, 'wearer')} × {counted(expressions, 'expression')} ({', '.join(one.expressions)})",
        tuple(_region(region, values, one.prior_mm[region]) for region, values in one.mm.items()),
        tuple(_camera(one, c, name) for c, name in enumerate(one.cameras)),
        _worst(one),
        tuple(
            Unobservable(name, {why: round(100 * share) for why, share in reasons.items() if why != OBSERVABLE})
            for name, reasons in one.unobservable().items()
        ),
    )


def _region(region: str, values: NDArray[np.float64], prior: NDArray[np.float64]) -> RegionRow:
    s = summarise(values)
    low, high = np.percentile(values, [5, 95])
    name = "all regions" if region == ALL else region.replace("_", " ")
    return RegionRow(name, f"{s.mean:.3f}", f"{s.sd:.3f}", f"{low:.3f}–{high:.3f}", f"{prior.mean():.2f}")


def _camera(one: Observability, c: int, name: str) -> CameraRow:
    without, whole = one.mm_without[ALL][c].mean(), one.mm[ALL].mean()
    return CameraRow(
        name,
        f"{one.bits_alone[c].mean():.0f}",
        f"{one.bits_added[c].mean():.0f}",
        f"{without:.3f}",
        f"+{100 * (without / whole - 1):.0f} %",
    )


def _worst(one: Observability, count: int = 10) -> dict[str, tuple[int, str]]:
    left = one.sd.mean(axis=(0, 1)) / one.prior_sd
    order = np.argsort(-left, kind="stable")[:count]
    return {
        one.parameters[k]: (
            round(100 * float(left[k])),
            f"{one.sd[..., k].mean():.3f}{' ' + one.units[k] if one.units[k] else ''}",
        )
        for k in order
    }
