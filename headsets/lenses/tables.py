"""Tables over the pixels of a lens, so that kernels need know no lens by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headsets.lenses.lens import Lens


def pixel_centres(lens: Lens) -> NDArray[np.float64]:
    """(H, W, 2) x and y of the pixels' centres."""
    x, y = np.meshgrid(np.arange(lens.width_px, dtype=np.float64), np.arange(lens.height_px, dtype=np.float64))
    return np.stack([x, y], axis=-1)


def ray_table(lens: Lens) -> NDArray[np.float64]:
    """Unit rays through the pixel centres: (H, W, 3), camera frame, NaN where the lens has no ray."""
    return lens.unproject(pixel_centres(lens))


def solid_angles_at(lens: Lens, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solid angle of a pixel about each point of the image (*batch, 2), sr, by its two half-pixel differences: for
    tables of whole lenses, where `pixel_solid_angles` is exact and takes longer; NaN where the lens has no ray."""
    along, across = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    right = lens.unproject(pixels + along) - lens.unproject(pixels - along)
    down = lens.unproject(pixels + across) - lens.unproject(pixels - across)
    return np.asarray(np.linalg.norm(np.cross(right, down), axis=-1))


def pixel_solid_angles(lens: Lens) -> NDArray[np.float64]:
    """Solid angle of each pixel, sr: (H, W), NaN where a corner has no ray.

    Each pixel is the union of two spherical triangles between its corner rays
    (van Oosterom and Strackee, IEEE Trans. Biomed. Eng. 1983).
    """
    x, y = np.meshgrid(np.arange(lens.width_px + 1) - 0.5, np.arange(lens.height_px + 1) - 0.5)
    rays = lens.unproject(np.stack([x, y], axis=-1))
    a, b, c, d = rays[:-1, :-1], rays[:-1, 1:], rays[1:, 1:], rays[1:, :-1]
    return _triangle(a, b, c) + _triangle(a, c, d)


def _triangle(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    # Differences first: rays of neighbouring pixels are nearly parallel and the plain triple product would cancel.
    volume = (a * np.cross(b - a, c - a)).sum(-1)
    denominator = 1 + (a * b).sum(-1) + (b * c).sum(-1) + (c * a).sum(-1)
    return np.abs(2 * np.arctan2(volume, denominator))
