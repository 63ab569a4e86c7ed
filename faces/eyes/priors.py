"""How eyes vary among wearers, and what their numbers may be at all."""

from __future__ import annotations

from dataclasses import dataclass

from faces.distributions import LogNormal, Normal, Uniform
from faces.ranges import Range, check_ranges

RANGES: dict[str, Range] = {
    "pupil_diameter_mm": (1.5, 8.5),
    "iris_albedo": (0.05, 0.6),
    "sclera_albedo": (0.3, 0.8),
    "vessel_strength": (0.0, 0.6),
    "limbus_width_mm": (0.1, 1.6),
    "bright_pupil": (0.0, 2.0),
    "pupil_albedo": (0.0, 0.1),
    "bright_width_rad": (0.005, 0.5),
}
"""What each number of `EyeLook` may be."""


@dataclass(frozen=True)
class EyePriors:
    """Distributions of `EyeLook`; all are priors.

    Attributes:
        pupil_diameter_mm: of the physical pupil at the age of 40; it changes by `pupil_mm_per_year`.
        iris_albedo, sclera_albedo: diffuse, at 850 nm.
        vessel_strength, limbus_width_mm, bright_pupil: see `EyeLook`.
        pupil_albedo, bright_width_rad: see `EyeLook`; alike on all wearers.

    Raises:
        FaceError: a distribution that leaves the range of its number in `RANGES`.
    """

    pupil_diameter_mm: Normal = Normal(mean=4.3, sd=0.8, low=2.0, high=8.0)
    pupil_mm_per_year: float = -0.018
    iris_albedo: Normal = Normal(mean=0.25, sd=0.045, low=0.15, high=0.35)
    sclera_albedo: Normal = Normal(mean=0.60, sd=0.04, low=0.50, high=0.70)
    vessel_strength: Uniform = Uniform(low=0.05, high=0.25)
    limbus_width_mm: Uniform = Uniform(low=0.5, high=1.0)
    bright_pupil: LogNormal = LogNormal(median=0.4, sigma=0.5, low=0.1, high=1.2)
    pupil_albedo: float = 0.02
    bright_width_rad: float = 0.042

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        check_ranges(self, {"pupil_mm_per_year": (-0.1, 0.1)})
