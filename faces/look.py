"""How a wearer looks apart from the shape of the head: skin, eyes, hair, glasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from faces.eyes.look import EyeLook, sample_eye_look
from faces.eyewear.look import GlassesLook, sample_glasses_look
from faces.hair.look import HairLook, sample_hair_look
from faces.mouth import MouthLook
from faces.priors import LookPriors
from faces.skin.look import SkinLook, sample_skin_look


@dataclass(frozen=True)
class Look:
    """Appearance of one wearer; hashable, and the same for every head model.

    Attributes:
        skin, eyes, hair, mouth: see there.
        glasses: None: none are worn.
    """

    skin: SkinLook = SkinLook()
    eyes: EyeLook = EyeLook()
    hair: HairLook = HairLook()
    glasses: GlassesLook | None = None
    mouth: MouthLook = MouthLook()

    def describe(self) -> dict[str, object]:
        """Plain data for labels and reports."""
        return asdict(self)


def sample_look(
    rng: np.random.Generator, *, sex: str | None = None, age_years: float = 40.0, priors: LookPriors = LookPriors()
) -> Look:
    """Draw the look of an adult.

    Args:
        rng: the only source of randomness.
        sex: "female" or "male"; None: either.
        age_years: wrinkles, grey hair and the width of pupils follow it.
        priors: what is drawn from.
    """
    return Look(
        skin=sample_skin_look(rng, sex=sex, age_years=age_years, priors=priors.skin),
        eyes=sample_eye_look(rng, age_years=age_years, priors=priors.eyes),
        hair=sample_hair_look(rng, sex=sex, age_years=age_years, priors=priors.hair),
        glasses=sample_glasses_look(rng, priors=priors.glasses) if rng.random() < priors.glasses.share else None,
        mouth=priors.mouth,
    )
