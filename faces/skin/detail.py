"""How strong the fine structure of skin is; every number is a prior."""

from __future__ import annotations

from dataclasses import dataclass

from faces.errors import FaceError
from faces.ranges import Range

RANGES: dict[str, Range] = {
    "mottle_sd": (0.0, 0.1),
    "relief_mm": (0.0, 0.1),
    "pores_per_cm2": (0.0, 300.0),
    "pore_radius_mm": (0.05, 0.3),
    "pore_depth_mm": (0.001, 0.2),
    "pore_shade": (0.0, 0.5),
    "stubble_per_cm2": (0.0, 200.0),
    "stubble_shade": (0.0, 0.8),
    "stubble_base": (0.0, 0.5),
    "freckles_per_cm2": (0.0, 50.0),
    "freckle_shade": (0.0, 0.5),
    "nevus_radius_mm": (0.2, 2.4),
    "nevus_shade": (0.0, 0.5),
    "under_eye_shade": (0.0, 0.4),
    "vein_shade": (0.0, 0.4),
    "alpha_skin": (0.1, 0.5),
    "alpha_t_zone": (0.1, 0.5),
    "alpha_lips": (0.1, 0.5),
    "alpha_wet": (0.1, 0.5),
}
"""What each number may be, each of several likewise; GGX alpha is stored in codes from 0.1 to 0.5."""


@dataclass(frozen=True)
class SkinDetail:
    """Shades are shares of the albedo that are taken away.

    Attributes:
        mottle_sd: relative SD of the albedo at scales of 26, 8 and 2.6 mm.
        relief_mm: depth of the net of fine furrows.
        pores_per_cm2: where they are densest, on the nose.
        pore_radius_mm, pore_depth_mm: of the smallest and the largest; `pore_shade` of the deepest.
        stubble_per_cm2, stubble_shade, stubble_base: hairs of a shaved beard of strength 1, how dark each is, and how
            dark the skin between them.
        freckles_per_cm2, freckle_shade: of a face of freckles 1.
        nevus_radius_mm, nevus_shade: moles, drawn evenly between the two.
        under_eye_shade, vein_shade: below the eyes, and over veins.
        alpha_skin, alpha_t_zone: GGX alpha outside and inside the T-zone, of oiliness 0 and 1.
        alpha_lips, alpha_wet: of the lips, and of their wet inside.

    Raises:
        FaceError: a number outside its range, or a least size above the largest.
    """

    mottle_sd: tuple[float, float, float] = (0.022, 0.018, 0.018)
    relief_mm: float = 0.016
    pores_per_cm2: float = 105.0
    pore_radius_mm: tuple[float, float] = (0.13, 0.24)
    pore_depth_mm: tuple[float, float] = (0.020, 0.055)
    pore_shade: float = 0.07
    stubble_per_cm2: float = 85.0
    stubble_shade: float = 0.30
    stubble_base: float = 0.09
    freckles_per_cm2: float = 9.0
    freckle_shade: float = 0.045
    nevus_radius_mm: tuple[float, float] = (0.5, 1.6)
    nevus_shade: tuple[float, float] = (0.12, 0.35)
    under_eye_shade: float = 0.05
    vein_shade: float = 0.05
    alpha_skin: tuple[float, float] = (0.46, 0.40)
    alpha_t_zone: tuple[float, float] = (0.36, 0.25)
    alpha_lips: float = 0.28
    alpha_wet: float = 0.12

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                if not low <= one <= high:
                    raise FaceError(f"`{low:g} <= {name} <= {high:g}` must hold, got {one:g} (SkinDetail)")
        for name in ("pore_radius_mm", "pore_depth_mm", "nevus_radius_mm", "nevus_shade"):
            least, most = getattr(self, name)
            if least > most:
                raise FaceError(f"`{name}[0] <= {name}[1]` must hold, got {least:g} > {most:g} (SkinDetail)")
