"""How a wearer's eyes look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError
from faces.eyes.priors import RANGES, EyePriors
from faces.ranges import check_ranges, check_seed


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
        pupil_albedo: of what else the pupil throws back, diffusely.
        bright_width_rad: half width (1/e) of the lobe in which the fundus sends light back to an LED.

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
    pupil_albedo: float = 0.02
    bright_width_rad: float = 0.042

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        check_seed(self)


def sample_eye_look(rng: np.random.Generator, *, age_years: float = 40.0, priors: EyePriors = EyePriors()) -> EyeLook:
    """Draw an adult's eyes; pupils shrink with age.

    Args:
        rng: the only source of randomness.
        age_years: of the wearer.
        priors: what is drawn from.

    Raises:
        FaceError: an age below 0 or not finite.
    """
    if not 0.0 <= age_years < np.inf:
        raise FaceError(f"`0 <= age_years < inf` must hold, got {age_years} (sample_eye_look)")
    seed = int(rng.integers(2**31))
    older = priors.pupil_mm_per_year * (min(age_years, 90.0) - 40.0)
    return EyeLook(
        pupil_diameter_mm=round(priors.pupil_diameter_mm.of(rng.standard_normal(), older), 3),
        seed=seed,
        iris_albedo=round(priors.iris_albedo.of(rng.standard_normal()), 4),
        sclera_albedo=round(priors.sclera_albedo.of(rng.standard_normal()), 4),
        vessel_strength=round(priors.vessel_strength.draw(rng), 4),
        limbus_width_mm=round(priors.limbus_width_mm.draw(rng), 4),
        bright_pupil=round(priors.bright_pupil.of(rng.standard_normal()), 4),
        pupil_albedo=priors.pupil_albedo,
        bright_width_rad=priors.bright_width_rad,
    )
