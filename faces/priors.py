"""How looks vary among wearers: every distribution that `faces.look.sample_look` draws from."""

from __future__ import annotations

from dataclasses import dataclass

from faces.eyes.priors import EyePriors
from faces.eyewear.priors import GlassesPriors
from faces.hair.priors import HairPriors
from faces.mouth import MouthLook
from faces.skin.priors import SkinPriors


@dataclass(frozen=True)
class LookPriors:
    """Of the looks of adults; docs/priors.md lists every key. `faces.priors_file` reads them from YAML."""

    skin: SkinPriors = SkinPriors()
    eyes: EyePriors = EyePriors()
    hair: HairPriors = HairPriors()
    glasses: GlassesPriors = GlassesPriors()
    mouth: MouthLook = MouthLook()
