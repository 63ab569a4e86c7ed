"""Lets a mesh's albedo follow the reflectance of the wearer's skin."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faces.materials import DIFFUSE_SPECULAR_SHARE, MATERIALS, SKIN_REFLECTANCE
from faces.mesh import Topology
from faces.skin.look import SkinLook

PIGMENTED = ("skin", "brow", "lips", "gums")
"""Materials whose albedo keeps its ratio to the skin's; eyes, teeth, tongue, mucosa and hair do not change with it."""


def diffuse_albedo(skin: SkinLook) -> NDArray[np.float64]:
    """(2,) diffuse albedo of plain skin at 850 and 940 nm: reflectance less what the surface itself returns."""
    return np.array(skin.reflectance) - DIFFUSE_SPECULAR_SHARE


def scale_to_skin(albedo: NDArray[np.float32], topology: Topology, skin: SkinLook) -> NDArray[np.float32]:
    """(2, V) albedo of a mean wearer (2, V) for this skin; a mean look leaves it exactly as it is.

    Skin, lids, ears, lips and gums scale alike, so they keep their ratios, apart from the lips' own contrast. Where the
    mesh paints a brow as hair over skin, the skin's share scales and the hair's does not.
    """
    mean = np.array(SKIN_REFLECTANCE) - DIFFUSE_SPECULAR_SHARE
    factor = diffuse_albedo(skin) / mean
    if (factor == 1.0).all() and skin.lip_contrast == 1.0:
        return albedo
    pigmented, lips, brow = _masks(topology)
    hair_albedo = np.array(MATERIALS["brow"].albedo)
    scaled = albedo.astype(np.float64)
    for w in range(2):
        hair = np.clip((mean[w] - scaled[w]) / (mean[w] - hair_albedo[w]), 0.0, 1.0) * brow
        below = scaled[w] - hair * hair_albedo[w]
        scaled[w] += np.where(pigmented, below * (factor[w] - 1.0), 0.0)
        plain = factor[w] * mean[w]
        scaled[w, lips] = plain - (plain - scaled[w, lips]) * skin.lip_contrast
    return scaled.astype(np.float32)


@lru_cache(maxsize=4)
def _masks(topology: Topology) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """(V,) each: vertices of pigmented surfaces alone, those of them on the lips, and those on the brows' regions.

    A brow's region, not its material, bounds the hair that may be painted on the skin.
    """
    others = tuple(name for name in topology.material_names if name not in PIGMENTED)
    pigmented = touched(topology, PIGMENTED) & ~touched(topology, others)
    brow = np.zeros(len(topology.uv), bool)
    for name in ("brow_left", "brow_right"):
        if name in topology.region_labels:
            brow[topology.triangles[topology.region_ids == topology.region_labels.index(name)]] = True
    return pigmented, touched(topology, ("lips",)) & pigmented, brow


def touched(topology: Topology, materials: tuple[str, ...]) -> NDArray[np.bool_]:
    """(V,) whether a vertex belongs to a triangle of one of these materials."""
    ids = [topology.material_names.index(name) for name in materials if name in topology.material_names]
    mask = np.zeros(len(topology.uv), bool)
    mask[topology.triangles[np.isin(topology.material_ids, ids)]] = True
    return mask
