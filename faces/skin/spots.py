"""Small round marks strewn over the skin: pores, beard hairs, freckles, moles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def strew(density_cm2: Image, step_mm: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, 2) places in texels (row, column) of a fine image, at most one in each cell of a coarse image.

    Args:
        density_cm2: (h, w) how many a cm² on the mean face.
        step_mm: (h, w, 2) size of the coarse cells, mm.
        rng: the only source of randomness.

    Returns:
        Places in units of coarse cells, from the image's lower edge.
    """
    chance = density_cm2 * step_mm[..., 0] * step_mm[..., 1] / 100.0
    hit = np.argwhere(rng.random(chance.shape) < chance)
    return hit + rng.uniform(0.05, 0.95, hit.shape)


def splat(
    shape: tuple[int, int],
    places: NDArray[np.float64],
    radius_mm: NDArray[np.float64],
    amount: NDArray[np.float64],
    step_mm: NDArray[np.floating],
    shear: NDArray[np.floating],
    reach: int = 3,
    flat: bool = False,
) -> Image:
    """(H, W) sum of round marks.

    Args:
        shape: (H, W). places: (n, 2) in texels from the lower left corner, (row, column).
        radius_mm: (n,) of the marks; amount: (n,) height at their middle.
        step_mm: (H, W, 2) texel size along columns and rows, mm; shear: (H, W) cosine of the angle between these.
        reach: texels around the middle that a mark may cover.
        flat: a level top with a soft rim (moles), in place of a Gaussian of that SD.
    """
    height, width = shape
    middle = np.floor(places).astype(int).clip(0, [height - 1, width - 1])
    local = step_mm[middle[:, 0], middle[:, 1]].astype(np.float64)
    side = np.arange(-reach, reach + 1)
    rows = middle[:, :1, None] + side[None, :, None]
    columns = middle[:, 1:, None] + side[None, None, :]
    dy = (rows + 0.5 - places[:, :1, None]) * local[:, 1, None, None]
    dx = (columns + 0.5 - places[:, 1:, None]) * local[:, 0, None, None]
    skew = 2 * np.clip(shear[middle[:, 0], middle[:, 1]].astype(np.float64), -0.8, 0.8)[:, None, None]
    ratio = (dx * dx + dy * dy + skew * dx * dy) / (radius_mm**2)[:, None, None]
    value = np.exp(-(ratio**2)) if flat else np.exp(-0.5 * ratio)
    value = value * amount[:, None, None]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    cell = (rows * width + columns)[inside]
    return np.bincount(cell, value[inside], height * width).reshape(shape).astype(np.float32)
