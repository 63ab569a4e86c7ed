# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""From the triangle that a pixel sees to its buffers: barycentrics, normal, materials, light."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.light import direct_light, unshadowed_light
from sim.render.raster import edge_plane

wp.set_module_options(KERNEL_OPTIONS)

WRITES = ("radiance", "depth", "normal", "region", "triangle", "barycentric", "albedo", "irradiance")
"""Buffers that `shade` fills where bit i of `writes` is set."""

EMPTY_KEY = 0x7FFFFFFFFFFFFFFF
"""Key of a pixel that sees nothing."""
_EMPTY = wp.constant(wp.int64(EMPTY_KEY))


@wp.kernel
def shade(
    keys: wp.array[wp.int64],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    positions: wp.array2d[wp.vec3],
    vertices: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    albedos: wp.array[wp.vec2],
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
    radiance: wp.array[float],
    depth: wp.array[float],
    normal: wp.array[wp.vec3],
    region: wp.array[int],
    triangle: wp.array[int],
    barycentric: wp.array[wp.vec3],
    albedo: wp.array[float],
    irradiance: wp.array[float],
) -> None:
    """One pixel; buffers not asked for may be of any size."""
    i = wp.tid()
    key = keys[i]
    if key == _EMPTY:
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
    t = int(key & wp.int64(0x7FFFFFFF))
    reach = wp.cast(int(key >> wp.int64(32)), wp.float32)
    d = wp.vec3(rays[0, i], rays[1, i], rays[2, i])
    if writes & 2:
        depth[i] = reach * d[2]
    if writes & 8:
        region[i] = regions[t]
    if writes & 16:
        triangle[i] = wp.where(t < head_triangles, t, -2)
    if writes & 0b11100101 == 0:
        return
    tri = triangles[t]
    a = positions[0, tri[0]]
    b = positions[0, tri[1]]
    c = positions[0, tri[2]]
    e0 = wp.dot(d, edge_plane(b, c, tri[1], tri[2]))
    e1 = wp.dot(d, edge_plane(c, a, tri[2], tri[0]))
    e2 = wp.dot(d, edge_plane(a, b, tri[0], tri[1]))
    w = wp.vec3(e0, e1, e2) / (e0 + e1 + e2)
    if writes & 32:
        barycentric[i] = w
    if writes & 0b11000101 == 0:
        return
    va = vertices[tri[0]]
    vb = vertices[tri[1]]
    vc = vertices[tri[2]]
    p = va * w[0] + vb * w[1] + vc * w[2]
    view = wp.normalize(origin - p)
    face = wp.normalize(wp.cross(vb - va, vc - va))
    flip = wp.where(wp.dot(face, view) < 0.0, -1.0, 1.0)
    n = face
    if t < head_triangles:
        n = wp.normalize(normals[tri[0]] * w[0] + normals[tri[1]] * w[1] + normals[tri[2]] * w[2])
    n = n * flip
    rho = albedos[tri[0]] * w[0] + albedos[tri[1]] * w[1] + albedos[tri[2]] * w[2]
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
