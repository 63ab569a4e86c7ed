"""A head's surface as a net of points that light falls on: what is fixed per topology.

Nodes are vertices without texture seams. Those of tissue come first: light diffuses between them. Irradiance is
sampled at points inside the triangles of tissue, more of them in large ones, since a shadow's edge falls between
vertices; elsewhere at the nodes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.mesh import Topology

SCATTERING = ("skin", "lips", "brow", "mouth_interior", "gums", "tongue", "caruncle")
"""Materials that light diffuses in."""
SAMPLE_AREA, NODE_AREA = 3.0e-6, 12.0e-6
"""A sample stands for about this area, m²; the second where nodes hold all the light, and speed counts."""
_MOST_CUTS = 4


@dataclass(frozen=True, eq=False)
class Net:
    """Host arrays; N nodes, of which the first `tissue` are tissue's; S samples.

    Attributes:
        nodes: (N,) vertex of each node.
        node_of: (V,) node of each vertex.
        tissue: how many nodes are tissue's; from the face's front to the back of the head.
        depth: (tissue,) z of their rest, m, falling; 0 without one.
        triangles: (T, 3) nodes of tissue's triangles, all below `tissue`.
        corner_starts, corners: CSR over tissue: for each node the corners (3 t + k) that it is.
        starts, others, edges: CSR over tissue: each node's neighbours, and (E, 2) the corners opposite the edge to
            each, -1 where the edge has one triangle.
        sample_vertices: (S, 3) vertices, and sample_weights: (S, 3) their weights; tissue's samples come first.
        sample_area: (S,) share of its triangle's area that a sample stands for; 1 at nodes that are not tissue's.
        gather_starts, gather: CSR over nodes: the samples that each node gathers.
        gather_weights: weight of the node in each of them; gather_triangles: tissue's triangle it lies in, or -1.
    """

    nodes: NDArray[np.int32]
    node_of: NDArray[np.int32]
    tissue: int
    depth: NDArray[np.float64]
    triangles: NDArray[np.int32]
    corner_starts: NDArray[np.int32]
    corners: NDArray[np.int32]
    starts: NDArray[np.int32]
    others: NDArray[np.int32]
    edges: NDArray[np.int32]
    sample_vertices: NDArray[np.int32]
    sample_weights: NDArray[np.float32]
    sample_area: NDArray[np.float32]
    gather_starts: NDArray[np.int32]
    gather: NDArray[np.int32]
    gather_weights: NDArray[np.float32]
    gather_triangles: NDArray[np.int32]


def soft_triangles(topology: Topology) -> NDArray[np.bool_]:
    """(T,) whether light diffuses in a triangle's material."""
    scattering = [i for i, name in enumerate(topology.material_names) if name in SCATTERING]
    return np.isin(topology.material_ids, scattering)


