"""Outlines of smooth surfaces as radii by direction."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SECTORS = 360
"""Directions in which an aperture's radius is tabulated."""


def aperture_radii(aperture: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """(SECTORS,) radius of an outline (N, 2) or a disc in the middle of each sector of directions, from +x to +y."""
    if np.ndim(aperture) == 0:
        return np.full(SECTORS, float(aperture))
    outline = np.asarray(aperture, dtype=np.float64)
    return _outline_radii(outline.shape[0], outline.tobytes())


@lru_cache(maxsize=64)
def _outline_radii(corners: int, values: bytes) -> NDArray[np.float64]:
    outline = np.frombuffer(values).reshape(corners, 2)
    a, b = outline, np.roll(outline, -1, axis=0)
    angle = (np.arange(SECTORS) + 0.5) * (2 * np.pi / SECTORS)
    d = np.stack([np.cos(angle), np.sin(angle)], -1)
    # The ray r d meets the edge a + u (b - a).
    e = b - a
    det = d[:, None, 0] * -e[None, :, 1] + d[:, None, 1] * e[None, :, 0]
    det = np.where(np.abs(det) < 1e-15, 1e-15, det)
    r = (a[None, :, 0] * -e[None, :, 1] + a[None, :, 1] * e[None, :, 0]) / det
    u = (d[:, None, 0] * a[None, :, 1] - d[:, None, 1] * a[None, :, 0]) / det
    return np.where((u >= -1e-9) & (u <= 1 + 1e-9) & (r > 0), r, 0.0).max(axis=1)
