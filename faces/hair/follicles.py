"""Follicles of a head model and the paths that hair takes over its skin, found once on the mean face.

A path is a walk of short steps along the zone's direction field, kept on the surface; each of its nodes is held as
three vertices and barycentric weights, so that on any posed mesh of the model it lies on the skin again, wherever that
went. Looks choose among the follicles; both halves of a mirror-symmetric model share them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.hair.zones import beard_flow, beard_weight, brow_flow, brow_weight
from faces.mesh import Topology

Array = NDArray[np.float64]

WIDEST_BROW = 1.6
NEAREST = 6
"""Triangles tried for each step."""


@dataclass(frozen=True, eq=False)
class Follicles:
    """Follicles of one zone on the left half, and the paths of their hair.

    Attributes:
        roots: (N, 3) mm on the mean face.
        vertices: (N, K, 3) int32, corners of the triangle that each node lies in; node 0 is the root.
        weights: (N, K, 3) float32, barycentric.
        reach_mm: (N,) path length until the skin ends: hair must not be longer.
        step_mm: between nodes.
        mirror: (V,) int32, of the topology.
    """

    roots: Array
    vertices: NDArray[np.int32]
    weights: NDArray[np.float32]
    reach_mm: Array
    step_mm: float
    mirror: NDArray[np.int32]


@dataclass(frozen=True)
class _Zone:
    labels: tuple[str, ...]
    walked: tuple[str, ...]  # where paths may lead, besides
    density: Callable[[Array], Array]  # follicles per mm²
    weight: Callable[[Array], Array]
    flow: Callable[[Array], Array]
    step_mm: float
    nodes: int
    waver: float  # rad, standard deviation of a path's heading


def _beard_density(points: Array) -> Array:
    """Densest on the upper lip, then on the chin."""
    x, y, z = points.T
    return np.where((y > -70) & (x < 29) & (z > 0), 2.3, np.where((y > -116) & (x < 36) & (z > 0), 0.80, 0.30))


ZONES = {
    "brow": _Zone(
        ("forehead", "glabella", "brow_left", "orbit_left"),
        (),
        lambda points: np.full(len(points), 2.1),
        lambda points: brow_weight(points, WIDEST_BROW),
        brow_flow,
        0.8,
        14,
        0.16,
    ),
    "beard": _Zone(
        ("perioral", "chin", "cheek_left", "jaw", "none"),
        ("lip_upper", "nose"),
        _beard_density,
        lambda points: np.maximum(beard_weight("full", points), beard_weight("circle", points)),
        beard_flow,
        1.2,
        17,
        0.22,
    ),
}
LIP_OVERHANG_MM = 3.5
"""How far moustaches may hang over the upper lip."""

_known: WeakKeyDictionary[Topology, dict[str, Follicles]] = WeakKeyDictionary()


def follicles(topology: Topology, zone: str) -> Follicles | None:
    """Those of one of `ZONES`; None for a model whose face is not mapped, or that is not mirror symmetric."""
    if topology.mean_face_mm is None or topology.mirror is None:
        return None
    kept = _known.setdefault(topology, {})
    if zone not in kept:
        kept[zone] = _find(topology, ZONES[zone])
    return kept[zone]


def _find(topology: Topology, zone: _Zone) -> Follicles:
    assert topology.mean_face_mm is not None
    assert topology.mirror is not None
    points = topology.mean_face_mm
    rng = np.random.default_rng(3)  # fixed: one set of follicles per model, not a random draw
    skin = _triangles(topology, zone.labels)
    surface = _Surface(points, np.concatenate([skin, _triangles(topology, zone.walked)]))

    centre = points[skin].mean(axis=1)
    edge = [points[skin[:, k]] - points[skin[:, 0]] for k in (1, 2)]
    area = 0.5 * np.linalg.norm(np.cross(edge[0], edge[1]), axis=1)
    wanted = area * zone.density(centre) * (zone.weight(centre) > 0.0)
    own = np.repeat(np.arange(len(skin)), rng.poisson(3.0 * wanted))
    bary = rng.dirichlet(np.ones(3), len(own))
    roots = np.einsum("nk,nkj->nj", bary, points[skin[own]])
    keep = (roots[:, 0] >= 0) & (zone.weight(roots) > 0.02)
    own, bary, roots = own[keep], bary[keep], roots[keep]
    keep = _spaced(roots, 0.72 / np.sqrt(zone.density(roots)))
    own, bary, roots = own[keep], bary[keep], roots[keep]

    n = len(own)
    vertices, weights = np.empty((n, zone.nodes, 3), np.int32), np.empty((n, zone.nodes, 3))
    vertices[:, 0], weights[:, 0] = skin[own], bary
    reach, going = np.full(n, (zone.nodes - 1) * zone.step_mm), np.ones(n, bool)
    turn = rng.normal(0.0, zone.waver, n)
    at, heading_before = roots.copy(), np.zeros((n, 3))
    for k in range(1, zone.nodes):
        normal = surface.normal(vertices[:, k - 1], weights[:, k - 1])
        heading = _turned(zone.flow(at), normal, turn)
        heading = _unit(heading + 0.6 * heading_before)
        heading -= normal * np.sum(heading * normal, axis=1, keepdims=True)
        heading_before = heading = _unit(heading)
        corners, inside, found, miss = surface.nearest(at + zone.step_mm * heading)
        going &= (miss < 0.35 * zone.step_mm) & _clear(found)
        reach = np.where(going, reach, np.minimum(reach, (k - 1) * zone.step_mm))
        vertices[:, k] = np.where(going[:, None], corners, vertices[:, k - 1])
        weights[:, k] = np.where(going[:, None], inside, weights[:, k - 1])
        at = np.where(going[:, None], found, at)
    return Follicles(roots, vertices, weights.astype(np.float32), reach, zone.step_mm, topology.mirror)


def _clear(points: Array) -> NDArray[np.bool_]:
    """Which points lie off the mouth's slit and do not cross the sagittal plane by much."""
    x, y, z = points.T
    lip = (y > -72.0) & (y < -58.0 - LIP_OVERHANG_MM) & (x < 23.0) & (z > 12.0)
    return ~lip & (x > -3.0)


