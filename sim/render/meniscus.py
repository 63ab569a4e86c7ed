# mypy: ignore-errors
# ruff: noqa: UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""The tear meniscus: a concave fillet of fluid between globe and lid margin that mirrors each LED in a bright dash.

It runs along the lid's curve as a cylinder of radius MENISCUS_RADIUS; its normals sweep from the globe's to the lid's.
With S(s) the path LED - p(s) - camera along the curve, the LED is mirrored where S' = 0; there the light that arrives
at the camera, d2 away, is

    E = I F cos i r / (2 d1² d2² |S''|)                 W/m²

by the same wavefronts as in `sim.render.glints`, the fillet's curvature 1/r outdoing all else across the curve. Lid
margins are not smooth: their slopes, of standard deviation ROUGH, draw the point out into a dash of the same flux.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.eye_optics import tear_reflectance
from sim.render.eyes import Eyes
from sim.render.glints import exact_pixel, seen_share, splat
from sim.render.led_light import led_intensity, led_position, led_share
from sim.render.structs import Directions, Leds, Rays

wp.set_module_options(KERNEL_OPTIONS)

SAMPLES = 33
"""Points of a curve, from canthus to canthus."""
MENISCUS_RADIUS = 0.0003
"""Of the fluid's surface, m; prior."""
ROUGH = 0.06
"""Slope of the fluid's surface along the lid, standard deviation, rad; prior."""
_SAMPLES = wp.constant(SAMPLES)
_RADIUS = wp.constant(MENISCUS_RADIUS)
_ROUGH = wp.constant(ROUGH)
_LONGEST = wp.constant(0.0009)
"""Standard deviation of a dash at most, m."""
_SLACK = wp.constant(0.0004)


@wp.func
def _at(curves: wp.array2d[wp.vec3], curve: int, s: float) -> wp.vec3:
    x = wp.clamp(s, 0.0, float(_SAMPLES) - 1.001)
    i = int(x)
    return wp.lerp(curves[curve, i], curves[curve, i + 1], x - float(i))


@wp.func
def _slope(a: wp.vec3, b: wp.vec3, led: wp.vec3, camera: wp.vec3) -> float:
    """dS/ds amid a and b."""
    p = (a + b) * 0.5
    return wp.dot(wp.normalize(p - led) + wp.normalize(p - camera), wp.normalize(b - a))


@wp.kernel
def menisci(
    curves: wp.array2d[wp.vec3],
    grid: Rays,
    directions: Directions,
    device_camera: wp.mat33,
    origin: wp.vec3,
    eyes: Eyes,
    leds: Leds,
    ranges: wp.array[float],
    radiance: wp.array[float],
) -> None:
    """Add the dashes of LED k // 4 in curve k % 4 to the radiance; the curves are in the device frame.

    Curves: upper and lower lid of the left eye, then of the right one.
    """
    k = wp.tid()
    led = k // 4
    curve = k % 4
    centre = eyes.centres[curve // 2]
    at_led = led_position(leds, led)
    last = _slope(curves[curve, 0], curves[curve, 1], at_led, origin)
    for i in range(1, _SAMPLES - 1):
        a = curves[curve, i]
        b = curves[curve, i + 1]
        slope = _slope(a, b, at_led, origin)
        first = last
        last = slope
        if first * slope < 0.0:
            step = wp.length(b - curves[curve, i - 1]) * 0.5
            bend = wp.abs(slope - first) / step
            s = float(i) - 0.5 + first / (first - slope)
            p = _at(curves, curve, s)
            to_led = at_led - p
            to_camera = origin - p
            d1 = wp.length(to_led)
            d2 = wp.length(to_camera)
            h = to_led / d1 + to_camera / d2
            cosine = 0.5 * wp.length(h)
            # The fillet's normals lie between the globe's and the lid's, which faces the middle of the opening.
            globe = wp.normalize(p - centre)
            other = curves[curve - curve % 2 + 1 - curve % 2, i]
            lid = other - p
            lid = wp.normalize(lid - globe * wp.dot(lid, globe))
            n = wp.normalize(globe + lid)
            if wp.dot(h, globe) > 0.0 and wp.dot(h, lid) > 0.0 and wp.dot(n, to_led) > 0.0 and cosine > 0.05:
                flux = led_intensity(leds, led, to_led * (-1.0 / d1)) * tear_reflectance(cosine) * cosine * _RADIUS
                flux /= 2.0 * d1 * d1 * d2 * d2 * wp.max(bend, 1.0)
                # Standard deviation of a dash, in samples, laid out in sixths of it.
                width = wp.min(_ROUGH / wp.max(bend, 1.0), _LONGEST) / step
                total = float(0.0)
                for j in range(-12, 13):
                    total += wp.exp(-float(j * j) / 72.0)
                for j in range(-12, 13):
                    q = _at(curves, curve, s + width * float(j) / 6.0)
                    at = exact_pixel((q - origin) @ device_camera, grid, directions)
                    if at[2] > 0.0:
                        share = seen_share(at[0], at[1], wp.length(q - origin) - _SLACK, grid, ranges)
                        if share > 0.0:
                            share *= led_share(leds, led, q, n)
                            splat(at, flux * share * wp.exp(-float(j * j) / 72.0) / total, grid, radiance)
