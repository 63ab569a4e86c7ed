"""How facial hair varies among wearers, and what its numbers may be at all."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from faces.distributions import Ageing, Beta, Normal, Uniform
from faces.errors import FaceError
from faces.ranges import Range, check_pair, check_ranges

BEARDS = ("none", "stubble", "moustache", "goatee", "circle", "full")
"""Shaved; a few days' growth; upper lip alone; chin alone; moustache joined to a goatee; all of it."""
RANGES: dict[str, Range] = {
    "brow_density": (0.0, 1.0),
    "brow_width": (0.4, 1.6),
    "brow_length_mm": (3.0, 10.0),
    "beard_density": (0.0, 1.0),
    "beard_length_mm": (0.5, 18.0),
    "thickness": (0.3, 2.0),
    "grey": (0.0, 1.0),
    "lashes": (0, 5),
    "lash_thickness": (0.5, 2.5),
    "lash_shade": (0.05, 1.5),
    "root_shade": (0.0, 1.0),
}
"""Of `HairLook`."""


@dataclass(frozen=True)
class BeardShares:
    """How common each style is among men, relative to the others."""

    none: float = 0.40
    stubble: float = 0.24
    moustache: float = 0.07
    goatee: float = 0.05
    circle: float = 0.08
    full: float = 0.16

    def __post_init__(self) -> None:
        check_ranges(self, dict.fromkeys(BEARDS, (0.0, 1000000.0)))
        if not sum(asdict(self).values()) > 0:
            raise FaceError("`one share > 0` must hold, got 0 for every beard (BeardShares)")


@dataclass(frozen=True)
class BeardLengths:
    """Usual length of each style, mm."""

    stubble: float = 1.2
    moustache: float = 7.0
    goatee: float = 9.0
    circle: float = 8.0
    full: float = 11.0

    def __post_init__(self) -> None:
        check_ranges(self, dict.fromkeys(BEARDS[1:], RANGES["beard_length_mm"]))


@dataclass(frozen=True)
class HairPriors:
    """Distributions of `HairLook`; all are priors.

    Attributes:
        brow_density, beard_density: see `HairLook`.
        brow_width_male, brow_width_female, brow_length_male_mm, brow_length_female_mm, thickness_male,
            thickness_female: see `HairLook`.
        beard_share: of men.
        beard_length_mm: median of each style; `beard_length_sigma` is the SD of its logarithm, and no beard is shorter
            or longer than `beard_length_limits_mm`.
        albedo: of pigmented hair at 850 nm. Dark hair is the commonest by far; a tail of fair hair comes close to skin.
        albedo_ratio: of 940 to 850 nm.
        grey: share of hairs without pigment; grows with age.
        mascara_share: of women; their lashes are `lash_thickness_mascara` thick.
        grey_albedo, lash_shade, root_shade: see `HairLook`; alike on all wearers.

    Raises:
        FaceError: a distribution that leaves the range of its number in `RANGES`.
    """

    brow_density: Uniform = Uniform(low=0.6, high=1.0)
    brow_width_male: Normal = Normal(mean=1.08, sd=0.13, low=0.5, high=1.5)
    brow_width_female: Normal = Normal(mean=0.86, sd=0.13, low=0.5, high=1.5)
    brow_length_male_mm: Normal = Normal(mean=8.2, sd=0.8, low=5.5, high=10.0)
    brow_length_female_mm: Normal = Normal(mean=7.4, sd=0.8, low=5.5, high=10.0)
    beard_share: BeardShares = BeardShares()
    beard_density: Uniform = Uniform(low=0.45, high=0.95)
    beard_length_mm: BeardLengths = BeardLengths()
    beard_length_sigma: float = 0.2
    beard_length_limits_mm: tuple[float, float] = (0.6, 16.0)
    thickness_male: Normal = Normal(mean=1.08, sd=0.12, low=0.6, high=1.5)
    thickness_female: Normal = Normal(mean=0.92, sd=0.12, low=0.6, high=1.5)
    albedo: Beta = Beta(a=1.6, b=3.0, low=0.15, high=0.45)
    albedo_ratio: Uniform = Uniform(low=0.92, high=1.0)
    grey: Ageing = Ageing(from_years=42.0, over_years=40.0, sd=0.12, low=0.0, high=0.8)
    lash_thickness_male: float = 0.9
    lash_thickness_female: float = 1.0
    lash_thickness_mascara: float = 1.5
    mascara_share: float = 0.35
    grey_albedo: tuple[float, float] = (0.55, 0.53)
    lash_shade: float = 0.6
    root_shade: float = 0.14

    def __post_init__(self) -> None:
        check_ranges(
            self, {name: RANGES[name] for name in ("brow_density", "beard_density", "grey", "lash_shade", "root_shade")}
        )
        for sex in ("male", "female"):
            check_ranges(self, {f"{name}_{sex}": RANGES[name] for name in ("brow_width", "thickness")})
            check_ranges(self, {f"brow_length_{sex}_mm": RANGES["brow_length_mm"]})
        check_ranges(self, {f"lash_thickness_{who}": RANGES["lash_thickness"] for who in ("male", "female", "mascara")})
        check_ranges(self, {"albedo": (0.01, 0.9), "albedo_ratio": (0.5, 1.1)})
        check_ranges(self, {"mascara_share": (0.0, 1.0), "beard_length_sigma": (0.0, 2.0)})
        check_pair(self, "grey_albedo", 0.0, 1.0)
        low, high = self.beard_length_limits_mm
        least, most = RANGES["beard_length_mm"]
        if not least <= low <= high <= most:
            got = f"{low:g}, {high:g}"
            raise FaceError(f"`{least:g} <= beard_length_limits_mm <= {most:g}` must hold, got {got} (HairPriors)")
