# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""What hair takes of an LED's light, by the deep opacity maps that `sim.render.hair_light` adds up.

A texel holds the hair's optical depth and the range from which on it counts, m; a flag tells whether any of the four
texels around a direction has hair.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Hair, Leds

wp.set_module_options(KERNEL_OPTIONS)

DEPTH_UNIT = 65536.0
"""Integer steps of optical depth 1."""
_DEPTH_UNIT = wp.constant(DEPTH_UNIT)
_BEHIND = wp.constant(0.2e-3)
"""Hair counts from this much before its nearest strand, m."""


@wp.kernel
def settle(hair: Hair, leds: Leds) -> None:
    """Fill `Leds.veil` and `Leds.veiled` from the sums; a thread takes a row of texels."""
    n = hair.size
    first = wp.tid() * n
    last_row = wp.tid() % n == n - 1
    for column in range(n):
        i = first + column
        leds.veil[2 * i] = float(hair.opacity[i]) / _DEPTH_UNIT
        leds.veil[2 * i + 1] = wp.cast(hair.near[i], wp.float32) - _BEHIND
        right = wp.where(column == n - 1, 0, 1)
        below = wp.where(last_row, 0, n)
        some = hair.opacity[i] + hair.opacity[i + right] + hair.opacity[i + below] + hair.opacity[i + below + right]
        leds.veiled[i] = wp.uint8(wp.where(some > 0, 1, 0))


@wp.func
def hair_depth(leds: Leds, led: int, u: float, v: float, distance: float, layer: float) -> float:
    """Optical depth of the hair between an LED and a point at stereographic (u, v) and `distance` (m) from it.

    `layer`: m over which hair before the point counts in part, 0: wholly.
    """
    n = leds.veil_size
    scale = 0.5 * float(n) / leds.half_width
    x = wp.clamp((u + leds.half_width) * scale - 0.5, 0.0, float(n) - 1.001)
    y = wp.clamp((v + leds.half_width) * scale - 0.5, 0.0, float(n) - 1.001)
    ix = int(x)
    iy = int(y)
    fx = x - float(ix)
    fy = y - float(iy)
    i = led * n * n + iy * n + ix
    depth = wp.float32(0.0)
    if leds.veiled[i] != wp.uint8(0):
        for k in range(4):
            across = k % 2
            down = k / 2
            j = 2 * (i + across + down * n)
            share = wp.where(across == 1, fx, 1.0 - fx) * wp.where(down == 1, fy, 1.0 - fy)
            behind = (distance - leds.veil[j + 1]) / wp.max(layer, 1.0e-6)
            depth += share * leds.veil[j] * wp.clamp(behind, 0.0, 1.0)
    return depth


@wp.func
def hair_transmittance(leds: Leds, led: int, u: float, v: float, distance: float) -> float:
    """Share of an LED's light that gets through the hair to a surface; see `hair_depth`."""
    passed = wp.float32(1.0)
    if leds.hairs != 0:
        passed = wp.exp(-hair_depth(leds, led, u, v, distance, 0.0))
    return passed
