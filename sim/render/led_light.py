# mypy: ignore-errors
# ruff: noqa: UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""Light of one LED at one point, as scalar functions; `sim.render.light` does the same for eight pixels at a time."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.emitters import DEGREE
from sim.render.structs import Leds
from sim.render.veil import hair_transmittance

wp.set_module_options(KERNEL_OPTIONS)

_DEGREE = wp.constant(DEGREE)


@wp.func
def led_position(leds: Leds, led: int) -> wp.vec3:
    """Position, m, device frame."""
    return wp.vec3(leds.values[14 * led], leds.values[14 * led + 1], leds.values[14 * led + 2])


@wp.func
def led_turn(leds: Leds, led: int, v: wp.vec3) -> wp.vec3:
    """A device-frame vector in the frame of an LED."""
    k = 14 * led + 3
    return wp.vec3(
        v[0] * leds.values[k] + v[1] * leds.values[k + 1] + v[2] * leds.values[k + 2],
        v[0] * leds.values[k + 3] + v[1] * leds.values[k + 4] + v[2] * leds.values[k + 5],
        v[0] * leds.values[k + 6] + v[1] * leds.values[k + 7] + v[2] * leds.values[k + 8],
    )


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
    d = led_position(leds, led) - p
    out = Toward()
    out.range = wp.length(d)
    out.direction = d / out.range
    e = led_turn(leds, led, d)
    s = -1.0 / wp.max(out.range - e[2], 1.0e-6)
    out.u = e[0] * s
    out.v = e[1] * s
    return out


@wp.func
def led_profile(leds: Leds, led: int, u: float, v: float) -> float:
    """Radiant intensity, W/sr, towards stereographic (u, v)."""
    uv2 = u * u + v * v
    h2 = leds.half_width * leds.half_width
    relative = float(0.0)
    base = (_DEGREE + 2) * led
    if leds.polynomials[base] > 0.0:
        t = wp.min(2.0 * uv2 / h2 - 1.0, 1.0)
        relative = leds.polynomials[base + 1]
        for i in range(2, _DEGREE + 2):
            relative = relative * t + leds.polynomials[base + i]
    else:
        at = wp.min(uv2 * 2048.0 / h2, 2048.0)
        i = int(at)
        first = leds.profiles[leds.starts[led] + i]
        relative = first + (leds.profiles[leds.starts[led] + i + 1] - first) * (at - float(i))
    return leds.values[14 * led + 12] * wp.max(relative, 0.0)


@wp.func
def led_intensity(leds: Leds, led: int, towards: wp.vec3) -> float:
    """Radiant intensity, W/sr; `towards`: unit, from the LED, device frame."""
    e = led_turn(leds, led, towards)
    s = 1.0 / wp.max(1.0 + e[2], 1.0e-6)
    return led_profile(leds, led, e[0] * s, e[1] * s)


@wp.func
def _texel(leds: Leds, led: int, ix: int, iy: int, m: wp.vec3, one: float, near: float) -> float:
    """1 if texel (ix, iy) lets light pass; see `sim.render.light`."""
    pitch = 2.0 * leds.half_width / float(leds.size)
    u = (float(ix) + 0.5) * pitch - leds.half_width
    v = (float(iy) + 0.5) * pitch - leds.half_width
    plane = one * (2.0 * m[0] * u + 2.0 * m[1] * v + m[2] * (1.0 - u * u - v * v))
    w = leds.maps[led * (leds.size * leds.size + 8) + iy * leds.size + ix]
    return wp.where(w > wp.max(plane, (1.0 + u * u + v * v) * near), 0.0, 1.0)


