"""How skin varies among wearers, and what its numbers may be at all."""

from __future__ import annotations

from dataclasses import dataclass

from faces.distributions import Ageing, Beta, LogNormal, Normal, Uniform
from faces.errors import FaceError
from faces.ranges import Range, check_pair, check_ranges
from faces.skin.detail import SkinDetail

LOWEST_REFLECTANCE, HIGHEST_REFLECTANCE = 0.06, 0.9
MOST_NEVI = 40
RANGES: dict[str, Range] = {
    "oiliness": (0.0, 1.0),
    "wrinkles": (0.0, 1.0),
    "pores": (0.0, 2.0),
    "stubble": (0.0, 1.0),
    "nevi": (0, MOST_NEVI),
    "freckles": (0.0, 1.0),
    "lip_contrast": (0.0, 2.0),
}
"""Of `SkinLook`."""


@dataclass(frozen=True)
class ReflectancePriors:
    """Hemispherical reflectance at 850 and 940 nm, specular part included; see `faces.skin.reflectance`.

    Attributes:
        mean, sd, low, high, correlation: of measured skin [NIST, 100 forearms, doi 10.18434/M38597].
        tail_share: of wearers darker than any of them [prior].
        tail_low: the darkest at 850 nm [prior].

    Raises:
        FaceError: no beta distribution has that mean and SD between these limits, or a number is out of its range.
    """

    mean: tuple[float, float] = (0.603, 0.532)
    sd: tuple[float, float] = (0.033, 0.024)
    low: tuple[float, float] = (0.490, 0.468)
    high: tuple[float, float] = (0.665, 0.581)
    correlation: float = 0.93
    tail_share: float = 0.15
    tail_low: float = 0.35

    def __post_init__(self) -> None:
        for name in ("low", "mean", "high"):
            check_pair(self, name, LOWEST_REFLECTANCE, HIGHEST_REFLECTANCE)
        for low, mean, high, sd in zip(self.low, self.mean, self.high, self.sd, strict=True):
            if not low < mean < high:
                raise FaceError(f"`low < mean < high` must hold, got {low:g}, {mean:g}, {high:g} (ReflectancePriors)")
            most = ((mean - low) * (high - mean)) ** 0.5
            if not 0.001 <= sd < most:
                raise FaceError(
                    f"`0.001 <= sd < {most:.3g}` must hold between these limits, got {sd:g} (ReflectancePriors)"
                )
        check_ranges(self, {"correlation": (0.0, 0.999), "tail_share": (0.0, 1.0)})
        check_ranges(self, {"tail_low": (0.1, self.low[0])})


@dataclass(frozen=True)
class SkinPriors:
    """Distributions of `SkinLook`; all but the reflectance's are priors.

    Attributes:
        reflectance: see there.
        oiliness, lip_contrast: of every wearer.
        wrinkles: grow with age.
        pores: of a wearer of oiliness 0.5; `pores_per_oiliness` is the relative change from oiliness 0 to 1.
        stubble, stubble_share: its strength in men who have any, and how many do.
        freckles, freckles_share: likewise of those whose reflectance at 850 nm is above `freckles_above`.
        nevi_mean: Poisson mean of the number of moles.
        detail: alike on all wearers.

    Raises:
        FaceError: a distribution that leaves the range of its number in `RANGES`.
    """

    reflectance: ReflectancePriors = ReflectancePriors()
    oiliness: Beta = Beta(a=2.5, b=2.5, low=0.0, high=1.0)
    wrinkles: Ageing = Ageing(from_years=20.0, over_years=55.0, sd=0.10, low=0.0, high=1.0)
    pores: LogNormal = LogNormal(median=1.0, sigma=0.25, low=0.4, high=2.0)
    pores_per_oiliness: float = 0.4
    stubble: Uniform = Uniform(low=0.1, high=0.9)
    stubble_share: float = 0.7
    freckles: Uniform = Uniform(low=0.2, high=1.0)
    freckles_share: float = 0.2
    freckles_above: float = 0.52
    nevi_mean: float = 4.0
    lip_contrast: Normal = Normal(mean=1.0, sd=0.25, low=0.3, high=1.7)
    detail: SkinDetail = SkinDetail()

    def __post_init__(self) -> None:
        check_ranges(self, {name: limits for name, limits in RANGES.items() if name != "nevi"})
        check_ranges(self, dict.fromkeys(("stubble_share", "freckles_share", "freckles_above"), (0.0, 1.0)))
        check_ranges(self, {"nevi_mean": (0.0, MOST_NEVI), "pores_per_oiliness": (0.0, 2.0)})
