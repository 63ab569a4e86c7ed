"""Surface materials and their near-infrared appearance.

Albedos are diffuse reflectances at 850 and 940 nm. Skin: hemispherical reflectance 0.603 and 0.532 (NIST, 100
forearms, doi 10.18434/M38597) less the specular part, which a dielectric of F0 0.028 returns to about 4 % under
diffuse light. Teeth, lips, sclera, iris, pupil and hair are priors, not measurements, and so is every GGX alpha.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """One surface material.

    Attributes:
        albedo: mean diffuse albedo at each of `ALBEDO_NM`; a mesh's own per-vertex albedo varies about it.
        f0: specular reflectance at normal incidence.
        alpha: GGX roughness parameter alpha (not its square root).
        two_sided: whether both faces of its triangles are seen.
        source: where the numbers come from.
    """

    albedo: tuple[float, float]
    f0: float
    alpha: float
    two_sided: bool
    source: str


SKIN_F0 = 0.028
TEAR_F0 = 0.020
DIFFUSE_SPECULAR_SHARE = 0.042
"""Share of diffuse incident light that the skin's surface itself returns (Fresnel, index 1.40, cosine-weighted)."""

SKIN_REFLECTANCE = (0.603, 0.532)
_skin = (SKIN_REFLECTANCE[0] - DIFFUSE_SPECULAR_SHARE, SKIN_REFLECTANCE[1] - DIFFUSE_SPECULAR_SHARE)

MATERIALS: dict[str, Material] = {
    "skin": Material(_skin, SKIN_F0, 0.35, False, "NIST doi 10.18434/M38597; alpha prior"),
    "lips": Material((0.49, 0.43), SKIN_F0, 0.30, False, "prior"),
    "sclera": Material((0.60, 0.54), TEAR_F0, 0.05, False, "prior"),
    "iris": Material((0.25, 0.24), TEAR_F0, 0.03, False, "prior"),
    "pupil": Material((0.02, 0.02), TEAR_F0, 0.03, False, "prior"),
    "teeth": Material((0.60, 0.56), 0.057, 0.12, False, "albedo prior; enamel index 1.63"),
    "gums": Material((0.45, 0.40), SKIN_F0, 0.20, False, "prior"),
    "tongue": Material((0.45, 0.38), SKIN_F0, 0.30, False, "prior"),
    "mouth_interior": Material((0.38, 0.32), SKIN_F0, 0.25, False, "prior"),
    "lash": Material((0.20, 0.20), 0.046, 0.20, True, "prior, dark hair; keratin index 1.55"),
    "caruncle": Material((0.48, 0.42), TEAR_F0, 0.12, True, "prior, wet mucosa"),
    "brow": Material((0.24, 0.23), SKIN_F0, 0.35, False, "prior, skin seen through dark hair"),
    "glasses_frame": Material((0.35, 0.40), 0.04, 0.12, False, "prior, polished acetate, index 1.5; dyes pass NIR"),
    "glasses_metal": Material((0.10, 0.11), 0.55, 0.28, False, "prior, brushed or lacquered metal"),
}

MATERIAL_NAMES: tuple[str, ...] = tuple(MATERIALS)
