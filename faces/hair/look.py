"""Which hair a wearer has on the face."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from faces.errors import FaceError
from faces.hair.priors import BEARDS, RANGES, BeardLengths, HairPriors
from faces.ranges import check_pair, check_ranges, check_seed

BEARD_LENGTH_MM = {"none": 0.0, **asdict(BeardLengths())}
"""Usual length of each style (prior)."""


@dataclass(frozen=True)
class HairLook:
    """Facial hair of one wearer. All numbers are priors.

    Hair is brighter in the near infrared than in the visible, since melanin absorbs less there, yet mostly darker
    than skin: 0.15-0.4 for dark hair.

    Attributes:
        brow_density: share of the follicles of full brows (some 450 a side) that carry hair; 0: no brows.
        brow_width: breadth of the brow, 1: the mean one.
        brow_length_mm: of its hairs in the middle of the brow.
        beard: one of `BEARDS`.
        beard_density: share of the follicles within the style's outline that carry hair.
        beard_length_mm: None: as usual for the style.
        thickness: of every hair, 1: 0.08 mm on brows, 0.10 mm in beards.
        albedo: of pigmented hair at 850 and 940 nm.
        grey: share of hairs without pigment, whose albedo is `grey_albedo`: they scatter in medulla and cuticle alone.
        lash_shade: albedo of lashes over that of the other hair; they are the darkest.
        root_shade: how far the skin's albedo goes towards the hair's under strands: roots show through.
        lashes: single eyelashes drawn from each of the mesh's ribbons (70 an eye); 0: the ribbons themselves are seen.
        lash_thickness: 1: 0.09 mm; mascara makes some 1.6.
        symmetric: the right half mirrors the left one; else each half is drawn by itself.
        seed: of the strands.
    """

    brow_density: float = 0.9
    brow_width: float = 1.0
    brow_length_mm: float = 8.0
    beard: str = "none"
    beard_density: float = 0.75
    beard_length_mm: float | None = None
    thickness: float = 1.0
    albedo: tuple[float, float] = (0.25, 0.24)
    grey: float = 0.0
    lashes: int = 3
    lash_thickness: float = 1.0
    symmetric: bool = True
    seed: int = 0
    grey_albedo: tuple[float, float] = (0.55, 0.53)
    lash_shade: float = 0.6
    root_shade: float = 0.14

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        if self.beard not in BEARDS:
            raise FaceError(f"unknown beard {self.beard!r}. Beards: {', '.join(BEARDS)} (HairLook)")
        check_pair(self, "albedo", 0.0, 1.0)
        check_pair(self, "grey_albedo", 0.0, 1.0)
        check_seed(self)

    @property
    def length_mm(self) -> float:
        """Of the beard's hairs: the length asked for, or the style's own."""
        return BEARD_LENGTH_MM[self.beard] if self.beard_length_mm is None else self.beard_length_mm


BARE = HairLook(brow_density=0.0, lashes=0)
"""No strands at all; the lashes are the mesh's own."""


def sample_hair_look(
    rng: np.random.Generator,
    *,
    sex: str | None = None,
    age_years: float | None = None,
    priors: HairPriors = HairPriors(),
) -> HairLook:
    """Draw an adult's facial hair.

    Args:
        rng: the only source of randomness.
        sex: "female" or "male"; None: drawn.
        age_years: None: drawn, 20 to 65; grey hair follows it.
        priors: what is drawn from.

    Raises:
        FaceError: an unknown sex.
    """
    if sex not in (None, "female", "male"):
        raise FaceError(f"unknown sex {sex!r}. Sexes: female, male")
    drawn = "female" if rng.random() < 0.5 else "male"
    male = (drawn if sex is None else sex) == "male"
    age = rng.uniform(20.0, 65.0)
    age = age if age_years is None else float(age_years)
    chance = np.array(list(asdict(priors.beard_share).values()))
    chosen = BEARDS[int(rng.choice(len(BEARDS), p=chance / chance.sum()))]
    beard = chosen if male else "none"
    stretch = float(np.exp(priors.beard_length_sigma * rng.standard_normal()))
    # About 0.9, as ever, so that old seeds keep their last bits.
    density = priors.brow_density
    thinned = rng.uniform(round(density.low - 0.9, 12), round(density.high - 0.9, 12))
    beard_density = priors.beard_density.draw(rng)
    width, thickness, reach = (float(rng.standard_normal()) for _ in range(3))
    shade = priors.albedo.draw(rng)
    ratio = priors.albedo_ratio.draw(rng)
    grey = priors.grey.of(rng.standard_normal(), age)
    made_up = rng.random() < priors.mascara_share
    lashes = priors.lash_thickness_male if male else priors.lash_thickness_female
    return HairLook(
        brow_density=float(np.clip(0.9 + thinned, 0.0, 1.0)),
        brow_width=(priors.brow_width_male if male else priors.brow_width_female).of(width),
        brow_length_mm=(priors.brow_length_male_mm if male else priors.brow_length_female_mm).of(reach),
        beard=beard,
        beard_density=beard_density,
        beard_length_mm=None if beard == "none" else _beard_length_mm(priors, beard, stretch),
        thickness=(priors.thickness_male if male else priors.thickness_female).of(thickness),
        albedo=(shade, shade * ratio),
        grey=grey,
        lash_thickness=priors.lash_thickness_mascara if made_up and not male else lashes,
        symmetric=False,
        seed=int(rng.integers(2**31)),
        grey_albedo=priors.grey_albedo,
        lash_shade=priors.lash_shade,
        root_shade=priors.root_shade,
    )


def _beard_length_mm(priors: HairPriors, beard: str, stretch: float) -> float:
    usual: float = getattr(priors.beard_length_mm, beard)
    return float(np.clip(usual * stretch, *priors.beard_length_limits_mm))
