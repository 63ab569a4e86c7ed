# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Mirror images of LEDs laid over an image: small spots of known flux, where nothing is in the way.

A spot brings E W/m² to the camera on a plane square to its ray. Its pixels share that by a Gaussian whose variance is
that of the LED's image, a disc of variance D² / 16 along each axis, plus BLUR²; pixel i gets E w_i / (Ω Σ w), with Ω
the solid angle of a pixel there: the radiances times solid angles add up to E.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Leds

wp.set_module_options(KERNEL_OPTIONS)

BLUR = 0.4
"""Standard deviation, px, of what smears a point over pixels: their own size, 0.29 px, and as much by the lens."""
REACH = 12
"""Farthest pixel from the middle of a spot that gets any of it."""
SPOT = wp.types.vector(length=12, dtype=wp.float32)
"""x and y, px; inverse covariance xx, xy, yy, 1/px²; E over pixel solid angle, W/m²/sr; range to the mirror's point
less a tolerance, m; index of the LED; u, v, the shadow map's value there for an occluder just before the mirror;
reach, px."""


@wp.func
def _weight(spot: SPOT, x: int, y: int) -> float:
    dx = float(x) - spot[0]
    dy = float(y) - spot[1]
    return wp.exp(-0.5 * (spot[2] * dx * dx + 2.0 * spot[3] * dx * dy + spot[4] * dy * dy))


@wp.func
def _lit(spot: SPOT, leds: Leds) -> float:
    """Share of the light that reaches the mirror's point, of the four texels around it."""
    if leds.shadows == 0:
        return 1.0
    size = leds.size
    top = float(size) - 1.001
    texels = 0.5 * float(size) / leds.half_width
    x = wp.clamp((spot[8] + leds.half_width) * texels - 0.5, 0.0, top)
    y = wp.clamp((spot[9] + leds.half_width) * texels - 0.5, 0.0, top)
    ix = int(x)
    iy = int(y)
    first = int(spot[7]) * (size * size + 8) + iy * size + ix
    upper = wp.lerp(_open(leds, first, spot[10]), _open(leds, first + 1, spot[10]), x - float(ix))
    lower = wp.lerp(_open(leds, first + size, spot[10]), _open(leds, first + size + 1, spot[10]), x - float(ix))
    return wp.lerp(upper, lower, y - float(iy))


@wp.func
def _open(leds: Leds, texel: int, limit: float) -> float:
    if leds.maps[texel] > limit:
        return 0.0
    return 1.0


@wp.func
def _free(ranges: wp.array[float], i: int, limit: float) -> float:
    if ranges[i] < limit:
        return 0.0
    return 1.0


@wp.func
def _seen(spot: SPOT, width: int, height: int, ranges: wp.array[float]) -> float:
    """Share of the four pixels around a spot that see as far as the mirror."""
    x = wp.clamp(spot[0], 0.0, float(width) - 1.001)
    y = wp.clamp(spot[1], 0.0, float(height) - 1.001)
    ix = int(x)
    iy = int(y)
    i = iy * width + ix
    upper = wp.lerp(_free(ranges, i, spot[6]), _free(ranges, i + 1, spot[6]), x - float(ix))
    lower = wp.lerp(_free(ranges, i + width, spot[6]), _free(ranges, i + width + 1, spot[6]), x - float(ix))
    return wp.lerp(upper, lower, y - float(iy))


@wp.kernel
def add_spots(
    count: int,
    spots: wp.array[SPOT],
    width: int,
    height: int,
    leds: Leds,
    ranges: wp.array[float],
    radiance: wp.array[float],
) -> None:
    """Add spots one after the other, so that the order of sums is fixed; one thread."""
    for k in range(count):
        spot = spots[k]
        share = _seen(spot, width, height, ranges) * _lit(spot, leds)
        if share > 0.0:
            reach = spot[11]
            x0 = int(wp.ceil(spot[0] - reach))
            x1 = int(wp.floor(spot[0] + reach))
            y0 = int(wp.ceil(spot[1] - reach))
            y1 = int(wp.floor(spot[1] + reach))
            total = float(0.0)  # noqa: UP018 - a Warp variable
            for y in range(y0, y1 + 1):
                for x in range(x0, x1 + 1):
                    total += _weight(spot, x, y)
            scale = share * spot[5] / wp.max(total, 1.0e-12)
            for y in range(wp.max(y0, 0), wp.min(y1, height - 1) + 1):
                for x in range(wp.max(x0, 0), wp.min(x1, width - 1) + 1):
                    radiance[y * width + x] += scale * _weight(spot, x, y)
