"""Signed distances to the few simple solids that keep-outs are made of; exact outside, negative inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def box_distance(points: ArrayLike, centre: NDArray[np.float64], half_size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance of points (*batch, 3) to an axis-aligned box, m."""
    q = np.abs(np.asarray(points, dtype=np.float64) - centre) - half_size
    return np.asarray(np.linalg.norm(np.maximum(q, 0.0), axis=-1) + np.minimum(q.max(-1), 0.0))


def polygon_distance(points: NDArray[np.float64], corners: ArrayLike) -> NDArray[np.float64]:
    """Signed distance of points (*batch, 2) to a simple polygon (n, 2), m."""
    polygon = np.asarray(corners, dtype=np.float64)
    nearest = np.full(points.shape[:-1], np.inf)
    inside = np.zeros(points.shape[:-1], dtype=bool)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        edge, w = b - a, points - a
        t = np.clip((w @ edge) / (edge @ edge), 0.0, 1.0)
        nearest = np.minimum(nearest, np.linalg.norm(w - t[..., None] * edge, axis=-1))
        straddles = (a[1] > points[..., 1]) != (b[1] > points[..., 1])
        if a[1] != b[1]:
            crossing = a[0] + (points[..., 1] - a[1]) * edge[0] / edge[1]
            inside ^= straddles & (points[..., 0] < crossing)
    return np.where(inside, -nearest, nearest)


def swept_round_distance(points: ArrayLike, profile: ArrayLike, centre_x: tuple[float, float]) -> NDArray[np.float64]:
    """Signed distance to a solid of revolution about an axis along z that slides along x.

    Args:
        points: (*batch, 3), m.
        profile: (n, 2) corners (rho, z) with rho >= 0, of the half section; the first and last lie on the axis.
        centre_x: where the axis slides, from and to; y is 0.
    """
    p = np.asarray(points, dtype=np.float64)
    half = np.asarray(profile, dtype=np.float64)
    section = np.concatenate([half, half[::-1] * (-1.0, 1.0)])  # both sides, so that the axis is no edge
    keep = np.linalg.norm(section - np.roll(section, 1, axis=0), axis=-1) > 0
    beyond = np.maximum(np.abs(p[..., 0] - 0.5 * sum(centre_x)) - 0.5 * abs(centre_x[1] - centre_x[0]), 0.0)
    rho = np.hypot(beyond, p[..., 1])
    return polygon_distance(np.stack([rho, p[..., 2]], axis=-1), section[keep])
