"""How a wearer looks apart from the shape of the head: skin, eyes, hair, glasses."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from faces.eyes.look import EyeLook
from faces.eyewear.look import GlassesLook
from faces.hair.look import HairLook
from faces.skin.look import SkinLook


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