def build_net(topology: Topology, extra: int = 0, sample_area: float = SAMPLE_AREA) -> Net:
    """The net of a head model with this many vertices of other things, which become its last nodes."""
    count = len(topology.uv) + extra
    welds = topology.weld_map(extra)
    soft = soft_triangles(topology)
    welded = welds[topology.triangles]
    tissue_nodes = np.unique(welded[soft])
    depth = np.zeros(len(tissue_nodes)) if topology.rest is None else topology.rest[tissue_nodes, 2]
    order = np.argsort(-depth, kind="stable")
    tissue_nodes, depth = tissue_nodes[order], depth[order]
    rest = np.setdiff1d(np.unique(welds), tissue_nodes)
    nodes = np.concatenate([tissue_nodes, rest]).astype(np.int32)
    place = np.full(count, -1, dtype=np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    triangles = place[welded[soft]].reshape(-1, 3)
    n = len(tissue_nodes)

    corners = np.argsort(triangles.ravel(), kind="stable").astype(np.int32)
    corner_starts = _starts(triangles.ravel(), n)
    starts, others, edges = _edges(triangles, n)
    vertices, weights, area, triangle = _samples(topology, np.flatnonzero(soft), sample_area)
    inside = len(vertices)
    own = np.repeat(rest[:, None], 3, axis=1).astype(np.int32)
    sample_vertices = np.concatenate([vertices, own])
    owner = np.concatenate([place[welds[vertices]].ravel(), np.arange(n, len(nodes), dtype=np.int32)])
    sample = np.concatenate([np.repeat(np.arange(inside), 3), inside + np.arange(len(rest))])
    weight = np.concatenate([weights.ravel(), np.ones(len(rest), np.float32)])
    lies = np.concatenate([np.repeat(triangle, 3), np.full(len(rest), -1)])
    order = np.argsort(owner, kind="stable")
    return Net(
        nodes=nodes,
        node_of=place[welds],
        tissue=n,
        depth=depth,
        triangles=triangles,
        corner_starts=corner_starts,
        corners=corners,
        starts=starts,
        others=others,
        edges=edges,
        sample_vertices=sample_vertices.astype(np.int32),
        sample_weights=np.concatenate([weights, np.tile(np.array([1.0, 0.0, 0.0]), (len(rest), 1))]).astype(np.float32),
        sample_area=np.concatenate([area, np.ones(len(rest))]).astype(np.float32),
        gather_starts=_starts(owner, len(nodes)),
        gather=sample[order].astype(np.int32),
        gather_weights=weight[order].astype(np.float32),
        gather_triangles=lies[order].astype(np.int32),
    )


def _starts(keys: NDArray[np.integer], count: int) -> NDArray[np.int32]:
    """(count + 1,) where each key's entries begin once they are sorted."""
    return np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=count))]).astype(np.int32)


def _edges(triangles: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Neighbours of each node, and the corners opposite the edge to each."""
    t = triangles.astype(np.int64)
    corner = np.arange(t.size, dtype=np.int64).reshape(-1, 3)
    a, b = np.roll(t, -1, axis=1).ravel(), np.roll(t, -2, axis=1).ravel()
    codes = np.concatenate([a * count + b, b * count + a])
    faces = np.concatenate([corner.ravel(), corner.ravel()])
    order = np.argsort(codes, kind="stable")
    codes, faces = codes[order], faces[order]
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    extent = np.diff(np.append(first, len(codes)))
    edges = np.full((len(first), 2), -1, dtype=np.int32)
    edges[:, 0] = faces[first]
    edges[extent > 1, 1] = faces[first[extent > 1] + 1]
    return _starts(codes[first] // count, count), (codes[first] % count).astype(np.int32), edges


def _samples(
    topology: Topology, which: NDArray[np.intp], sample_area: float
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float64], NDArray[np.intp]]:
    """Vertices, weights, share of the area and triangle (as a row of `which`) of the samples in these triangles.

    A triangle cut k-fold along each side has k² samples, one amid each piece.
    """
    triangles = topology.triangles[which]
    cuts = np.ones(len(which), dtype=int)
    if topology.rest is not None:
        p = topology.rest[triangles].astype(float)
        area = 0.5 * np.linalg.norm(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), axis=-1)
        back = [i for i, label in enumerate(topology.region_labels) if label == "none"]  # scalp, neck, ears
        cuts = np.where(
            ~np.isin(topology.region_ids[which], back),
            np.clip(np.ceil(np.sqrt(area / sample_area)), 1, _MOST_CUTS).astype(int),
            1,
        )
    blocks = []
    for k in range(1, _MOST_CUTS + 1):
        rows = np.flatnonzero(cuts == k)
        weights = _pieces(k)
        blocks.append((np.repeat(rows, k * k), np.tile(weights, (len(rows), 1))))
    row = np.concatenate([b[0] for b in blocks])
    weights = np.concatenate([b[1] for b in blocks])
    return triangles[row], weights.astype(np.float32), 1.0 / cuts[row] ** 2, row


def _pieces(k: int) -> NDArray[np.float64]:
    """(k², 3) barycentric middles of a triangle's pieces."""
    up = [(i + 1 / 3, j + 1 / 3) for i in range(k) for j in range(k - i)]
    down = [(i + 2 / 3, j + 2 / 3) for i in range(k) for j in range(k - 1 - i)]
    first, second = (np.array(up + down) / k).T
    return np.stack([1 - first - second, first, second], axis=-1)