def _triangles(topology: Topology, labels: tuple[str, ...]) -> NDArray[np.int32]:
    """Those of skin and lips with these labels."""
    assert topology.mean_face_mm is not None
    ids = [topology.region_labels.index(name) for name in labels if name in topology.region_labels]
    stuff = [topology.material_names.index(m) for m in ("skin", "brow", "lips") if m in topology.material_names]
    chosen = topology.triangles[np.isin(topology.region_ids, ids) & np.isin(topology.material_ids, stuff)]
    corners = topology.mean_face_mm[chosen]
    return chosen[np.isfinite(corners).all(axis=(1, 2)) & (corners[..., 0].max(axis=1) > -6.0)]


def _spaced(points: Array, radius: Array) -> NDArray[np.intp]:
    """Indices of points of which none lies within another's radius of one before it: follicles keep a distance."""
    alive = np.ones(len(points), bool)
    near = cKDTree(points).query_pairs(float(radius.max(initial=0.0)), output_type="ndarray")
    near = near[np.lexsort((near[:, 0], near[:, 1]))]
    close = np.linalg.norm(points[near[:, 0]] - points[near[:, 1]], axis=1) < radius[near[:, 1]]
    for a, b in near[close].tolist():  # a < b, in the order of b
        if alive[a]:
            alive[b] = False
    return np.flatnonzero(alive)


def _turned(heading: Array, normal: Array, angle: Array) -> Array:
    """Directions in the tangent plane, turned in it."""
    flat = _unit(heading - normal * np.sum(heading * normal, axis=1, keepdims=True))
    side = np.cross(normal, flat)
    return flat * np.cos(angle)[:, None] + side * np.sin(angle)[:, None]


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


class _Surface:
    """Nearest points of a set of triangles (T, 3) among points (V, 3)."""

    def __init__(self, points: Array, triangles: NDArray[np.int32]) -> None:
        self._points, self._triangles = points, triangles
        self._a, b, c = (points[triangles[:, k]] for k in range(3))
        self._u, self._v = b - self._a, c - self._a
        cross = np.cross(self._u, self._v)
        self._uu, self._uv, self._vv = (
            np.sum(p * q, axis=1) for p, q in ((self._u, self._u), (self._u, self._v), (self._v, self._v))
        )
        self._tree = cKDTree(points[triangles].mean(axis=1))
        self._normals = np.zeros_like(points)
        for k in range(3):
            np.add.at(self._normals, triangles[:, k], cross)

    def normal(self, vertices: NDArray[np.int32], weights: Array) -> Array:
        """(N, 3) unit normals at nodes."""
        return _unit(np.einsum("nk,nkj->nj", weights, _unit(self._normals[vertices])))

    def nearest(self, at: Array) -> tuple[NDArray[np.int32], Array, Array, Array]:
        """Corners (N, 3), weights (N, 3), points (N, 3) and distances (N,) of the surface nearest to `at`."""
        index = np.asarray(self._tree.query(at, k=NEAREST)[1])
        p = at[:, None] - self._a[index]
        pu, pv = np.sum(p * self._u[index], axis=-1), np.sum(p * self._v[index], axis=-1)
        uu, uv, vv = self._uu[index], self._uv[index], self._vv[index]
        area = uu * vv - uv * uv
        s, t = (vv * pu - uv * pv) / area, (uu * pv - uv * pu) / area
        weights = np.clip(np.stack([1 - s - t, s, t], axis=-1), 0.0, None)  # clipped: near enough to the nearest
        weights /= weights.sum(axis=-1, keepdims=True)
        found = np.einsum("nmk,nmkj->nmj", weights, self._points[self._triangles[index]])
        miss = np.linalg.norm(found - at[:, None], axis=-1)
        best = miss.argmin(axis=1)
        row = np.arange(len(at))
        return self._triangles[index[row, best]], weights[row, best], found[row, best], miss[row, best]
