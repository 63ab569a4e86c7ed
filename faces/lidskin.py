"""How the skin around the eye follows its lid margins: smooth weights, and a lid's thickness away from the eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.eyeball import surface_radius
from faces.labels import ring_distance
from faces.lids import SKIN_CLEARANCE, smooth_max

FOLLOW_RINGS = 7
"""Rings of coarse quads that follow the margin; about 10 mm."""
PUSH_BLEND = 0.00030


@dataclass(frozen=True, eq=False)
class LidSkin:
    """Skin vertices that follow the margins.

    Attributes:
        vertices: (2, N) fine skin vertices of the left and of the right eye, partners at the same place.
        weights: (N, LOOP) float64; a vertex moves by `weights @` the margins' own departures.
    """

    vertices: NDArray[np.int32]
    weights: NDArray[np.float64]


def build_lid_skin(asset: HeadAsset, loops: NDArray[np.int32]) -> LidSkin:
    """Biharmonic weights on the mean face: 1 at a margin point, 0 with zero slope where the skin stays put."""
    points = asset.mean_face_mm()
    near_quads = (ring_distance(asset) <= FOLLOW_RINGS) & (points[asset.fine_quads, 0].mean(axis=1) > 0)
    quads = asset.fine_quads[asset.fine_part == 0]
    near_quads = near_quads[asset.fine_part == 0]
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    stiffness = 1 / np.linalg.norm(points[sides[:, 0]] - points[sides[:, 1]], axis=1)
    n = len(points)
    graph = sp.csr_array((stiffness, (sides[:, 0], sides[:, 1])), shape=(n, n))
    graph = graph + graph.T
    degree = np.maximum(graph.sum(axis=1), 1e-9)
    laplacian = sp.diags_array(1 / degree) @ (sp.diags_array(degree) - graph)
    bending = (laplacian.T @ sp.diags_array(degree) @ laplacian).tocsr()

    fixed = np.unique(quads[~near_quads])
    margin = loops[0]
    moving = np.setdiff1d(np.setdiff1d(np.unique(quads[near_quads]), fixed), margin)
    matrix = bending[moving][:, moving].tocsc()
    right = -bending[moving][:, margin].toarray()
    weights = spla.splu(matrix).solve(right)
    return LidSkin(np.stack([moving, asset.fine_mirror[moving]]).astype(np.int32), weights)


def keep_clear(points: NDArray[np.floating], axis: NDArray[np.floating]) -> NDArray[np.float64]:
    """Push skin (B, 2, N, 3) in eye frames radially out to a lid's thickness from eyes with axes (B, 2, 3)."""
    distance = np.linalg.norm(points, axis=-1)
    cosine = np.einsum("bsni,bsi->bsn", points, axis) / distance
    least = surface_radius(cosine) + SKIN_CLEARANCE
    return points * (smooth_max(distance, least, PUSH_BLEND) / distance)[..., None]
