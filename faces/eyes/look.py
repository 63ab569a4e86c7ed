"""How a wearer's eyes look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError

RANGES: dict[str, tuple[float, float]] = {
    "pupil_diameter_mm": (1.5, 8.5),
    "iris_albedo": (0.05, 0.6),
    "sclera_albedo": (0.3, 0.8),
    "vessel_strength": (0.0, 0.6),
    "limbus_width_mm": (0.1, 1.6),
    "bright_pupil": (0.0, 2.0),
}
"""What each number may be."""


@dataclass(frozen=True)
class EyeLook:
    """Eyes of one wearer; every number but the seed is a prior.

    Attributes:
        pupil_diameter_mm: of the physical pupil, both eyes; the cornea shows it 1.14 times larger.
        seed: of the iris's texture and the sclera's vessels.
        iris_albedo: mean diffuse albedo of the iris, 850 and 940 nm alike: pigment hardly absorbs there.
        sclera_albedo: of the sclera at 850 nm; at 940 nm it is 0.9 times that.
        vessel_strength: share of the light that the sclera's strongest vessels take away.
        limbus_width_mm: over which iris turns into sclera.
        bright_pupil: peak of what the fundus sends back towards an LED, as the albedo of a Lambertian surface in the
            pupil's plane.

    Raises:
        FaceError: a number outside its range in `RANGES`, or a negative seed.
    """

    pupil_diameter_mm: float = 3.6
    seed: int = 0
    iris_albedo: float = 0.26
    sclera_albedo: float = 0.60
    vessel_strength: float = 0.14
    limbus_width_mm: float = 0.8
    bright_pupil: float = 0.4

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise FaceError(f"`{low:g} <= {name} <= {high:g}` must hold, got {value} (EyeLook)")
        if self.seed < 0:
            raise FaceError(f"`seed >= 0` must hold, got {self.seed} (EyeLook)")


def sample_eye_look(rng: np.random.Generator, *, age_years: float = 40.0) -> EyeLook:
    """Draw an adult's eyes; pupils shrink with age. All distributions are priors.

    Args:
        rng: the only source of randomness.
        age_years: of the wearer.

    Raises:
        FaceError: an age below 0 or not finite.
    """
    if not 0.0 <= age_years < np.inf:
        raise FaceError(f"`0 <= age_years < inf` must hold, got {age_years} (sample_eye_look)")
    seed = int(rng.integers(2**31))
    pupil = 4.3 - 0.018 * (min(age_years, 90.0) - 40.0) + 0.8 * rng.standard_normal()
    return EyeLook(
        pupil_diameter_mm=round(float(np.clip(pupil, 2.0, 8.0)), 3),
        seed=seed,
        iris_albedo=round(float(np.clip(0.25 + 0.045 * rng.standard_normal(), 0.15, 0.35)), 4),
        sclera_albedo=round(float(np.clip(0.60 + 0.04 * rng.standard_normal(), 0.50, 0.70)), 4),
        vessel_strength=round(float(rng.uniform(0.05, 0.25)), 4),
        limbus_width_mm=round(float(rng.uniform(0.5, 1.0)), 4),
        bright_pupil=round(float(np.clip(0.4 * np.exp(0.5 * rng.standard_normal()), 0.1, 1.2)), 4),
    )
