# mypy: ignore-errors
# ruff: noqa: SIM102
# Kernels are written in Warp's language, which mypy cannot type; there `and` does not short-circuit.
"""What transparent sheets, such as panes of glasses and cover glasses, take from the LEDs' light on its way.

Straight rays leave an LED, so the direction alone tells whether they meet a sheet, where, and at which angle. A map on
the lattice of the shadow maps, but coarser, holds for each LED what is lost and (1 + u² + v²) / range of the sheet:
what is farther loses it. The map changes with the sheets alone. A layer is a map for every LED; rays that meet several
sheets of one layer lose what all take from where they meet the first.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Leds

wp.set_module_options(KERNEL_OPTIONS)

COSINES = 256
"""Steps of the transmission's table over the cosine of incidence."""
_COSINES = wp.constant(COSINES)
_NEAREST = wp.constant(1.0e-5)


@wp.struct
class Sheets:
    """Some sheets, device frame; see `sim.render.mirrors.Mirror`.

    origins: (S,) m; turns: (S,) device to sheet; radii: (S,) m, 0: plane; reach: (S, SECTORS) m;
    passed: (S, COSINES + 1) by cosine of incidence.
    """

    count: int
    origins: wp.array[wp.vec3]
    turns: wp.array[wp.mat33]
    radii: wp.array[float]
    reach: wp.array2d[float]
    passed: wp.array2d[float]


@wp.func
def _meets(sheets: Sheets, s: int, x: float, y: float) -> bool:
    """Whether a point of the surface lies inside its edge."""
    sectors = sheets.reach.shape[1]
    turn = wp.atan2(y, x) * (float(sectors) / 6.2831853)
    sector = (int(wp.floor(turn)) + sectors) % sectors
    reach = sheets.reach[s, sector]
    return x * x + y * y <= reach * reach


@wp.func
def _passed(sheets: Sheets, s: int, cosine: float) -> float:
    at = wp.clamp(cosine, 0.0, 1.0) * float(_COSINES)
    i = wp.min(int(at), _COSINES - 1)
    return wp.lerp(sheets.passed[s, i], sheets.passed[s, i + 1], at - float(i))


@wp.func
def _cross(sheets: Sheets, s: int, o: wp.vec3, d: wp.vec3) -> wp.vec2:
    """What a ray from o along d (sheet's frame) keeps, and 1 / range to where it first meets the sheet, or 0."""
    kept = wp.float32(1.0)
    near = wp.float32(0.0)
    radius = sheets.radii[s]
    if radius == 0.0:
        t = -o[2] / wp.where(wp.abs(d[2]) > 1.0e-6, d[2], 1.0e-6)
        if t > _NEAREST:
            if _meets(sheets, s, o[0] + t * d[0], o[1] + t * d[1]):
                kept = _passed(sheets, s, wp.abs(d[2]))
                near = 1.0 / t
    else:
        c = wp.vec3(o[0], o[1], o[2] + radius)  # from the sphere's centre
        b = wp.dot(d, c)
        square = b * b - wp.dot(c, c) + radius * radius
        if square > 0.0:
            root = wp.sqrt(square)
            for side in range(2):
                t = wp.where(side == 0, -b - root, root - b)
                p = c + t * d
                if t > _NEAREST and p[2] * radius > 0.0:
                    if _meets(sheets, s, p[0], p[1]):
                        kept *= _passed(sheets, s, root / wp.abs(radius))
                        near = wp.max(near, 1.0 / t)
    return wp.vec2(kept, near)


@wp.kernel
def find_crossings(layer: int, boxes: wp.array2d[wp.vec4i], sheets: Sheets, leds: Leds) -> None:
    """Fill one layer of `Leds.lost`, emptied before; a thread takes a row of texels.

    `boxes`: (LEDs, sheets) first and last texel of a sheet in an LED's map, x, y, x, y.
    """
    n = leds.lost_size
    led = wp.tid() // n
    row = wp.tid() % n
    pitch = 2.0 * leds.half_width / float(n)
    v = (float(row) + 0.5) * pitch - leds.half_width
    k = 14 * led
    place = wp.vec3(leds.values[k], leds.values[k + 1], leds.values[k + 2])
    axes = wp.mat33(
        leds.values[k + 3], leds.values[k + 6], leds.values[k + 9],
        leds.values[k + 4], leds.values[k + 7], leds.values[k + 10],
        leds.values[k + 5], leds.values[k + 8], leds.values[k + 11],
    )  # fmt: skip
    first = 2 * ((layer * leds.count + led) * n * n + row * n)
    for s in range(sheets.count):
        box = boxes[led, s]
        if row >= box[1] and row <= box[3]:
            turn = sheets.turns[s] @ axes
            o = sheets.turns[s] @ (place - sheets.origins[s])
            for column in range(box[0], box[2] + 1):
                u = (float(column) + 0.5) * pitch - leds.half_width
                span = 1.0 + u * u + v * v
                d = turn @ wp.vec3(2.0 * u / span, 2.0 * v / span, 2.0 / span - 1.0)
                met = _cross(sheets, s, o, d)
                if met[1] > 0.0:
                    i = first + 2 * column
                    leds.lost[i] = 1.0 - (1.0 - leds.lost[i]) * met[0]
                    leds.lost[i + 1] = wp.max(leds.lost[i + 1], span * met[1])
