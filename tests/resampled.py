"""The same view in other pixels: finer for supersampling, coarser where slow loops have to end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


def resampled(lens: Any, factor: float) -> Any:
    """A lens with `factor` times the pixels each way: edges of the image stay where they are, centres are at k."""
    return replace(
        lens,
        width_px=round(lens.width_px * factor),
        height_px=round(lens.height_px * factor),
        fx_px=lens.fx_px * factor,
        fy_px=lens.fy_px * factor,
        cx_px=(lens.cx_px + 0.5) * factor - 0.5,
        cy_px=(lens.cy_px + 0.5) * factor - 0.5,
    )


def window(lens: Any, x: int, y: int, size: int) -> Any:
    """The part of a lens's image that begins at column x and row y, size × size pixels."""
    return replace(lens, width_px=size, height_px=size, cx_px=lens.cx_px - x, cy_px=lens.cy_px - y)


def block_mean(image: NDArray[np.floating], fold: int) -> NDArray[np.float64]:
    """(H, W) means over blocks of fold × fold pixels."""
    h, w = image.shape[0] // fold, image.shape[1] // fold
    return np.asarray(image, float).reshape(h, fold, w, fold).mean((1, 3))
