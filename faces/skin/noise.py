"""Smooth random fields in space, sampled on the mean face, so that no seam or stretch of the texture shows in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

RELIEF_FIELDS = 8
"""Wearers' reliefs are mixtures of these; the more there are, the less two wearers have in common."""
RELIEF_MM = 1.0
"""Distance from crest to crest of the fine relief's fields."""
RELIEF_SCALE = 32.0
_SIDE = 96
_PER_WAVE = 4.0


def bake_relief(position_mm: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.int8]:
    """(F, H, W) independent unit Gaussian fields times `RELIEF_SCALE`; 0 outside.

    Args:
        position_mm: (H, W, 3), mm. inside: (H, W), where the fields are wanted.
    """
    rng = np.random.default_rng(20)
    volume = _band(rng)
    points = np.ascontiguousarray(position_mm[inside].T)
    fields = np.zeros((RELIEF_FIELDS, *inside.shape), np.int8)
    for field in fields:
        turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
        shift = rng.uniform(0, _SIDE, 3).astype(np.float32)
        lattice = (turn * _PER_WAVE / RELIEF_MM).astype(np.float32)
        where = [points[0] * a + points[1] * b + points[2] * c + d for (a, b, c), d in zip(lattice, shift, strict=True)]
        value = ndimage.map_coordinates(volume, where, order=1, mode="grid-wrap", prefilter=False)
        field[inside] = np.clip(np.rint(value * (RELIEF_SCALE / value.std())), -127, 127)
    return fields


def _band(rng: np.random.Generator) -> NDArray[np.float32]:
    """(N, N, N) periodic noise whose waves are about `_PER_WAVE` cells long."""
    white = rng.standard_normal((_SIDE,) * 3).astype(np.float32)
    k = np.fft.fftfreq(_SIDE).astype(np.float32)
    kz = np.fft.rfftfreq(_SIDE).astype(np.float32)
    radius = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + kz[None, None, :] ** 2) * _PER_WAVE
    band = np.exp(-0.5 * ((radius - 1.0) / 0.35) ** 2)
    return np.fft.irfftn(np.fft.rfftn(white) * band, s=white.shape, axes=(0, 1, 2)).astype(np.float32)


def smooth_noise(position_mm: NDArray[np.float32], scale_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Unit Gaussian field at positions (..., 3), mm; values `scale_mm` apart are nearly independent.

    Random numbers on a lattice of that spacing, interpolated by cubic B-splines, then brought to mean 0 and SD 1.
    """
    flat = position_mm.reshape(-1, 3)
    low = flat.min(axis=0)
    size = np.ceil((flat.max(axis=0) - low) / scale_mm).astype(int) + 4
    lattice = rng.standard_normal(tuple(size)).astype(np.float32)
    where = (flat - low) / np.float32(scale_mm) + 1.5
    value = ndimage.map_coordinates(lattice, where.T, order=3, mode="nearest", prefilter=False)
    value = (value - value.mean()) / value.std()
    return value.reshape(position_mm.shape[:-1]).astype(np.float32)
