"""What hair does to the albedo of the skin that it grows on: a faint shadow of roots, or all of it, painted on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from faces.hair.look import HairLook
from faces.hair.zones import beard_weight, brow_weight
from faces.labels import EYE_X_MM

if TYPE_CHECKING:
    from faces.mesh import HeadMesh, Topology

COVER = {"none": 0.0, "stubble": 0.35, "moustache": 0.8, "goatee": 0.8, "circle": 0.8, "full": 0.85}
"""Share of the skin that a beard of full density hides, where no strands are drawn (prior)."""
BROW_COVER = 1.0

_masks: WeakKeyDictionary[Topology, dict[tuple[HairLook, bool], NDArray[np.float32] | None]] = WeakKeyDictionary()


def tinted_albedo(mesh: HeadMesh, strands: bool) -> NDArray[np.float32]:
    """(2, V) diffuse albedo of the mesh with its hair painted on: faintly if strands are drawn as well.

    Heads without a map of the face (`Topology.mean_face_mm`) stay as they are.
    """
    look = mesh.look.hair
    kept = _masks.setdefault(mesh.topology, {})
    if (look, strands) not in kept:
        if len(kept) > 32:
            kept.clear()
        kept[look, strands] = _mask(mesh.topology, look, strands)
    mask = kept[look, strands]
    if mask is None:
        return mesh.albedo
    shade = np.array(look.albedo, np.float32)[:, None]
    return (mesh.albedo + (np.minimum(shade, mesh.albedo) - mesh.albedo) * mask).astype(np.float32)


def _mask(topology: Topology, look: HairLook, strands: bool) -> NDArray[np.float32] | None:
    """(V,) weight of the hair's albedo, or None where no hair is."""
    if topology.mean_face_mm is None or (look.brow_density == 0.0 and look.beard == "none"):
        return None
    skin = _touched(topology)
    points = topology.mean_face_mm[skin]
    points[:, 0] = np.abs(points[:, 0])
    x, y, z = points.T
    strokes = 1 - 0.08 * (0.5 + 0.5 * np.sin(1.9 * (x - EYE_X_MM) - 1.1 * y))
    brow = brow_weight(points, look.brow_width) * look.brow_density * strokes * (z > -20) * (y > 8)
    beard = beard_weight(look.beard, points) * look.beard_density
    painted = np.maximum(BROW_COVER * brow, COVER[look.beard] * beard)
    mask = look.root_shade * np.maximum(brow, beard) if strands else painted
    out = np.zeros(len(topology.uv), np.float32)
    out[skin] = mask
    return out


def _touched(topology: Topology) -> NDArray[np.int32]:
    """Vertices of skin that hair may grow on."""
    assert topology.mean_face_mm is not None
    stuff = [topology.material_names.index(m) for m in ("skin", "brow") if m in topology.material_names]
    vertices = np.unique(topology.triangles[np.isin(topology.material_ids, stuff)])
    return vertices[np.isfinite(topology.mean_face_mm[vertices]).all(axis=1)]
