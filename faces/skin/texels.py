"""Values at the vertices of a flat triangulation, interpolated at the centres of texels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK = 4000


def rasterise(
    uv: NDArray[np.floating], triangles: NDArray[np.integer], values: NDArray[np.floating], resolution: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Linear interpolation inside each triangle; where triangles overlap the later one counts.

    Args:
        uv: (V, 2) in [0, 1]. triangles: (T, 3). values: (V, C). resolution: texels on each side.

    Returns:
        (H, W, C) float32, row 0 at v = 0, centres at ((column + 0.5) / W, (row + 0.5) / H); and where it is covered.
    """
    image = np.zeros((resolution * resolution, values.shape[1]), np.float32)
    cover = np.zeros(resolution * resolution, bool)
    corners = uv[triangles] * resolution - 0.5
    low = np.maximum(np.ceil(corners.min(axis=1)), 0).astype(int)
    high = np.minimum(np.floor(corners.max(axis=1)), resolution - 1).astype(int)
    size = np.maximum(high - low + 1, 0)
    for start in range(0, len(triangles), _CHUNK):
        part = slice(start, start + _CHUNK)
        count = size[part].prod(axis=1)
        of = np.repeat(np.arange(len(count)), count)
        rank = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        width = size[part][of, 0]
        x = low[part][of, 0] + rank % np.maximum(width, 1)
        y = low[part][of, 1] + rank // np.maximum(width, 1)
        a, b, c = (corners[part][:, k] for k in range(3))
        det = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        det = np.where(np.abs(det) > 1e-12, det, np.inf)[of]
        px, py = x - a[of, 0], y - a[of, 1]
        second = (px * (c - a)[of, 1] - py * (c - a)[of, 0]) / det
        third = (py * (b - a)[of, 0] - px * (b - a)[of, 1]) / det
        first = 1 - second - third
        hit = (first >= -1e-9) & (second >= -1e-9) & (third >= -1e-9) & np.isfinite(det)
        cell = (y * resolution + x)[hit]
        of = of[hit]
        ids = triangles[part][of]
        weights = np.stack([first, second, third], axis=1)[hit]
        image[cell] = np.einsum("nk,nkc->nc", weights, values[ids])
        cover[cell] = True
    return image.reshape(resolution, resolution, -1), cover.reshape(resolution, resolution)
