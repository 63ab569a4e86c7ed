# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Rays at the eye's surfaces, in an eye's own frame (m; +z: optical axis; right eyes mirrored to left ones).

A surface of revolution with apex height h, apex radius R and asphericity Q is x² + y² + (1 + Q) w² = 2 R w, where
w = h - z is the depth behind the apex.
"""

import warp as wp

from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS
from faces.eyes.optics import AQUEOUS_INDEX, BACK_ASPHERICITY, BACK_RADIUS, CORNEA_INDEX, IRIS_DEPTH, THICKNESS
from faces.materials import TEAR_F0
from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)

APEX = wp.constant(CORNEA_APEX)
FRONT_R = wp.constant(CORNEA_RADIUS)
FRONT_P = wp.constant(1.0 + CORNEA_ASPHERICITY)
_BACK_APEX = wp.constant(CORNEA_APEX - THICKNESS)
_BACK_R = wp.constant(BACK_RADIUS)
_BACK_P = wp.constant(1.0 + BACK_ASPHERICITY)
_INDEX_850 = wp.constant(CORNEA_INDEX[0])
_INDEX_940 = wp.constant(CORNEA_INDEX[1])
AQUEOUS = wp.constant(AQUEOUS_INDEX)
IRIS_Z = wp.constant(CORNEA_APEX - IRIS_DEPTH)
_TEAR = wp.constant((1.0 + TEAR_F0**0.5) / (1.0 - TEAR_F0**0.5))
"""Index of the tear film."""


@wp.func
def conic_hit(o: wp.vec3, d: wp.vec3, apex: float, radius: float, p: float, side: float) -> float:
    """How far along d from o the ray meets the surface: enters it (side -1) or leaves it (+1).

    A ray that misses is taken to the point of its closest approach in the sense of the quadratic's vertex.
    """
    w = apex - o[2]
    a = d[0] * d[0] + d[1] * d[1] + p * d[2] * d[2]
    b = o[0] * d[0] + o[1] * d[1] - p * w * d[2] + radius * d[2]
    c = o[0] * o[0] + o[1] * o[1] + p * w * w - 2.0 * radius * w
    return (-b + side * wp.sqrt(wp.max(b * b - a * c, 0.0))) / a


@wp.func
def conic_normal(q: wp.vec3, apex: float, radius: float, p: float) -> wp.vec3:
    """Outward unit normal at a point of the surface."""
    return wp.normalize(wp.vec3(q[0], q[1], radius - p * (apex - q[2])))


@wp.func
def refract(d: wp.vec3, n: wp.vec3, eta: float) -> wp.vec3:
    """Direction behind a surface with normal n against d; eta: index before over index behind (below 1, or small)."""
    c = -wp.dot(d, n)
    k = wp.sqrt(wp.max(1.0 - eta * eta * (1.0 - c * c), 0.0))
    return wp.normalize(d * eta + n * (eta * c - k))


@wp.func
def tear_reflectance(cosine: float) -> float:
    """Fresnel's reflectance of unpolarised light that falls on the tear film at this cosine."""
    c = wp.clamp(cosine, 0.0, 1.0)
    t = wp.sqrt(1.0 - (1.0 - c * c) / (_TEAR * _TEAR))
    s = (c - _TEAR * t) / (c + _TEAR * t)
    p = (_TEAR * c - t) / (_TEAR * c + t)
    return 0.5 * (s * s + p * p)


@wp.func
def iris_point(q: wp.vec3, d: wp.vec3, n: wp.vec3, albedo_weight: float) -> wp.vec3:
    """Where a ray along d that enters the cornea at q, with normal n there, meets the plane of the iris."""
    index = _INDEX_850 + (_INDEX_940 - _INDEX_850) * albedo_weight
    e = refract(d, n, 1.0 / index)
    o = q
    t = conic_hit(q, e, _BACK_APEX, _BACK_R, _BACK_P, -1.0)
    b = q + e * t
    if t > 0.0 and b[2] > IRIS_Z:
        m = conic_normal(b, _BACK_APEX, _BACK_R, _BACK_P)
        if wp.dot(m, e) < 0.0:
            e = refract(e, m, index / AQUEOUS)
            o = b
    return o + e * ((IRIS_Z - o[2]) / wp.min(e[2], -0.02))
