# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Light on strands and through them, once a frame for all cameras.

Hair dims light by opacity (deep opacity maps, Yuksel and Keyser 2008, with one layer): seen from an LED, a piece of
strand of length l and width w at range r covers w l sin(angle to the ray) / r² sr. Divided by what a texel covers and
added up this is the optical depth, and exp(-depth) of the light gets through to what lies behind. Texels also hold the
range to the nearest hair, before which nothing is dimmed. Sums are kept in integers, so that their order does not show.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.led_light import led_beam, toward
from sim.render.structs import Hair, Leds, Vertex
from sim.render.veil import DEPTH_UNIT, hair_depth, hair_transmittance

wp.set_module_options(KERNEL_OPTIONS)

FAR_BITS = 0x7F000000
"""Bits of a float larger than any range."""
STATIONS = 2
"""Points of a strand that are lit, a quarter of the way from its ends."""
LAYER = 2.0e-3
"""Hair lets light through to its own depths as if its optical depth grew linearly over this thickness, m (prior)."""
LIFT = 0.5e-3
"""Occluders of strands count beyond this, m: the skin below a strand does not shade it, nor do its own texels."""
_DEPTH_UNIT = wp.constant(DEPTH_UNIT)
_LAYER = wp.constant(LAYER)
_LIFT = wp.constant(LIFT)
_SHORT = wp.constant(2.5e-3)


@wp.kernel
def splat(stride: int, left: int, grown: int, hair: Hair, leds: Leds) -> None:
    """Add strands to the opacity of every LED; a thread takes a strand.

    Of the `grown` strands on the skin one in `stride` on either half of the face, the left one of `left` strands,
    stands for all; lashes stand for themselves.
    """
    s = wp.tid()
    weight = wp.float32(1.0)
    if s < grown:
        if wp.where(s < left, s, s - left) % stride != 0:
            return
        weight = float(stride)
    first = s * hair.nodes
    n = hair.size
    scale = 0.5 * float(n) / leds.half_width
    pitch = 1.0 / scale
    # Whole if short, else two steps at a time.
    step = wp.where(wp.length(hair.points[first + hair.nodes - 1] - hair.points[first]) < _SHORT, hair.nodes - 1, 2)
    for k in range(0, hair.nodes - 1, step):
        a = hair.points[first + k]
        b = hair.points[first + wp.min(k + step, hair.nodes - 1)]
        piece = b - a
        if wp.dot(piece, piece) < 1.0e-14:
            continue
        middle = 0.5 * (a + b)
        width = hair.widths[first + wp.min(k + 1, hair.nodes - 1)] * weight
        for led in range(leds.count):
            to = toward(middle, led, leds)
            x = (to.u + leds.half_width) * scale - 0.5
            y = (to.v + leds.half_width) * scale - 0.5
            if x < 0.0 or y < 0.0 or x >= float(n) - 1.0 or y >= float(n) - 1.0:
                continue
            if wp.dot(to.direction, hair.normals[s]) < -0.4:
                continue  # the head is between
            seen = width * wp.length(wp.cross(piece, to.direction)) / (to.range * to.range)
            stretch = 2.0 / (1.0 + to.u * to.u + to.v * to.v)
            depth = seen / (stretch * stretch * pitch * pitch) * _DEPTH_UNIT
            ix = int(x)
            iy = int(y)
            fx = x - float(ix)
            fy = y - float(iy)
            i = led * n * n + iy * n + ix
            bits = wp.cast(to.range, wp.int32)
            wp.atomic_add(hair.opacity, i, int(depth * (1.0 - fx) * (1.0 - fy)))
            wp.atomic_add(hair.opacity, i + 1, int(depth * fx * (1.0 - fy)))
            wp.atomic_add(hair.opacity, i + n, int(depth * (1.0 - fx) * fy))
            wp.atomic_add(hair.opacity, i + n + 1, int(depth * fx * fy))
            wp.atomic_min(hair.near, i, bits)
            wp.atomic_min(hair.near, i + 1, bits)
            wp.atomic_min(hair.near, i + n, bits)
            wp.atomic_min(hair.near, i + n + 1, bits)


@wp.func
def light_strand(s: int, hair: Hair, leds: Leds) -> None:
    """Fill `hair.light`: irradiance across the ray from each LED at the stations, shadowed by head and hair.

    Profile and shadow of the head are those of the lower station; a short strand has the same light all along.
    """
    normal = hair.normals[s]
    first = s * hair.nodes
    p = hair.points[first + (hair.nodes - 1) / 4]
    tip = hair.points[first + (hair.nodes - 1) * 3 / 4]
    short = wp.length(tip - p) < 0.5 * _SHORT
    k = 2 * s * leds.count
    for led in range(leds.count):
        to = toward(p, led, leds)
        # Light that comes from below the skin's horizon fades out; only tips of hair could catch it.
        risen = wp.clamp((wp.dot(to.direction, normal) + 0.15) * 4.0, 0.0, 1.0)
        low = wp.float32(0.0)
        high = wp.float32(0.0)
        if risen > 0.0:
            arriving = risen * led_beam(leds, led, to, _LIFT)
            if arriving > 0.0:
                low = arriving * wp.exp(-hair_depth(leds, led, to.u, to.v, to.range, _LAYER))
                high = low
                if not short:
                    top = toward(tip, led, leds)
                    depth = hair_depth(leds, led, top.u, top.v, top.range, _LAYER)
                    ratio = to.range / top.range
                    high = arriving * ratio * ratio * wp.exp(-depth)
        hair.light[k + led] = low
        hair.light[k + leds.count + led] = high


@wp.kernel
def shade_skin(
    shaded: wp.array[int], vertices: wp.array[Vertex], hair: Hair, leds: Leds, share: wp.array[float]
) -> None:
    """Share of the LEDs' light on vertices that gets through the hair above them, for light from elsewhere."""
    i = shaded[wp.tid()]
    p = wp.vec3(vertices[i][0], vertices[i][1], vertices[i][2])
    n = wp.vec3(vertices[i][3], vertices[i][4], vertices[i][5])
    whole = wp.float32(1.0e-12)
    left = wp.float32(1.0e-12)
    for led in range(leds.count):
        to = toward(p, led, leds)
        cosine = wp.dot(to.direction, n)
        if cosine > 0.0:
            light = cosine * led_beam(leds, led, to, _LIFT)
            if light > 0.0:
                whole += light
                left += light * hair_transmittance(leds, led, to.u, to.v, to.range)
    share[i] = left / whole
