"""Points on a deforming surface: drawn once per topology, carried along by every mesh, weighted by its area.

Points are drawn uniformly by area on a reference mesh and stay on their triangle at fixed barycentric coordinates.
On another mesh a point weighs its triangle's area there over its area in the reference, so that weighted means stay
means over area (importance sampling), while all wearers and expressions share the same points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError


def triangle_vectors(vertices: NDArray[np.float64], triangles: NDArray[np.integer]) -> NDArray[np.float64]:
    """Area times outward unit normal, m²: vertices (*batch, V, 3) m, triangles (T, 3) -> (*batch, T, 3)."""
    a, b, c = (vertices[..., triangles[:, k], :] for k in range(3))
    return 0.5 * np.cross(b - a, c - a)


def mean_normal(vertices: NDArray[np.float64], triangles: NDArray[np.integer]) -> NDArray[np.float64]:
    """Area-weighted mean of the unit normals over a surface, exact for a triangle mesh.

    Args:
        vertices: (*batch, V, 3), m.
        triangles: (T, 3) of the surface alone, counter-clockwise from outside.

    Returns:
        (*batch, 3); its length is at most 1, and 1 for a plane.
    """
    vectors = triangle_vectors(vertices, triangles)
    return vectors.sum(-2) / np.linalg.norm(vectors, axis=-1).sum(-1)[..., None]


@dataclass(frozen=True, eq=False)
class LocatedPoints:
    """Surface points on one mesh.

    Attributes:
        positions: (P, 3), m.
        normals: (P, 3), unit, outward, those of the flat triangles.
        areas: (P,), m²: the area each point stands for on this mesh.
    """

    positions: NDArray[np.float64]
    normals: NDArray[np.float64]
    areas: NDArray[np.float64]

    def every(self, step: int) -> LocatedPoints:
        """One point in `step`, still spread evenly, for points are drawn in strata; areas keep their proportions."""
        return LocatedPoints(self.positions[::step], self.normals[::step], self.areas[::step])


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """Points fixed to a topology.

    Attributes:
        corners: (P, 3) vertex indices of each point's triangle.
        barycentric: (P, 3), rows sum to 1.
        share: (P,) how much of its triangle's area each point stands for; 1/P of the reference surface each.
    """

    corners: NDArray[np.int32]
    barycentric: NDArray[np.float64]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.share)

    def locate(self, vertices: NDArray[np.float64]) -> LocatedPoints:
        """Carry the points to a mesh of the same topology, vertices (V, 3), m."""
        p = vertices[self.corners]
        vectors = 0.5 * np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
        areas = np.linalg.norm(vectors, axis=-1)
        normals = vectors / np.maximum(areas, np.finfo(np.float64).tiny)[:, None]
        return LocatedPoints(np.einsum("pk,pkj->pj", self.barycentric, p), normals, areas * self.share)


def sample_surface(
    rng: np.random.Generator, vertices: NDArray[np.float64], triangles: NDArray[np.int32], count: int
) -> SurfacePoints:
    """Draw points uniformly by area, stratified along the triangle list, which keeps neighbours together.

    Args:
        rng: the only source of randomness.
        vertices: (V, 3) of the reference mesh, m.
        triangles: (T, 3) of the surface to cover.
        count: how many points.

    Raises:
        SimError: no points, or a surface without area.
    """
    if count < 1:
        raise SimError(f"`points >= 1` must hold for surface sampling, got {count}")
    areas = np.linalg.norm(triangle_vectors(vertices, triangles), axis=-1)
    total = areas.sum()
    if not total > 0:
        raise SimError(f"`area > 0` must hold for a sampled surface, got {total} m² over {len(triangles)} triangles")
    u = (np.arange(count) + rng.random(count)) / count * total
    chosen = np.minimum(np.searchsorted(np.cumsum(areas), u, side="right"), np.flatnonzero(areas > 0)[-1])
    root, v = np.sqrt(rng.random(count)), rng.random(count)  # uniform in a triangle: Osada et al., 2002
    barycentric = np.stack([1 - root, root * (1 - v), root * v], axis=-1)
    return SurfacePoints(triangles[chosen].astype(np.int32), barycentric, total / count / areas[chosen])


def triangle_centroids(triangles: NDArray[np.int32]) -> SurfacePoints:
    """One point at each triangle's centroid, standing for the whole triangle."""
    count = len(triangles)
    return SurfacePoints(triangles.astype(np.int32), np.full((count, 3), 1 / 3), np.ones(count))


def join(parts: list[LocatedPoints]) -> LocatedPoints:
    """Several located sets as one, in order."""
    return LocatedPoints(
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.normals for p in parts]),
        np.concatenate([p.areas for p in parts]),
    )
