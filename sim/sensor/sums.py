"""Mean, least value and percentiles of an image on its device, of which some kilobytes come to the host."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.sensor.resident_kernels import count_levels, sum_pixels

LANES = 1024
"""Partial sums: enough threads for a GPU, and 16 kB to read."""
CELLS = 1024
"""Of a histogram, and again of one cell of it: levels are found to a millionth of the range."""


class Sums:
    """Of images of one size; arrays are reused, and sums are in double precision, always in the same order.

    Args:
        pixels: of an image.
        device: that it is on.
    """

    def __init__(self, pixels: int, device: wp.Device) -> None:
        self._pixels = pixels
        self._device = device
        self._lanes = min(LANES, pixels)
        self._parts = wp.empty(self._lanes, dtype=wp.vec2d, device=device)
        self._one = wp.ones(1, dtype=float, device=device)
        self._counts = wp.zeros(CELLS, dtype=int, device=device)

    def mean(self, image: wp.array, weights: wp.array | None = None) -> tuple[float, float]:
        """Mean of float32 (H W,) times the weights, and the least value of the image itself."""
        steps = -(-self._pixels // self._lanes)
        # Neighbouring threads of a GPU read neighbouring pixels; a CPU's thread reads on.
        start, step = (1, self._lanes) if self._device.is_cuda else (steps, 1)
        inputs = [self._pixels, steps, start, step, image, self._one if weights is None else weights]
        wp.launch(sum_pixels, dim=self._lanes, inputs=inputs, outputs=[self._parts], device=self._device)
        parts = self._parts.numpy()
        return float(parts[:, 0].sum()) / self._pixels, float(parts[:, 1].min())

    def percentile(self, image: wp.array, percentile: float, most: float) -> float:
        """As `numpy.percentile` of float32 (H W,) in [0, most], to a millionth of `most`."""
        rank = percentile / 100.0 * (self._pixels - 1)
        low = int(rank)
        ends = self._levels(image, (low, min(low + 1, self._pixels - 1)), CELLS / most)
        return ends[0] + (ends[1] - ends[0]) * (rank - low)

    def _levels(self, image: wp.array, places: tuple[int, int], scale: float) -> list[float]:
        """The pixels at two places of the sorted image."""
        coarse = np.cumsum(self._histogram(image, scale, -1))
        out = []
        for place in places:
            cell = int(np.searchsorted(coarse, place, side="right"))
            before = int(coarse[cell - 1]) if cell else 0
            fine = np.cumsum(self._histogram(image, scale, cell))
            part = int(np.searchsorted(fine, place - before, side="right"))
            out.append((cell + (part + 0.5) / CELLS) / scale)
        return out

    def _histogram(self, image: wp.array, scale: float, cell: int) -> NDArray[np.int32]:
        self._counts.zero_()
        inputs = [scale, cell, image]
        wp.launch(count_levels, dim=self._pixels, inputs=inputs, outputs=[self._counts], device=self._device)
        return np.array(self._counts.numpy())
