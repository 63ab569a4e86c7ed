"""How a wearer's skin looks; drawn apart from the shape of the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError
from faces.ranges import check_pair, check_ranges, check_seed
from faces.skin.detail import SkinDetail
from faces.skin.priors import HIGHEST_REFLECTANCE, LOWEST_REFLECTANCE, MOST_NEVI, RANGES, SkinPriors
from faces.skin.reflectance import draw_reflectance

SEXES = ("male", "female")


@dataclass(frozen=True)
class SkinLook:
    """Skin of one wearer; all but the reflectance are priors.

    Attributes:
        reflectance: hemispherical reflectance at 850 and 940 nm, specular part included.
        oiliness: 0 dry to 1 oily: how much smoother and brighter the sheen of forehead, nose and chin is.
        wrinkles: 0 none to 1 deep: lines at rest and how deeply expressions fold the skin.
        pores: depth of pores and fine relief, 1 for the mean adult, 0 for none.
        stubble: darkening of the shaved beard area, 0 none to 1 strong.
        nevi: number of moles on the face.
        freckles: 0 none to 1 many; faint in the near infrared.
        lip_contrast: how far the lips are darker than the skin; 1 for the material's own albedo, 0 for none.
        seed: of everything drawn on the skin.
        detail: how strong its fine structure is.

    Raises:
        FaceError: a value outside its range; reflectance not in (0.06, 0.9).
    """

    reflectance: tuple[float, float] = (0.603, 0.532)
    oiliness: float = 0.5
    wrinkles: float = 0.3
    pores: float = 1.0
    stubble: float = 0.0
    nevi: int = 3
    freckles: float = 0.0
    lip_contrast: float = 1.0
    seed: int = 0
    detail: SkinDetail = SkinDetail()

    def __post_init__(self) -> None:
        check_pair(self, "reflectance", LOWEST_REFLECTANCE, HIGHEST_REFLECTANCE)
        check_ranges(self, RANGES)
        check_seed(self)


def sample_skin_look(
    rng: np.random.Generator,
    *,
    sex: str | None = None,
    age_years: float | None = None,
    priors: SkinPriors = SkinPriors(),
) -> SkinLook:
    """The skin of a random adult.

    Args:
        rng: the only source of randomness.
        sex: "male" or "female", for stubble; None: either, with equal chances.
        age_years: for wrinkles; None: uniform from 18 to 65.
        priors: what is drawn from.

    Raises:
        FaceError: unknown sex, an age outside [18, 100].
    """
    if sex is not None and sex not in SEXES:
        raise FaceError(f"unknown sex {sex!r}. Sexes: {', '.join(SEXES)}")
    if age_years is not None and not 18.0 <= age_years <= 100.0:
        raise FaceError(f"`18 <= age_years <= 100` must hold, got {age_years}")
    coin, any_age = rng.random(), rng.uniform(18.0, 65.0)
    sex = sex or SEXES[int(coin < 0.5)]
    age = any_age if age_years is None else age_years
    reflectance = draw_reflectance(rng, priors=priors.reflectance)[0]
    oiliness = priors.oiliness.draw(rng)
    wrinkles = priors.wrinkles.of(rng.standard_normal(), age)
    slope = priors.pores_per_oiliness
    pores = priors.pores.of(rng.standard_normal(), (1.0 - 0.5 * slope) + slope * oiliness)
    shaved = priors.stubble.draw(rng) * (rng.random() < priors.stubble_share)
    freckled = priors.freckles.draw(rng) * (rng.random() < priors.freckles_share)
    freckled *= bool(reflectance[0] > priors.freckles_above)
    return SkinLook(
        reflectance=(float(reflectance[0]), float(reflectance[1])),
        oiliness=oiliness,
        wrinkles=wrinkles,
        pores=pores,
        stubble=float(shaved) if sex == "male" else 0.0,
        nevi=int(min(rng.poisson(priors.nevi_mean), MOST_NEVI)),
        freckles=float(freckled),
        lip_contrast=priors.lip_contrast.of(rng.standard_normal()),
        seed=int(rng.integers(2**31)),
        detail=priors.detail,
    )
