"""Which hair a wearer has on the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError

BEARDS = ("none", "stubble", "moustache", "goatee", "circle", "full")
"""Shaved; a few days' growth; upper lip alone; chin alone; moustache joined to a goatee; all of it."""
BEARD_LENGTH_MM = {"none": 0.0, "stubble": 1.2, "moustache": 7.0, "goatee": 9.0, "circle": 8.0, "full": 11.0}
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
        grey: share of hairs without pigment.
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

    def __post_init__(self) -> None:
        for name, low, high in (
            ("brow_density", 0.0, 1.0),
            ("brow_width", 0.4, 1.6),
            ("brow_length_mm", 3.0, 10.0),
            ("beard_density", 0.0, 1.0),
            ("beard_length_mm", 0.5, 18.0),
            ("thickness", 0.3, 2.0),
            ("grey", 0.0, 1.0),
            ("lashes", 0, 5),
            ("lash_thickness", 0.5, 2.5),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise FaceError(f"`{low:g} <= {name} <= {high:g}` must hold, got {value:g} (HairLook)")
        if self.beard not in BEARDS:
            raise FaceError(f"unknown beard {self.beard!r}. Beards: {', '.join(BEARDS)} (HairLook)")
        if len(self.albedo) != 2 or not all(0.0 < a < 1.0 for a in self.albedo):
            raise FaceError(f"`0 < albedo < 1` must hold at both wavelengths, got {self.albedo} (HairLook)")
        if self.seed < 0:
            raise FaceError(f"`seed >= 0` must hold, got {self.seed} (HairLook)")

    @property
    def length_mm(self) -> float:
        """Of the beard's hairs: the length asked for, or the style's own."""
        return BEARD_LENGTH_MM[self.beard] if self.beard_length_mm is None else self.beard_length_mm


BARE = HairLook(brow_density=0.0, lashes=0)
"""No strands at all; the lashes are the mesh's own."""


def sample_hair_look(rng: np.random.Generator, *, sex: str | None = None, age_years: float | None = None) -> HairLook:
    """Draw an adult's facial hair (priors throughout).

    Args:
        rng: the only source of randomness.
        sex: "female" or "male"; None: drawn.
        age_years: None: drawn, 20 to 65; grey hair follows it.

    Raises:
        FaceError: an unknown sex.
    """
    if sex not in (None, "female", "male"):
        raise FaceError(f"unknown sex {sex!r}. Sexes: female, male")
    drawn = "female" if rng.random() < 0.5 else "male"
    male = (drawn if sex is None else sex) == "male"
    age = rng.uniform(20.0, 65.0)
    age = age if age_years is None else float(age_years)
    chosen = BEARDS[int(rng.choice(len(BEARDS), p=(0.40, 0.24, 0.07, 0.05, 0.08, 0.16)))]
    beard = chosen if male else "none"
    stretch, density, beard_density = rng.normal(0.0, 0.2), rng.uniform(-0.3, 0.1), rng.uniform(0.45, 0.95)
    width, thickness, reach = rng.normal(0.0, 0.13), rng.normal(0.0, 0.12), rng.normal(0.0, 0.8)
    # Dark hair is the commonest by far; a tail of fair hair comes close to skin.
    shade = 0.15 + 0.30 * rng.beta(1.6, 3.0)
    ratio = rng.uniform(0.92, 1.0)
    grey = float(np.clip((age - 42.0) / 40.0 + rng.normal(0.0, 0.12), 0.0, 0.8))
    usual = BEARD_LENGTH_MM[beard] * float(np.exp(stretch))
    made_up = rng.random() < 0.35
    return HairLook(
        brow_density=float(np.clip(0.9 + density, 0.5, 1.0)),
        brow_width=float(np.clip((1.08 if male else 0.86) + width, 0.5, 1.5)),
        brow_length_mm=float(np.clip((8.2 if male else 7.4) + reach, 5.5, 10.0)),
        beard=beard,
        beard_density=float(beard_density),
        beard_length_mm=None if beard == "none" else float(np.clip(usual, 0.6, 16.0)),
        thickness=float(np.clip((1.08 if male else 0.92) + thickness, 0.6, 1.5)),
        albedo=(float(shade), float(shade * ratio)),
        grey=grey,
        lash_thickness=float((1.5 if made_up and not male else 1.0) * (0.9 if male else 1.0)),
        symmetric=False,
        seed=int(rng.integers(2**31)),
    )
