"""Camera images at an encoder's size: each new pixel is the mean of the area that it covers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def shrink(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """An image (H, W) at (height, width), rounded to 8 bits.

    Shape is not kept: as in REFA 7.1, images that are not square are squeezed.
    """
    if image.shape == (height, width):
        return image
    rows, columns = shares(image.shape[0], height), shares(image.shape[1], width)
    out = rows @ image.astype(np.float32) @ columns.T
    return np.asarray(np.rint(out), np.uint8)


@lru_cache(maxsize=16)
def shares(old: int, new: int) -> NDArray[np.float32]:
    """(new, old): the share of each old pixel in each new one; rows sum to 1."""
    edges = np.arange(new + 1) * (old / new)
    pixels = np.arange(old)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(np.maximum(overlap, 0.0) * (new / old), np.float32)
