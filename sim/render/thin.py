# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, not a constant.
"""Lashes: strips narrower than a pixel, blended over what is behind them by the share of the pixel that they cover.

Sixteen samples a pixel decide the share of each triangle; strips are narrow enough for shares to add up. Sums are
kept in integers, so that their order does not show.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.project import place
from sim.render.structs import Directions, Rays, Vertex
from sim.render.tables import UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

_UNKNOWN = wp.constant(UNKNOWN)
_FOLD = wp.constant(4)
_UNIT = wp.constant(1.0e9)
"""Integer steps of radiance in one W/m²/sr."""


@wp.kernel
def aim(
    thin: wp.array[int],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    device_camera: wp.mat33,
    origin: wp.vec3,
    rays: wp.array2d[float],
) -> None:
    """Camera-frame rays to the middles of thin triangles, along which `sim.render.light` lights them."""
    k = wp.tid()
    tri = triangles[thin[k]]
    a = vertices[tri[0]]
    b = vertices[tri[1]]
    c = vertices[tri[2]]
    middle = wp.vec3(a[0] + b[0] + c[0], a[1] + b[1] + c[1], a[2] + b[2] + c[2]) / 3.0
    d = wp.normalize(middle - origin) @ device_camera
    rays[0, k] = d[0]
    rays[1, k] = d[1]
    rays[2, k] = d[2]


@wp.func
def _ray(rays: wp.array2d[float], i: int) -> wp.vec3:
    return wp.vec3(rays[0, i], rays[1, i], rays[2, i])


@wp.kernel
def cover(
    thin: wp.array[int],
    triangles: wp.array[wp.vec3i],
    positions: wp.array[wp.vec3],
    device_camera: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    directions: Directions,
    ranges: wp.array[float],
    own: wp.array[float],
    samples: wp.array[int],
    light: wp.array[wp.int64],
) -> None:
    """Add each thin triangle's samples, and its radiance `own` times them, to the pixels where it is in front."""
    k = wp.tid()
    tri = triangles[thin[k]]
    a = (positions[tri[0]] - origin) @ device_camera
    b = (positions[tri[1]] - origin) @ device_camera
    c = (positions[tri[2]] - origin) @ device_camera
    pa = place(a, directions)
    pb = place(b, directions)
    pc = place(c, directions)
    if wp.min(wp.min(pa[2], pb[2]), pc[2]) < 0.0 or wp.max(wp.max(pa[2], pb[2]), pc[2]) >= _UNKNOWN:
        return
    plane = wp.cross(b - a, c - a)
    det = wp.dot(a, plane)
    if det == 0.0:
        return
    sign = wp.sign(det)
    plane = plane * sign
    det = det * sign
    n0 = wp.cross(b, c) * sign
    n1 = wp.cross(c, a) * sign
    n2 = wp.cross(a, b) * sign
    far = wp.max(wp.max(wp.length(a), wp.length(b)), wp.length(c))
    near = wp.min(wp.min(wp.length(a), wp.length(b)), wp.length(c))
    amount = wp.int64(own[k] * _UNIT)
    # Pixels reach half a pixel around their centres; strips are far too short to bend.
    width = grid.width
    height = grid.height
    slack = 0.5 + wp.max(wp.max(pa[3], pb[3]), pc[3])
    x0 = int(wp.max(wp.ceil(wp.min(wp.min(pa[0], pb[0]), pc[0]) - slack), 0.0))
    y0 = int(wp.max(wp.ceil(wp.min(wp.min(pa[1], pb[1]), pc[1]) - slack), 0.0))
    x1 = int(wp.min(wp.floor(wp.max(wp.max(pa[0], pb[0]), pc[0]) + slack), float(width - 1)))
    y1 = int(wp.min(wp.floor(wp.max(wp.max(pa[1], pb[1]), pc[1]) + slack), float(height - 1)))
    for y in range(y0, y1 + 1):
        for x in range(x0, x1 + 1):
            i = y * width + x
            d = _ray(grid.rays, i)
            right = _ray(grid.rays, wp.where(x + 1 < width, i + 1, i - 1))
            below = _ray(grid.rays, wp.where(y + 1 < height, i + width, i - width))
            if wp.min(wp.min(wp.length_sq(d), wp.length_sq(right)), wp.length_sq(below)) > 0.5:
                # The three edge functions across the pixel: at its centre, and their steps along x and y.
                e = wp.vec3(wp.dot(d, n0), wp.dot(d, n1), wp.dot(d, n2))
                sx = wp.where(x + 1 < width, 1.0, -1.0)
                sy = wp.where(y + 1 < height, 1.0, -1.0)
                ex = (wp.vec3(wp.dot(right, n0), wp.dot(right, n1), wp.dot(right, n2)) - e) * sx
                ey = (wp.vec3(wp.dot(below, n0), wp.dot(below, n1), wp.dot(below, n2)) - e) * sy
                inside = int(0)
                if wp.min(e + (wp.abs(ex) + wp.abs(ey)) * 0.5) >= 0.0:
                    for j in range(_FOLD * _FOLD):
                        u = (float(j % _FOLD) + 0.5) / float(_FOLD) - 0.5
                        v = (float(j // _FOLD) + 0.5) / float(_FOLD) - 0.5
                        if wp.min(e + ex * u + ey * v) >= 0.0:
                            inside += 1
                if inside > 0:
                    s = wp.dot(d, plane)
                    reach = far
                    if s > 0.0:
                        reach = wp.clamp(det / s, near, far)
                    if reach < ranges[i]:
                        wp.atomic_add(samples, i, inside)
                        wp.atomic_add(light, i, wp.int64(inside) * amount)


@wp.kernel
def lay_over(samples: wp.array[int], light: wp.array[wp.int64], radiance: wp.array[float]) -> None:
    """Blend the thin layer over the image, and empty it."""
    i = wp.tid()
    n = samples[i]
    if n > 0:
        share = wp.min(float(n) / float(_FOLD * _FOLD), 1.0)
        own = float(light[i] / wp.int64(n)) / _UNIT
        radiance[i] = radiance[i] + (own - radiance[i]) * share
        samples[i] = 0
        light[i] = wp.int64(0)
