"""Our surfaces as Mitsuba BSDFs: a diffuse and a GGX lobe, blended with weights that are divided out again.

`blendbsdf` of weight w gives (1 - w) A + w B; A is `diffuse` of albedo / (1 - w) and B `roughconductor` of specular
reflectance 1 / w, so their sum is what `sim.render.light` adds: albedo / pi + D F G / (4 (n·l)(n·v)). Two things
differ. F is Fresnel's own for the index that F0 belongs to, where ours is Schlick's approximation (lower by a fifth
at 60 degrees of incidence, for F0 0.028), and G is the product of two Smith terms, where ours is height-correlated
(lower by a sixth at 80 degrees for alpha 0.35, by less than 1 % at 60).

A skin map multiplies the albedo of the mesh's vertices: Mitsuba cannot multiply two textures, but a blend of black and
of the albedo times the map's greatest value, with the map over that value as weight, is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from faces.materials import Material
from sim.reference.skin import SkinTextures, texture

SPECULAR_WEIGHT = 0.2
"""Share of samples that follow the GGX lobe."""


def index_of(f0: float) -> float:
    """Refractive index of a dielectric that reflects `f0` at normal incidence."""
    root = float(np.sqrt(f0))
    return (1 + root) / (1 - root)


def surface(material: Material, specular: bool, skin: SkinTextures | None = None) -> dict[str, Any]:
    """Mitsuba BSDF of a head material; the albedo is the mesh's attribute `vertex_albedo`, see `diffuse_scale`.

    Args:
        skin: textures that lie on it, if any.
    """
    bsdf: dict[str, Any] = {"type": "diffuse", "reflectance": {"type": "mesh_attribute", "name": "vertex_albedo"}}
    if skin is not None:
        black = {"type": "diffuse", "reflectance": {"type": "spectrum", "value": 0.0}}
        bsdf = {"type": "blendbsdf", "weight": skin.gain, "black": black, "white": bsdf}
    bsdf = _glossy(material, bsdf, specular, skin)
    if skin is not None:
        # Without a term of Mitsuba's that darkens slopes at grazing light, which ours has not.
        relief = {"use_shadowing_function": False, "flip_invalid_normals": False}
        bsdf = {"type": "normalmap", "normalmap": skin.normals, "bsdf": bsdf, **relief}
    return {"type": "twosided", "bsdf": bsdf} if material.two_sided else bsdf


def solid(material: Material, albedo: list[float], specular: bool) -> dict[str, Any]:
    """Mitsuba BSDF of one albedo for each wavelength, three at most."""
    scale = diffuse_scale(material, specular)
    shade = [scale * value for value in albedo] + [0.0] * (3 - len(albedo))
    return _glossy(material, {"type": "diffuse", "reflectance": {"type": "rgb", "value": shade}}, specular, None)


def _glossy(material: Material, diffuse: dict[str, Any], specular: bool, skin: SkinTextures | None) -> dict[str, Any]:
    """A diffuse BSDF with the GGX lobe of the material, if it has one."""
    if not specular or material.f0 == 0:
        return diffuse
    return {"type": "blendbsdf", "weight": SPECULAR_WEIGHT, "diffuse": diffuse, "shiny": _shiny(material, skin)}


def _shiny(material: Material, skin: SkinTextures | None) -> dict[str, Any]:
    scale = 1 / SPECULAR_WEIGHT
    return {
        "type": "roughconductor",
        "distribution": "ggx",
        "alpha": material.alpha if skin is None else skin.alpha,
        "eta": {"type": "spectrum", "value": index_of(material.f0)},
        "k": {"type": "spectrum", "value": 0.0},
        "specular_reflectance": {"type": "spectrum", "value": scale}
        if skin is None
        else texture(scale * skin.f0[..., None]),
    }


def diffuse_scale(material: Material, specular: bool, skin: SkinTextures | None = None) -> float:
    """What `vertex_albedo` is to be multiplied by."""
    blended = 1 / (1 - SPECULAR_WEIGHT) if specular and material.f0 > 0 else 1.0
    return blended if skin is None else blended * skin.most
