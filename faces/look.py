"""How a wearer looks apart from the shape of the head: skin, eyes, hair, glasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from faces.eyes.look import EyeLook, sample_eye_look
from faces.eyewear.look import GlassesLook, sample_glasses_look
from faces.hair.look import HairLook, sample_hair_look
from faces.skin.look import SkinLook, sample_skin_look


@dataclass(frozen=True)
class Look:
    """Appearance of one wearer; hashable, and the same for every head model.

    Attributes:
        skin, eyes, hair: see there.
        glasses: None: none are worn.
    """

    skin: SkinLook = SkinLook()
    eyes: EyeLook = EyeLook()
    hair: HairLook = HairLook()
    glasses: GlassesLook | None = None

    def describe(self) -> dict[str, object]:
        """Plain data for labels and reports."""
        return asdict(self)


GLASSES_SHARE = 0.4
"""Of adults wear glasses, some of them under a headset [prior]."""


def sample_look(
    rng: np.random.Generator, *, sex: str | None = None, age_years: float = 40.0, glasses_share: float = GLASSES_SHARE
) -> Look:
    """Draw the look of an adult.

    Args:
        rng: the only source of randomness.
        sex: "female" or "male"; None: either.
        age_years: wrinkles, grey hair and the width of pupils follow it.
        glasses_share: how many wear glasses, in [0, 1].
    """
    return Look(
        skin=sample_skin_look(rng, sex=sex, age_years=age_years),
        eyes=sample_eye_look(rng, age_years=age_years),
        hair=sample_hair_look(rng, sex=sex, age_years=age_years),
        glasses=sample_glasses_look(rng) if rng.random() < glasses_share else None,
    )
