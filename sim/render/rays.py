"""Ray grids: the rays of an image's pixels or of a shadow map's texels, with what bounds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PADDING = 8
"""Unused elements at the end of an image, so that reading in blocks of eight stays inside."""
TILE = 16
"""Edge of a tile, px."""
BLOCK = 4
"""Edge of a block, tiles."""
EMPTY_RANGE = np.float32(1.0e30)
"""Range stored where there is no surface, m."""


@dataclass(frozen=True, eq=False)
class RayGrid:
    """Host arrays for rays (H, W) from one point.

    Attributes:
        width, height: of the grid.
        reach: largest angle of a ray from the z axis, rad.
        rays: (3, H * W + PADDING) float32 unit rays, as the kernels read them, eight neighbours at a time; 0: no ray.
        tiles: (rows, columns, 4) float32, per tile the axis and the sine of the half angle of a cone around its rays.
        blocks: the same for blocks of BLOCK x BLOCK tiles.
        limits: (9, 3) float32, see `half_spaces`.
    """

    width: int
    height: int
    reach: float
    rays: NDArray[np.float32]
    tiles: NDArray[np.float32]
    blocks: NDArray[np.float32]
    limits: NDArray[np.float32]


def ray_grid(rays: NDArray[np.float64], valid: NDArray[np.bool_]) -> RayGrid:
    """Prepare unit rays (H, W, 3), of which those at `valid` (H, W) exist."""
    height, width = valid.shape
    rays = np.where(valid[..., None], rays, 0.0)
    flat = np.pad(rays.reshape(-1, 3).T.astype(np.float32), ((0, 0), (0, PADDING)))
    return RayGrid(
        width,
        height,
        float(np.arccos(np.clip(rays[valid][:, 2].min(initial=1.0), -1.0, 1.0))) + 1e-3,  # for float32 rounding
        np.ascontiguousarray(flat),
        tile_cones(rays, valid),
        tile_cones(rays, valid, TILE * BLOCK),
        half_spaces(rays[valid]),
    )


def from_stereographic(uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """(*batch, 2) stereographic coordinates to (*batch, 3) unit vectors."""
    s = (uv**2).sum(-1, keepdims=True)
    return np.concatenate([2 * uv, 1 - s], -1) / (1 + s)


def tile_cones(rays: NDArray[np.float64], valid: NDArray[np.bool_], tile: int = TILE) -> NDArray[np.float32]:
    """Cones around the rays of each tile x tile block of (H, W, 3) rays; a tile without rays gets a sine of -1."""
    h, w = valid.shape
    rows, cols = -(-h // tile), -(-w // tile)
    cones = np.zeros((rows, cols, 4), dtype=np.float32)
    cones[..., 3] = -1.0
    for i, j in np.ndindex(rows, cols):
        part = np.s_[i * tile : (i + 1) * tile, j * tile : (j + 1) * tile]
        d = rays[part][valid[part]]
        axis = d.sum(0)
        length = np.linalg.norm(axis)
        if len(d) and length > 1e-9:
            cosine = np.clip((d @ (axis / length)).min(), -1.0, 1.0)
            # The margin covers float32 rounding in the kernel.
            cones[i, j] = *(axis / length), np.sin(min(np.arccos(cosine) + 1e-4, np.pi / 2))
        elif len(d):
            cones[i, j] = 0.0, 0.0, 1.0, 1.0
    return cones


def half_spaces(rays: NDArray[np.float64]) -> NDArray[np.float32]:
    """(9, 3) normals m with d·m >= 0 for all rays (N, 3): what has p·m < 0 everywhere is out of sight.

    The optical axis and eight planes around it, leaning in; zero, hence of no use, for fields beyond 180 degrees.
    """
    out = np.zeros((9, 3))
    if len(rays) and rays[:, 2].min() >= 0.0:
        out[0] = 0.0, 0.0, 1.0
        for k, phi in enumerate(np.arange(8) * np.pi / 4):
            side = rays[:, 0] * np.cos(phi) + rays[:, 1] * np.sin(phi)
            lean = np.arctan2(rays[:, 2], side)[side > 0.0].min(initial=np.pi / 2) - 1e-4
            if lean > 0.0:
                out[k + 1] = -np.sin(lean) * np.cos(phi), -np.sin(lean) * np.sin(phi), np.cos(lean)
    return out.astype(np.float32)
