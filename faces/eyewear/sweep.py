"""Solids of a frame: tubes along paths, and pads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROFILE = 10
"""Corners of a tube's cross-section."""


@dataclass(frozen=True, eq=False)
class Solid:
    """Vertices (V, 3) and triangles (T, 3), counter-clockwise from outside."""

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int32]


def profile(squareness: float = 3.0) -> NDArray[np.float64]:
    """(PROFILE, 2) rounded square of half width 1: a superellipse."""
    t = 2 * np.pi * (np.arange(PROFILE) + 0.5) / PROFILE
    e = 2.0 / squareness
    c, s = np.cos(t), np.sin(t)
    return np.stack([np.sign(c) * np.abs(c) ** e, np.sign(s) * np.abs(s) ** e], -1)


def tube(
    path: NDArray[np.float64], side: NDArray[np.float64], up: NDArray[np.float64], half: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(N * PROFILE, 3) vertices: at each station of a path (N, 3) a section along `side` and `up` (N, 3), of half
    sizes `half` (N, 2)."""
    section = profile()
    ring = (
        path[:, None]
        + section[None, :, :1] * half[:, None, :1] * side[:, None]
        + section[None, :, 1:] * half[:, None, 1:] * up[:, None]
    )
    return ring.reshape(-1, 3)


def tube_triangles(stations: int, closed: bool) -> NDArray[np.int32]:
    """(T, 3) of `tube`, where side x up points along the path; open ends are capped by fans."""
    n = PROFILE
    rows = np.arange(stations if closed else stations - 1)
    i, j = (a.ravel() for a in np.meshgrid(rows, np.arange(n), indexing="ij"))
    a, b = i * n + j, i * n + (j + 1) % n
    c, d = (i + 1) % stations * n + j, (i + 1) % stations * n + (j + 1) % n
    out = [np.stack([a, b, d], -1), np.stack([a, d, c], -1)]
    if not closed:
        k = np.arange(1, n - 1)
        last = (stations - 1) * n
        out += [np.stack([0 * k, k + 1, k], -1), np.stack([0 * k + last, last + k, last + k + 1], -1)]
    return np.concatenate(out).astype(np.int32)


def along(path: NDArray[np.float64], up: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Section axes (N, 3) each of a path (N, 3): side = up x tangent, made unit, and what completes them."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(up, tangent)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return side, np.cross(tangent, side)


RINGS, SPOKES = 5, 10


def ball() -> Solid:
    """Unit sphere, poles along z, with RINGS rings of SPOKES."""
    polar = np.pi * np.arange(1, RINGS + 1) / (RINGS + 1)
    turn = 2 * np.pi * np.arange(SPOKES) / SPOKES
    ring = np.stack(
        [
            np.outer(np.sin(polar), np.cos(turn)),
            np.outer(np.sin(polar), np.sin(turn)),
            np.outer(np.cos(polar), np.ones(SPOKES)),
        ],
        -1,
    )
    vertices = np.concatenate([ring.reshape(-1, 3), [[0, 0, 1.0], [0, 0, -1.0]]])
    top, bottom = RINGS * SPOKES, RINGS * SPOKES + 1
    triangles = []
    for j in range(SPOKES):
        k = (j + 1) % SPOKES
        triangles += [(top, j, k), (bottom, (RINGS - 1) * SPOKES + k, (RINGS - 1) * SPOKES + j)]
        for i in range(RINGS - 1):
            a, b, c, d = i * SPOKES + j, i * SPOKES + k, (i + 1) * SPOKES + j, (i + 1) * SPOKES + k
            triangles += [(a, c, d), (a, d, b)]
    return Solid(vertices, np.array(triangles, np.int32))


def vertex_normals(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """(V, 3) unit, area-weighted."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    out = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), minlength=len(vertices)) for k in range(3)], -1
    )
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-30)