@wp.func
def led_passed(leds: Leds, led: int, u: float, v: float, r: float) -> float:
    """Share that transparent sheets let through to a point at stereographic (u, v), r from an LED."""
    passed = float(1.0)
    for layer in range(leds.layers):
        own = layer * leds.count + led
        if leds.crossed[own] != 0:
            n = leds.lost_size
            scale = 0.5 * float(n) / leds.half_width
            x = wp.clamp((u + leds.half_width) * scale - 0.5, 0.0, float(n) - 1.001)
            y = wp.clamp((v + leds.half_width) * scale - 0.5, 0.0, float(n) - 1.001)
            ix = int(x)
            iy = int(y)
            i = 2 * (own * n * n + iy * n + ix)
            near = (1.0 + u * u + v * v) / r
            upper = wp.lerp(_lost(leds, i, near), _lost(leds, i + 2, near), x - float(ix))
            lower = wp.lerp(_lost(leds, i + 2 * n, near), _lost(leds, i + 2 * n + 2, near), x - float(ix))
            passed *= 1.0 - wp.lerp(upper, lower, y - float(iy))
    return passed


@wp.func
def _lost(leds: Leds, i: int, near: float) -> float:
    return wp.where(near < leds.lost[i + 1], leds.lost[i], 0.0)


@wp.func
def led_clear(leds: Leds, led: int, u: float, v: float, range: float, one: float, m: wp.vec3) -> float:
    """Share of the four texels around stereographic (u, v) that let the light pass to `range`, m.

    `one`, `m`: -1 / height of the point's tangent plane over the LED and its normal, LED's frame, as `_texel` has them;
    with m = 0 an occluder counts for its range alone.
    """
    share = float(1.0)
    if leds.shadows != 0:
        texels = 0.5 * float(leds.size) / leds.half_width
        top = float(leds.size) - 1.001
        x = wp.clamp((u + leds.half_width) * texels - 0.5, 0.0, top)
        y = wp.clamp((v + leds.half_width) * texels - 0.5, 0.0, top)
        ix = int(x)
        iy = int(y)
        near = 1.0 / range
        upper = wp.lerp(
            _texel(leds, led, ix, iy, m, one, near), _texel(leds, led, ix + 1, iy, m, one, near), x - float(ix)
        )  # fmt: skip
        lower = wp.lerp(
            _texel(leds, led, ix, iy + 1, m, one, near), _texel(leds, led, ix + 1, iy + 1, m, one, near), x - float(ix)
        )  # fmt: skip
        share = wp.lerp(upper, lower, y - float(iy))
    return share


@wp.func
def led_share(leds: Leds, led: int, p: wp.vec3, n: wp.vec3) -> float:
    """Share of an LED's light that reaches p, where the surface's normal is n (device frame) and faces the LED.

    Past shadows, through transparent sheets and hair.
    """
    to = toward(p, led, leds)
    one = -1.0 / wp.max(wp.dot(n, to.direction) * to.range - leds.bias, 1.0e-7)
    share = led_clear(leds, led, to.u, to.v, to.range, one, led_turn(leds, led, n))
    if share > 0.0:
        share *= led_passed(leds, led, to.u, to.v, to.range)
        share *= hair_transmittance(leds, led, to.u, to.v, to.range)
    return share


@wp.func
def led_beam(leds: Leds, led: int, to: Toward, margin: float) -> float:
    """Irradiance across the ray, W/m², past what is nearer than the point by more than `margin`, m; hair apart."""
    light = led_profile(leds, led, to.u, to.v) / (to.range * to.range)
    if light > 0.0:
        light *= led_clear(leds, led, to.u, to.v, wp.max(to.range - margin, 1.0e-4), 0.0, wp.vec3(0.0))
        light *= led_passed(leds, led, to.u, to.v, to.range)
    return light


@wp.func
def led_irradiance(leds: Leds, led: int, p: wp.vec3, n: wp.vec3) -> float:
    """Irradiance by one LED at p with normal n, W/m², shadows included."""
    to = led_position(leds, led) - p
    r = wp.length(to)
    u = to / r
    cosine = wp.dot(n, u)
    out = float(0.0)
    if cosine > 0.0:
        out = led_intensity(leds, led, -u) * cosine / (r * r)
        if out > 0.0:
            out *= led_share(leds, led, p, n)
    return out
