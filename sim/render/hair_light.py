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
from sim.render.structs import Hair, Leds, Vertex

wp.set_module_options(KERNEL_OPTIONS)

DEPTH_UNIT = 65536.0
"""Integer steps of optical depth 1."""
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


@wp.struct
class Toward:
    """From a point to an LED: unit direction, range (m), stereographic coordinates in the LED's frame."""

    direction: wp.vec3
    range: float
    u: float
    v: float


@wp.func
def toward(p: wp.vec3, led: int, leds: Leds) -> Toward:
    """From `p` to an LED, both in the device frame."""
    k = 14 * led
    d = wp.vec3(leds.values[k] - p[0], leds.values[k + 1] - p[1], leds.values[k + 2] - p[2])
    out = Toward()
    out.range = wp.length(d)
    out.direction = d / out.range
    ex = -(d[0] * leds.values[k + 3] + d[1] * leds.values[k + 4] + d[2] * leds.values[k + 5])
    ey = -(d[0] * leds.values[k + 6] + d[1] * leds.values[k + 7] + d[2] * leds.values[k + 8])
    ez = -(d[0] * leds.values[k + 9] + d[1] * leds.values[k + 10] + d[2] * leds.values[k + 11])
    s = 1.0 / wp.max(out.range + ez, 1.0e-6)
    out.u = ex * s
    out.v = ey * s
    return out


@wp.func
def beam(to: Toward, led: int, leds: Leds) -> float:
    """Irradiance across the ray, W/m², without shadows: intensity, profile, inverse square."""
    steps = 2048.0 / (leds.half_width * leds.half_width)
    at = wp.min((to.u * to.u + to.v * to.v) * steps, 2048.0)
    i = int(at)
    k = leds.starts[led] + i
    relative = leds.profiles[k] + (leds.profiles[k + 1] - leds.profiles[k]) * (at - float(i))
    return leds.values[14 * led + 12] * relative / (to.range * to.range)


@wp.func
def clear_of(to: Toward, led: int, leds: Leds, margin: float) -> float:
    """Share of the four texels around the ray that see nothing nearer than the point by more than `margin` (m)."""
    share = wp.float32(1.0)
    if leds.shadows == 1:
        n = leds.size
        scale = 0.5 * float(n) / leds.half_width
        top = float(n) - 1.001
        x = wp.clamp((to.u + leds.half_width) * scale - 0.5, 0.0, top)
        y = wp.clamp((to.v + leds.half_width) * scale - 0.5, 0.0, top)
        ix = int(x)
        iy = int(y)
        fx = x - float(ix)
        fy = y - float(iy)
        i = led * (n * n + 8) + iy * n + ix
        limit = (1.0 + to.u * to.u + to.v * to.v) / wp.max(to.range - margin, 1.0e-4)
        a = wp.where(leds.maps[i] > limit, 0.0, 1.0)
        b = wp.where(leds.maps[i + 1] > limit, 0.0, 1.0)
        c = wp.where(leds.maps[i + n] > limit, 0.0, 1.0)
        d = wp.where(leds.maps[i + n + 1] > limit, 0.0, 1.0)
        share = (a + (b - a) * fx) * (1.0 - fy) + (c + (d - c) * fx) * fy
    return share


@wp.func
def hair_depth(led: int, u: float, v: float, distance: float, layer: float, hair: Hair, half_width: float) -> float:
    """Optical depth of the hair between an LED and a point at stereographic (u, v) and `distance` (m) from it.

    `layer`: m over which hair before the point counts in part, 0: wholly.
    """
    n = hair.size
    scale = 0.5 * float(n) / half_width
    x = wp.clamp((u + half_width) * scale - 0.5, 0.0, float(n) - 1.001)
    y = wp.clamp((v + half_width) * scale - 0.5, 0.0, float(n) - 1.001)
    ix = int(x)
    iy = int(y)
    fx = x - float(ix)
    fy = y - float(iy)
    i = led * n * n + iy * n + ix
    depth = wp.float32(0.0)
    for k in range(4):
        across = k % 2
        down = k / 2
        j = i + across + down * n
        own = hair.opacity[j]
        if own > 0:
            share = wp.where(across == 1, fx, 1.0 - fx) * wp.where(down == 1, fy, 1.0 - fy)
            near = wp.cast(hair.near[j], wp.float32)
            behind = (distance - near + 0.2e-3) / wp.max(layer, 1.0e-6)
            depth += share * float(own) * wp.clamp(behind, 0.0, 1.0)
    return depth / _DEPTH_UNIT


@wp.func
def hair_transmittance(led: int, u: float, v: float, distance: float, hair: Hair, half_width: float) -> float:
    """Share of an LED's light that gets through the hair to a surface; see `hair_depth`."""
    return wp.exp(-hair_depth(led, u, v, distance, 0.0, hair, half_width))


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
            arriving = risen * beam(to, led, leds) * clear_of(to, led, leds, _LIFT)
            if arriving > 0.0:
                low = arriving * wp.exp(-hair_depth(led, to.u, to.v, to.range, _LAYER, hair, leds.half_width))
                high = low
                if not short:
                    top = toward(tip, led, leds)
                    depth = hair_depth(led, top.u, top.v, top.range, _LAYER, hair, leds.half_width)
                    ratio = to.range / top.range
                    high = arriving * ratio * ratio * wp.exp(-depth)
        hair.light[k + led] = low
        hair.light[k + leds.count + led] = high


@wp.kernel
def shade_skin(
    shaded: wp.array[int], vertices: wp.array[Vertex], hair: Hair, leds: Leds, share: wp.array[float]
) -> None:
    """Share of the LEDs' light on vertices that gets through the hair above them."""
    i = shaded[wp.tid()]
    p = wp.vec3(vertices[i][0], vertices[i][1], vertices[i][2])
    n = wp.vec3(vertices[i][3], vertices[i][4], vertices[i][5])
    whole = wp.float32(1.0e-12)
    left = wp.float32(1.0e-12)
    for led in range(leds.count):
        to = toward(p, led, leds)
        cosine = wp.dot(to.direction, n)
        if cosine > 0.0:
            light = cosine * beam(to, led, leds) * clear_of(to, led, leds, _LIFT)
            if light > 0.0:
                whole += light
                left += light * hair_transmittance(led, to.u, to.v, to.range, hair, leds.half_width)
    share[i] = left / whole
