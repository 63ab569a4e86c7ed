"""Our surfaces as Mitsuba BSDFs: a diffuse and a GGX lobe, blended with weights that are divided out again.

`blendbsdf` of weight w gives (1 - w) A + w B; A is `diffuse` of albedo / (1 - w) and B `roughconductor` of specular
reflectance 1 / w, so their sum is what `sim.render.light` adds: albedo / pi + D F G / (4 (n·l)(n·v)). Two things
differ. F is Fresnel's own for the index that F0 belongs to, where ours is Schlick's approximation (lower by a fifth
at 60 degrees of incidence, for F0 0.028), and G is the product of two Smith terms, where ours is height-correlated
(lower by a sixth at 80 degrees for alpha 0.35, by less than 1 % at 60).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from faces.materials import Material

SPECULAR_WEIGHT = 0.2
"""Share of samples that follow the GGX lobe."""


def index_of(f0: float) -> float:
    """Refractive index of a dielectric that reflects `f0` at normal incidence."""
    root = float(np.sqrt(f0))
    return (1 + root) / (1 - root)


def surface(material: Material, specular: bool) -> dict[str, Any]:
    """Mitsuba BSDF of a head material; the albedo is the mesh's attribute `vertex_albedo`, see `diffuse_scale`."""
    bsdf: dict[str, Any] = {"type": "diffuse", "reflectance": {"type": "mesh_attribute", "name": "vertex_albedo"}}
    if specular and material.f0 > 0:
        shiny = {
            "type": "roughconductor",
            "distribution": "ggx",
            "alpha": material.alpha,
            "eta": {"type": "spectrum", "value": index_of(material.f0)},
            "k": {"type": "spectrum", "value": 0.0},
            "specular_reflectance": {"type": "spectrum", "value": 1 / SPECULAR_WEIGHT},
        }
        bsdf = {"type": "blendbsdf", "weight": SPECULAR_WEIGHT, "diffuse": bsdf, "shiny": shiny}
    return {"type": "twosided", "bsdf": bsdf} if material.two_sided else bsdf


def diffuse_scale(material: Material, specular: bool) -> float:
    """What `vertex_albedo` is to be multiplied by."""
    return 1 / (1 - SPECULAR_WEIGHT) if specular and material.f0 > 0 else 1.0
