"""What a lens does to the sharpness of an image: defocus by depth, and its point spread.

**Defocus.** A thin lens of focal length f and f-number N, focused at s, spreads a point at range r over a disc of
diameter f² / (N (s - f)) · |1 - s / r| (circle of confusion). Where no disc is wider than 2.5 px, which is usual with
headsets' short lenses, each pixel exchanges light with its four neighbours, as much as gives the disc's variance;
across an edge, the nearer pixel's. Otherwise pixels are dealt to layers of some disc sizes, nearer and farther than
the focus, such that the variance of the spread is right; a layer's pixels are spread over its disc; then the near ones
are laid over those in focus, these over the far ones. What lies behind a near edge is not known: such an edge veils
what is beside it, but does not become transparent itself. A scene of even brightness stays so, exactly.

Pixels at an outline hold light of both sides, but the depth of one. Where the nearer side is the sharper, they are
blurred as it is: else a sharp face before a blurred ground would glow at its outline.

**Point spread.** A Gaussian: diffraction, aberrations, and charge that wanders between pixels.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import warp as wp
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.render.device import open_device
from sim.sensor.blur_kernels import (
    disc_shares,
    disc_variances,
    exchange,
    filter_columns,
    filter_rows,
    lay_under,
    select_layer,
    spread_layer,
)
from sim.sensor.exposure import focal_length_px

DISCS_PX = (2.0, 3.0, 4.5, 6.5, 9.0, 12.0)
"""Diameters of the layers' discs; wider ones are cut to the last. One of 1 px spreads nothing: it lies in its pixel."""
_INVISIBLE = 0.01
"""Variance, px², of discs (0.4 px wide) that add 1.4 % to the width of a point spread of 0.6 px: not worth the time."""
_OUTLINE = 0.05
"""Of the range: a neighbour nearer by more has an outline here, whose pixels hold light of both sides."""


SMALL = 0.4
"""Variance, px², of discs up to 2.5 px wide: where none is larger, a stencil of five pixels has it."""


def confusion_px(camera: Camera) -> float:
    """Diameter of the disc of a point at infinity, px; at range r it is |1 - s / r| of that, s the focus distance."""
    pixel = camera.sensor.pixel_um * 1e-6
    focal = focal_length_px(camera.lens) * pixel
    focus = camera.optics.focus_mm * 1e-3
    return float(focal**2 / (camera.optics.f_number * max(focus - focal, 1e-6)) / pixel)


@cache
def disc(diameter_px: float) -> tuple[NDArray[np.float32], float]:
    """(n, 3) offsets and weights of a disc about a pixel's centre, by the area it covers, and its variance, px²."""
    radius, fine = 0.5 * diameter_px, 64
    reach = int(np.ceil(radius - 0.5))
    steps = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - 0.5 - reach
    inside = (steps[:, None] ** 2 + steps**2 <= radius**2).astype(float)
    n = 2 * reach + 1
    weights = inside.reshape(n, fine, n, fine).sum((1, 3))
    weights /= weights.sum()
    y, x = np.nonzero(weights)
    taps = np.stack([x - reach, y - reach, weights[y, x]], -1).astype(np.float32)
    return taps, float((weights * np.arange(-reach, reach + 1) ** 2).sum())


