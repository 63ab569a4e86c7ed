"""One subdivision step of a quad mesh as a sparse matrix, so that it is applied to a basis once.

The rule is Catmull and Clark's (1978), the quad counterpart of Loop's with the same vertex and triangle counts:
MakeHuman's head is all quads, and Loop's rule on quads cut in two favours the direction of the cut and leaves ridges.
Open boundaries follow the cubic B-spline rule, so a boundary depends on itself alone and never cracks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Subdivision:
    """The refined mesh in terms of the coarse one.

    Attributes:
        matrix: (fine, coarse) CSR, rows sum to 1. Fine vertices: the coarse ones, then edge points, then face points.
        quads: (4 * F, 4) fine quads, quad f becoming 4f .. 4f + 3, one at each of its corners in order.
        edges: (E, 2) coarse vertices of each edge, the smaller first; edge point e is fine vertex `coarse + e`.
    """

    matrix: sp.csr_array
    quads: NDArray[np.int32]
    edges: NDArray[np.int32]


def _edges(quads: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.intp]]:
    """Unique edges (E, 2), the edge of each quad side (F, 4), and how many quads share each edge (E,)."""
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1)
    edges, inverse, count = np.unique(
        np.sort(sides.reshape(-1, 2), axis=1), axis=0, return_inverse=True, return_counts=True
    )
    return edges.astype(np.int32), inverse.reshape(-1, 4), count


def catmull_clark(quads: NDArray[np.int32], count: int) -> Subdivision:
    """Refine once.

    Args:
        quads: (F, 4) indices below `count`; every edge in one or two quads.
        count: number of coarse vertices.
    """
    edges, side_edge, sharing = _edges(quads)
    n_edges, n_faces = len(edges), len(quads)
    face = sp.csr_array(
        (np.full(4 * n_faces, 0.25), (np.repeat(np.arange(n_faces), 4), quads.ravel())), shape=(n_faces, count)
    )
    middle = sp.csr_array(
        (np.full(2 * n_edges, 0.5), (np.repeat(np.arange(n_edges), 2), edges.ravel())), shape=(n_edges, count)
    )
    edge_face = sp.csr_array(
        (np.ones(4 * n_faces), (side_edge.ravel(), np.repeat(np.arange(n_faces), 4))), shape=(n_edges, n_faces)
    )
    inner = (sharing == 2).astype(float)
    edge = sp.diags_array(1 - inner / 2) @ middle + sp.diags_array(inner / 4) @ (edge_face @ face)

    vertex_face = sp.csr_array(
        (np.ones(4 * n_faces), (quads.ravel(), np.repeat(np.arange(n_faces), 4))), shape=(count, n_faces)
    )
    vertex_edge = sp.csr_array(
        (np.ones(2 * n_edges), (edges.ravel(), np.repeat(np.arange(n_edges), 2))), shape=(count, n_edges)
    )
    on_rim = np.zeros(count, bool)
    on_rim[edges[sharing == 1].ravel()] = True
    valence = np.maximum(vertex_edge.sum(axis=1), 1.0)
    faces_around = np.maximum(vertex_face.sum(axis=1), 1.0)
    smooth = (
        sp.diags_array(1 / (valence * faces_around)) @ vertex_face @ face
        + sp.diags_array(2 / valence**2) @ vertex_edge @ middle
        + sp.diags_array((valence - 3) / valence)
    )
    rim_edges = vertex_edge @ sp.diags_array((sharing == 1).astype(float))
    rim = sp.diags_array(np.full(count, 0.5)) + 0.25 * (rim_edges @ middle)
    vertex = sp.diags_array((~on_rim).astype(float)) @ smooth + sp.diags_array(on_rim.astype(float)) @ rim

    f = np.arange(n_faces) + count + n_edges
    e = side_edge + count
    fine = np.stack(
        [np.stack([quads[:, k], e[:, k], f, e[:, k - 1]], axis=-1) for k in range(4)],
        axis=1,
    ).reshape(-1, 4)
    matrix = sp.csr_array(sp.vstack([vertex, edge, face]))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Subdivision(matrix, fine.astype(np.int32), edges)
