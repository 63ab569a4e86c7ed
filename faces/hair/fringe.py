"""Eyelashes as strands: each ribbon of the mesh stands for a clump, from which single lashes are drawn out.

The ribbons stay in the mesh, for labels; images show the lashes and their shade instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from faces.hair.look import HairLook
from faces.lashes import ROOT_WIDTH, SECTIONS, VERTICES

if TYPE_CHECKING:
    from faces.mesh import HeadMesh, Topology

Array = NDArray[np.float32]

LASH_WIDTH_M = 0.09e-3

_known: WeakKeyDictionary[Topology, NDArray[np.intp] | None] = WeakKeyDictionary()


def lashes(mesh: HeadMesh, points: int) -> tuple[Array, Array, Array] | None:
    """Points (S, points, 3), m, widths (S, points), m, and albedo (2, S) of the lashes; None if there are none."""
    look = mesh.look.hair
    ribbons = _ribbons(mesh.topology.head)
    if ribbons is None or look.lashes == 0:
        return None
    corners = mesh.vertices[ribbons].astype(np.float32)  # (L, VERTICES, 3)
    low, high = corners[:, 0:-1:2], corners[:, 1:-1:2]
    spine = np.concatenate([(low + high) / 2, corners[:, -1:]], axis=1)  # (L, SECTIONS + 1, 3)
    across = high[:, 0] - low[:, 0]
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    t = np.linspace(0.0, 1.0, points)
    node = np.minimum(t * SECTIONS, SECTIONS - 1e-6)
    k = node.astype(int)
    part = (node - k).astype(np.float32)[:, None]
    line = spine[:, k] * (1 - part) + spine[:, k + 1] * part

    n, fine = len(line), look.lashes
    offset, fan, short, thick, tone = _draws(look, n)
    # Roots sit side by side on the margin; tips lean towards each other or apart.
    base = (np.arange(fine) - (fine - 1) / 2) / max(fine - 1, 1)
    root = 1.5 * ROOT_WIDTH * (base + 0.5 * offset)  # (n, fine)
    tip = root + 0.7e-3 * fan
    sway = root[..., None] * (1 - t) + tip[..., None] * t**1.5
    whole = line[:, None] + sway[..., None] * across[:, None, None]
    # Each lash ends at a length of its own.
    keep = (0.72 + 0.28 * short)[..., None, None]
    whole = whole[:, :, :1] + (whole - whole[:, :, :1]) * keep
    taper = np.interp(t, [0.0, 0.3, 1.0], [1.0, 0.95, 0.3])
    widths = LASH_WIDTH_M * look.lash_thickness * (0.8 + 0.4 * thick)[..., None] * taper
    albedo = look.lash_shade * np.array(look.albedo)[:, None] * (0.85 + 0.3 * tone.ravel())
    return (
        whole.reshape(n * fine, points, 3).astype(np.float32),
        widths.reshape(n * fine, points).astype(np.float32),
        np.clip(albedo, 0.02, 0.8).astype(np.float32),
    )


def around_eyes(topology: Topology) -> NDArray[np.int32]:
    """Vertices of the lids, which lashes shade."""
    names = [k for k, name in enumerate(topology.region_labels) if name.startswith("lids")]
    return np.unique(topology.triangles[np.isin(topology.region_ids, names)])


def _draws(look: HairLook, ribbons: int) -> NDArray[np.float64]:
    """(5, ribbons, lashes a ribbon): two in [-1, 1], three in [0, 1]; on both eyes alike if the look is symmetric."""
    half = ribbons // 2
    rngs = [np.random.default_rng([look.seed, 7, 0 if look.symmetric else side]) for side in (0, 1)]
    out = np.concatenate([rng.random((5, half, look.lashes)) for rng in rngs], axis=1)
    out[:2] = 2 * out[:2] - 1
    return out


def _ribbons(topology: Topology) -> NDArray[np.intp] | None:
    """(L, VERTICES) vertices of each ribbon, left eye first, or None where the mesh has none of `faces.lashes`."""
    if topology not in _known:
        found = None
        if topology.mean_face_mm is not None and "lash" in topology.material_names:
            ids = topology.material_ids == topology.material_names.index("lash")
            vertices = np.unique(topology.triangles[ids])
            if len(vertices) and len(vertices) % (2 * VERTICES) == 0:
                found = vertices.reshape(-1, VERTICES).astype(np.intp)
        _known[topology] = found
    return _known[topology]
