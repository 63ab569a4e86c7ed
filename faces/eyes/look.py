"""How a wearer's eyes look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EyeLook:
    """Eyes of one wearer.

    Attributes:
        pupil_diameter_mm: of the physical pupil, both eyes.
        seed: of the iris's texture and the sclera's vessels.
    """

    pupil_diameter_mm: float = 3.6
    seed: int = 0
