# mypy: ignore-errors
# ruff: noqa: SIM102
# Kernels are written in Warp's language, which mypy cannot type and which does not short-circuit `and`.
"""From the triangle that a pixel sees to its buffers: barycentrics, normal, materials, light."""

import warp as wp

from sim.render.antialias import is_candidate
from sim.render.device import KERNEL_OPTIONS
from sim.render.light import direct_light, unshadowed_light

wp.set_module_options(KERNEL_OPTIONS)

WRITES = ("radiance", "depth", "normal", "region", "triangle", "barycentric", "albedo", "irradiance")
"""Buffers that `shade` fills where bit i of `writes` is set."""

Vertex = wp.types.vector(length=8, dtype=wp.float32)
"""Position, normal (device frame), albedo at 850 and 940 nm: together, for they are read together."""


@wp.kernel
def shade(
    ranges: wp.array[float],
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    materials: wp.array[int],
    material_table: wp.array[wp.vec3],
    regions: wp.array[int],
    head_triangles: int,
    device_camera: wp.mat33,
    origin: wp.vec3,
    albedo_weight: float,
    specular: int,
    groups: int,
    leds: wp.array[float],
    rows: wp.array[int],
    profiles: wp.array[float],
    half_width: float,
    shadows: int,
    shadow_ranges: wp.array[float],
    size: int,
    bias: float,
    writes: int,
    antialias: int,
    width: int,
    height: int,
    radiance: wp.array[float],
    depth: wp.array[float],
    normal: wp.array[wp.vec3],
    region: wp.array[int],
    triangle: wp.array[int],
    barycentric: wp.array[wp.vec3],
    albedo: wp.array[float],
    irradiance: wp.array[float],
    pairs: wp.array[int],
    count: wp.array[int],
) -> None:
    """One pixel; buffers not asked for may be of any size."""
    i = wp.tid()
    t = ids[i]
    if antialias == 1:
        if (i + 1) % width != 0:
            if is_candidate(t, ids[i + 1], triangles):
                pairs[wp.atomic_add(count, 0, 1)] = 2 * i
        if i + width < width * height:
            if is_candidate(t, ids[i + width], triangles):
                pairs[wp.atomic_add(count, 0, 1)] = 2 * i + 1
    if t < 0:
        if writes & 1:
            radiance[i] = 0.0
        if writes & 2:
            depth[i] = wp.nan
        if writes & 4:
            normal[i] = wp.vec3(0.0)
        if writes & 8:
            region[i] = -1
        if writes & 16:
            triangle[i] = -1
        if writes & 32:
            barycentric[i] = wp.vec3(0.0)
        if writes & 64:
            albedo[i] = 0.0
        if writes & 128:
            irradiance[i] = 0.0
        return
    d = wp.vec3(rays[0, i], rays[1, i], rays[2, i])
    if writes & 2:
        depth[i] = ranges[i] * d[2]
    if writes & 8:
        region[i] = regions[t]
    if writes & 16:
        triangle[i] = wp.where(t < head_triangles, t, -2)
    if writes & 0b11100101 == 0:
        return
    tri = triangles[t]
    a = vertices[tri[0]]
    b = vertices[tri[1]]
    c = vertices[tri[2]]
    va = wp.vec3(a[0], a[1], a[2])
    vb = wp.vec3(b[0], b[1], b[2])
    vc = wp.vec3(c[0], c[1], c[2])
    look = device_camera @ d
    e0 = wp.dot(look, wp.cross(vb - origin, vc - origin))
    e1 = wp.dot(look, wp.cross(vc - origin, va - origin))
    e2 = wp.dot(look, wp.cross(va - origin, vb - origin))
    w = wp.vec3(1.0, 1.0, 1.0) / 3.0
    if e0 + e1 + e2 != 0.0:
        w = wp.vec3(e0, e1, e2) / (e0 + e1 + e2)
    # Rounding may leave a thin triangle by a hair.
    w = wp.vec3(wp.clamp(w[0], 0.0, 1.0), wp.clamp(w[1], 0.0, 1.0), wp.clamp(w[2], 0.0, 1.0))
    w = w / (w[0] + w[1] + w[2])
    if writes & 32:
        barycentric[i] = w
    if writes & 0b11000101 == 0:
        return
    p = va * w[0] + vb * w[1] + vc * w[2]
    view = wp.normalize(origin - p)
    face = wp.normalize(wp.cross(vb - va, vc - va))
    flip = wp.where(wp.dot(face, view) < 0.0, -1.0, 1.0)
    n = face
    if t < head_triangles:
        n = wp.normalize(
            wp.vec3(a[3], a[4], a[5]) * w[0] + wp.vec3(b[3], b[4], b[5]) * w[1] + wp.vec3(c[3], c[4], c[5]) * w[2]
        )
    n = n * flip
    rho = wp.vec2(a[6], a[7]) * w[0] + wp.vec2(b[6], b[7]) * w[1] + wp.vec2(c[6], c[7]) * w[2]
    if writes & 4:
        normal[i] = n @ device_camera
    if writes & 64:
        albedo[i] = rho[0] + (rho[1] - rho[0]) * albedo_weight
    if writes & 0b10000001:
        material = material_table[materials[t]]
        glossy = wp.where(specular == 1 and material[0] > 0.0, 1.0, 0.0)
        nv = wp.max(wp.dot(n, view), 1.0e-3)
        light = wp.vec3(0.0)
        if shadows == 1:
            light = direct_light(
                p,
                n,
                view,
                nv,
                material[0],
                material[1],
                glossy,
                groups,
                leds,
                rows,
                profiles,
                half_width,
                shadow_ranges,
                size,
                bias,
            )
        else:
            light = unshadowed_light(
                p,
                n,
                view,
                nv,
                material[0],
                material[1],
                glossy,
                groups,
                leds,
                rows,
                profiles,
                half_width,
                shadow_ranges,
                size,
                bias,
            )
        if writes & 1:
            radiance[i] = (rho[0] * light[0] + rho[1] * light[1]) / wp.pi + light[2]
        if writes & 128:
            irradiance[i] = light[0] + light[1]
