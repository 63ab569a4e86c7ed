"""The report's section on light and signal: maps on the face by LED and by camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmcsim.report.heat import FRONT, SIDE, HeatPainter
from hmcsim.report.pictures import Picture, readable
from sim.metrics.signal import SignalScores

SignalMaps = SignalScores
"""What the section is made from."""
TOP_PERCENTILE = 99.0
"""Scales end at this percentile of the face, rounded up, so that a few glancing spots do not darken the rest."""
WORST = 0.2
"""Scales of clipped and dark shares end here at least."""


@dataclass(frozen=True)
class MapRow:
    """Maps on one scale, from 0 to `top`.

    Attributes:
        pictures: caption -> picture.
    """

    title: str
    unit: str
    top: str
    pictures: Mapping[str, Picture]


@dataclass(frozen=True)
class SignalPanel:
    """One layout.

    Attributes:
        exposures: camera -> its exposures over all frames, as text.
    """

    rows: tuple[MapRow, ...]
    exposures: Mapping[str, str]


def signal_panels(signal: Mapping[str, SignalMaps], painter: HeatPainter) -> dict[str, SignalPanel]:
    """Panels by layout."""
    return {name: _panel(name, scores, painter) for name, scores in signal.items()}


def _panel(layout: str, scores: SignalMaps, painter: HeatPainter) -> SignalPanel:
    total = np.sum(list(scores.irradiance.values()), axis=0) if scores.irradiance else None
    rows = []
    if total is not None:
        top = nice_top([total])
        pictures = {
            "all LEDs": painter.paint(total / top, FRONT, f"{layout}: irradiance by all LEDs"),
            "all LEDs, side": painter.paint(total / top, SIDE, f"{layout}: irradiance by all LEDs, side"),
        }
        rows.append(MapRow("Irradiance, all LEDs", "mW/cm²", f"{top:g}", pictures))
        rows.append(_row(layout, "Irradiance by LED", "mW/cm²", scores.irradiance, painter))
    by_camera = scores.maps
    rows.append(_row(layout, "SNR by camera", "", {c: m.snr for c, m in by_camera.items()}, painter))
    for title, attribute in (("Saturated share by camera", "saturated"), ("Black share by camera", "black")):
        values = {c: getattr(m, attribute) for c, m in by_camera.items()}
        rows.append(_row(layout, title, "", values, painter, least=WORST))
    exposures = {
        camera: exposure_text(scores.exposures_us[camera], scores.gains[camera]) for camera in scores.exposures_us
    }
    return SignalPanel(tuple(rows), exposures)


def _row(
    layout: str,
    title: str,
    unit: str,
    maps: Mapping[str, NDArray[np.float32]],
    painter: HeatPainter,
    least: float = 0.0,
) -> MapRow:
    top = max(nice_top(list(maps.values())), least)
    pictures = {
        readable(name): painter.paint(np.clip(values / top, 0, 1), FRONT, f"{layout}: {title}, {name}")
        for name, values in maps.items()
    }
    return MapRow(title, unit, f"{top:g}", pictures)


def nice_top(maps: list[NDArray[np.floating]]) -> float:
    """1, 1.5, 2, 3, 5 or 7 times a power of ten, above nearly all values."""
    known = np.concatenate([values[np.isfinite(values)] for values in maps])
    high = float(np.percentile(known, TOP_PERCENTILE)) if len(known) else 0.0
    if not high > 0.0:
        return 1.0
    decade = 10.0 ** np.floor(np.log10(high))
    return float(next((k * decade for k in (1, 1.5, 2, 3, 5, 7) if k * decade >= high), 10 * decade))


def exposure_text(exposures_us: NDArray[np.float64], gains: NDArray[np.float64]) -> str:
    """Range of exposures and gains."""

    def span(values: NDArray[np.float64], digits: int) -> str:
        low, high = (f"{v:.{digits}f}" for v in (values.min(), values.max()))
        return low if low == high else f"{low}–{high}"

    return f"{span(exposures_us, 0)} µs, gain {span(gains, 1)}"
