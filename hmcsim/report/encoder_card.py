"""An encoder, trained and stressed, in short: a section of another page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hmcsim.report.pictures import Picture
from hmcsim.report.stress import Shown


@dataclass(frozen=True)
class EncoderCard:
    """What was made.

    Attributes:
        frames, cameras: of the training set; `sheet` shows some.
        skipped: why nothing was trained; "": something was, and what follows is there.
        steps: of the training; `fit`: mean absolute error of the weights at its first and last report.
        nominal_mm, mean_predictor_mm: mesh errors on wearers that the encoder does not know.
        frames_stressed: at every step.
        curves: see `hmcsim.report.stress.curves_context`.
        worst: frames.
        href: of the stress test's own page.
    """

    headset: str
    frames: int
    cameras: int
    sheet: Picture
    skipped: str = ""
    steps: int = 0
    fit: tuple[float, float] = (0.0, 0.0)
    nominal_mm: float = 0.0
    mean_predictor_mm: float = 0.0
    frames_stressed: int = 0
    curves: Mapping[str, Any] | None = None
    worst: tuple[Shown, ...] = ()
    href: str = ""
