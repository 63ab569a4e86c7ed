"""How a wearer's skin looks; drawn apart from the shape of the head."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SkinLook:
    """Skin of one wearer.

    Attributes:
        reflectance: hemispherical reflectance at 850 and 940 nm, specular part included.
        seed: of everything drawn on it.
    """

    reflectance: tuple[float, float] = (0.603, 0.532)
    seed: int = 0
