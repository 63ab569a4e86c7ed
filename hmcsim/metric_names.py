"""Names, units, number formats and definitions of the scores, as people read them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.metrics.result import MOTION_METRICS, Statistic


@dataclass(frozen=True)
class MetricLabel:
    """How one score is shown.

    Attributes:
        symbol: short, as formulas have it.
        unit: "" for pure numbers.
        digits: after the decimal point.
        definition: one sentence or two, for the reader of a report.
        bounds: least and largest value there can be; None: there are none that matter.
    """

    name: str
    symbol: str
    unit: str
    digits: int
    definition: str
    bounds: tuple[float, float] | None = None

    def number(self, value: float) -> str:
        """A value in this score's format; a dash for NaN; a true minus sign."""
        return "–" if math.isnan(value) else f"{value:.{self.digits}f}".replace("-", "−")

    def signed(self, value: float) -> str:
        """A difference in this score's format, with its sign unless it is printed as 0."""
        text = f"{value:+.{self.digits}f}"
        return "–" if math.isnan(value) else text[1:] if float(text) == 0.0 else text.replace("-", "−")

    def with_spread(self, statistic: Statistic) -> str:
        """Mean ± SD (5th percentile)."""
        if math.isnan(statistic.mean):
            return "–"
        return f"{self.number(statistic.mean)} ± {self.number(statistic.sd)} ({self.number(statistic.p5)})"


METRIC_LABELS = {
    "visibility": MetricLabel(
        "Visibility", "V", "", 3,
        "REFA equation 1: the mean over a region's surface of −n·z, the cosine between the surface normal n and the "
        "camera's optical axis z, reversed. 1 is square to the camera, 0 edge-on. As in the paper it knows neither "
        "occlusion nor the image's edge.",
        (-1.0, 1.0),
    ),
    "range_of_motion": MetricLabel(
        "Range of motion", "M", "px", 2,
        "REFA equation 2: the Frobenius norm of the displacement of a region's keypoints in the image between neutral "
        "and an expression, averaged over expressions. It grows with the number of keypoints and the focal length, so "
        "compare layouts, not papers.",
    ),
    "visibility_seen": MetricLabel(
        "Visibility, seen", "Vₛ", "", 3,
        "The same mean as V with every point counted as 0 that faces away, falls outside the image, or hides behind "
        "face, housing or glasses.",
        (0.0, 1.0),
    ),
    "visible_fraction": MetricLabel(
        "Visible share", "F", "", 3,
        "The share of the region's area that the camera sees: facing it, inside the image, not hidden.",
        (0.0, 1.0),
    ),
    "coverage": MetricLabel(
        "Coverage", "C", "", 3,
        "The share of the region's area that at least one of its cameras sees: what they see together.",
        (0.0, 1.0),
    ),
    "resolution_px_per_mm": MetricLabel(
        "Resolution", "R", "px/mm", 2,
        "How many pixels a millimetre of visible skin covers: the square root of image area over surface area, "
        "averaged over what is seen.",
    ),
    "snr": MetricLabel(
        "Signal to noise", "SNR", "", 1,
        "Mean digital number above the offset over the standard deviation of all noise (shot, read, fixed pattern, "
        "rounding; EMVA 1288), averaged over the visible skin that is not saturated.",
    ),
    "saturated_fraction": MetricLabel(
        "Saturated share", "Sat", "", 3,
        "The share of the region's visible area whose pixels have a full well or the largest number. Lower is better.",
        (0.0, 1.0),
    ),
    "black_fraction": MetricLabel(
        "Black share", "Blk", "", 3,
        "The share of the region's visible area with a signal below its noise (SNR < 1). Lower is better.",
        (0.0, 1.0),
    ),
    "observability_mm": MetricLabel(
        "Observability", "O", "mm", 3,
        "The RMS error of the region's surface that the best estimator of expression and gaze is left with, given all "
        "cameras' images (Cramér–Rao bound, with stated priors). Lower is better.",
    ),
}  # fmt: skip
"""The scores that tables show, in their order; those that a result lacks are left out."""

NEEDS = {
    "snr": "signal", "saturated_fraction": "signal", "black_fraction": "signal", "observability_mm": "observability",
}  # fmt: skip
"""Scores that are taken only where an option asks for them; all others always are."""


def scores_taken(signal: bool, observability: bool) -> list[str]:
    """Names of the scores that a run takes, those that no table shows (`MOTION_METRICS`) included."""
    asked = {"signal": signal, "observability": observability}
    return [name for name in dict.fromkeys([*METRIC_LABELS, *MOTION_METRICS]) if asked.get(NEEDS.get(name, ""), True)]


def needed_option(name: str) -> str:
    """ " (with --signal)" for a score that needs it, for messages; "" for others."""
    return f" (with --{NEEDS[name]})" if name in NEEDS else ""