class Blur:
    """Defocus and point spread of one camera; arrays are reused from image to image.

    Args:
        camera: its lens, optics and pixel.
        device: of Warp.
        defocus, point_spread: which of the two.
    """

    def __init__(self, camera: Camera, device: str = "cpu", defocus: bool = True, point_spread: bool = True) -> None:
        self._device = open_device(device)
        self.height, self.width = camera.height_px, camera.width_px
        sigma = camera.optics.psf_sigma_px if point_spread else 0.0
        reach = int(np.ceil(3 * sigma))
        taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-9)) ** 2)
        self._gaussian = wp.array(taps / taps.sum(), dtype=float, device=self._device) if sigma > 0.0 else None
        self._scale = confusion_px(camera) ** 2 / 16 if defocus else 0.0  # a disc's variance along an axis
        pixels = self.width * self.height
        self._two = [wp.empty(pixels, dtype=float, device=self._device) for _ in range(2)]
        if self._scale > 0.0:
            y, x = np.mgrid[: self.height, : self.width].astype(float)
            forward = np.nan_to_num(camera.lens.unproject(np.stack([x, y], -1))[..., 2], nan=1.0)
            self._forward = self._upload(camera.optics.focus_mm * 1e-3 * forward)
            self._variances, self._sum, self._left, self._cover, self._light, self._near, self._shine = (
                wp.zeros(pixels, dtype=float, device=self._device) for _ in range(7)
            )
            self._range = wp.zeros(2 * self.height, dtype=float, device=self._device)
            self._discs = [disc(d) for d in DISCS_PX]
            self._taps = [wp.array([[0.0, 0.0, 1.0]], dtype=wp.vec3, device=self._device)]
            self._taps += [wp.array(taps, dtype=wp.vec3, device=self._device) for taps, _ in self._discs]

    def __call__(self, image: NDArray[np.floating], depth: NDArray[np.floating] | None) -> NDArray[np.float32]:
        """(H, W) the image as it falls on the sensor.

        Args:
            image: (H, W) anything proportional to radiance.
            depth: (H, W) m along the camera's z axis, NaN where nothing is seen; None: no defocus.
        """
        ranges = self._upload(depth) if self.needs_depth and depth is not None else None
        light = self.on_device(self._upload(image), ranges)
        return np.array(light.numpy().reshape(self.height, self.width), copy=True)

    @property
    def needs_depth(self) -> bool:
        """Whether depth changes anything."""
        return self._scale > 0.0

    def on_device(self, light: wp.array, depth: wp.array | None) -> wp.array:
        """The same of arrays (H W,) on the device; the result lies in memory of the blur's, or is `light` itself."""
        if self.needs_depth and depth is not None:
            light = self._defocus(light, depth)
        if self._gaussian is not None:
            one, other = self._two
            self._rows(filter_rows, [self.width, self._gaussian, light, one])
            self._rows(filter_columns, [self.width, self.height, self._gaussian, one, other])
            light = other
        return light

    def _defocus(self, light: wp.array, depth: wp.array) -> wp.array:
        middles = np.array([0.0, *(v for _, v in self._discs)])
        self._rows(disc_shares, [self.width, depth, self._forward, self._cover])
        inputs = [self.width, self.height, self._scale, float(middles[-1]), _OUTLINE]
        self._rows(disc_variances, [*inputs, self._cover, self._variances, self._range])
        self._cover.zero_()
        ranges = self._range.numpy().reshape(-1, 2)
        most = np.abs(ranges).max()
        if most <= _INVISIBLE:
            return light
        if most <= SMALL:
            self._rows(exchange, [self.width, self.height, self._variances, light, self._sum])
            return self._sum
        self._sum.zero_()
        self._left.fill_(1.0)
        for sign, layers in ((-1, range(len(middles) - 1, 0, -1)), (0, range(1)), (1, range(1, len(middles)))):
            used = [self._layer(k, sign, middles, ranges, light) for k in layers]
            if any(used) or sign == 1:
                self._rows(lay_under, [self.width, int(sign == 1), self._near, self._shine, self._left, self._sum])
        return self._sum

    def _layer(
        self, k: int, sign: int, middles: NDArray[np.float64], ranges: NDArray[np.float32], light: wp.array
    ) -> bool:
        """Spread the pixels of one layer into its group; whether there were any."""
        middle = float(sign * middles[k])
        ends = [sign * middles[k - 1], sign * middles[k + 1] if k + 1 < len(middles) else sign * (middles[k] + 1.0)]
        low, high = sorted(ends) if k else (-float(middles[1]), float(middles[1]))
        rows = np.flatnonzero((ranges[:, 1] > low) & (ranges[:, 0] < high))
        if not len(rows):
            return False
        first, last = int(rows[0]), int(rows[-1]) + 1
        hat = [low, middle, high, 1.0 / (middle - low), 1.0 / (high - middle), float(middles[1])]
        inputs = [first, self.width, *hat, self._variances, light, self._cover, self._light]
        self._rows(select_layer, inputs, last - first)
        reach = int(np.ceil(DISCS_PX[k - 1] / 2 - 0.5)) if k else 0
        start, end = max(first - reach, 0), min(last + reach, self.height)
        group = [self._cover, self._light, self._near, self._shine]
        self._rows(spread_layer, [start, self.width, first, last, self._taps[k], *group], end - start)
        return True

    def _rows(self, kernel: wp.Kernel, inputs: list[object], count: int | None = None) -> None:
        wp.launch(kernel, dim=self.height if count is None else count, inputs=inputs, device=self._device)

    def _upload(self, values: NDArray[np.floating]) -> wp.array:
        flat = np.ascontiguousarray(values, np.float32).ravel()
        return wp.array(flat, dtype=float, device=self._device, copy=False)
