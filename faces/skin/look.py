"""How a wearer's skin looks; drawn apart from the shape of the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError
from faces.skin.reflectance import TAIL_SHARE, draw_reflectance

SEXES = ("male", "female")
RANGES: dict[str, tuple[float, float]] = {
    "oiliness": (0.0, 1.0),
    "wrinkles": (0.0, 1.0),
    "pores": (0.0, 2.0),
    "stubble": (0.0, 1.0),
    "freckles": (0.0, 1.0),
    "lip_contrast": (0.0, 2.0),
}
MOST_NEVI = 40


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

    def __post_init__(self) -> None:
        if len(self.reflectance) != 2 or not all(0.06 < value < 0.9 for value in self.reflectance):
            raise FaceError(f"`0.06 < reflectance < 0.9` must hold at 850 and 940 nm, got {self.reflectance} (skin)")
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise FaceError(f"`{low:g} <= {name} <= {high:g}` must hold, got {value} (skin)")
        if not 0 <= self.nevi <= MOST_NEVI:
            raise FaceError(f"`0 <= nevi <= {MOST_NEVI}` must hold, got {self.nevi} (skin)")
        if self.seed < 0:
            raise FaceError(f"`seed >= 0` must hold, got {self.seed} (skin)")


def sample_skin_look(
    rng: np.random.Generator,
    *,
    sex: str | None = None,
    age_years: float | None = None,
    tail_share: float = TAIL_SHARE,
) -> SkinLook:
    """The skin of a random adult.

    Args:
        rng: the only source of randomness.
        sex: "male" or "female", for stubble; None: either, with equal chances.
        age_years: for wrinkles; None: uniform from 18 to 65.
        tail_share: share of wearers darker than NIST's range; see `faces.skin.reflectance`.

    Raises:
        FaceError: unknown sex, an age outside [18, 100], a share outside [0, 1].
    """
    if sex is not None and sex not in SEXES:
        raise FaceError(f"unknown sex {sex!r}. Sexes: {', '.join(SEXES)}")
    if age_years is not None and not 18.0 <= age_years <= 100.0:
        raise FaceError(f"`18 <= age_years <= 100` must hold, got {age_years}")
    coin, any_age = rng.random(), rng.uniform(18.0, 65.0)
    sex = sex or SEXES[int(coin < 0.5)]
    age = any_age if age_years is None else age_years
    reflectance = draw_reflectance(rng, tail_share=tail_share)[0]
    oiliness = rng.beta(2.5, 2.5)
    wrinkles = np.clip((age - 20.0) / 55.0 + 0.10 * rng.standard_normal(), 0.0, 1.0)
    pores = np.clip(np.exp(0.25 * rng.standard_normal()) * (0.8 + 0.4 * oiliness), 0.4, 2.0)
    shaved = rng.uniform(0.1, 0.9) * (rng.random() < 0.7)
    freckled = rng.uniform(0.2, 1.0) * (rng.random() < 0.2) * (reflectance[0] > 0.52)
    return SkinLook(
        reflectance=(float(reflectance[0]), float(reflectance[1])),
        oiliness=float(oiliness),
        wrinkles=float(wrinkles),
        pores=float(pores),
        stubble=float(shaved) if sex == "male" else 0.0,
        nevi=int(min(rng.poisson(4.0), MOST_NEVI)),
        freckles=float(freckled),
        lip_contrast=float(np.clip(1.0 + 0.25 * rng.standard_normal(), 0.3, 1.7)),
        seed=int(rng.integers(2**31)),
    )
