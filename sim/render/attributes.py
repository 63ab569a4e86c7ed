# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""The buffers that need no light, one kernel each, for those that are asked for; labels are never blended."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Vertex

wp.set_module_options(KERNEL_OPTIONS)


@wp.func
def barycentrics(look: wp.vec3, a: wp.vec3, b: wp.vec3, c: wp.vec3) -> wp.vec3:
    """Weights of the corners, relative to the ray's origin, where the ray meets their plane, clamped to it."""
    e0 = wp.dot(look, wp.cross(b, c))
    e1 = wp.dot(look, wp.cross(c, a))
    e2 = wp.dot(look, wp.cross(a, b))
    total = e0 + e1 + e2
    w = wp.vec3(1.0, 1.0, 1.0)
    if total != 0.0:
        # Rounding may leave a thin triangle by a hair.
        w = wp.vec3(wp.max(e0 / total, 0.0), wp.max(e1 / total, 0.0), wp.max(e2 / total, 0.0))
    return w / (w[0] + w[1] + w[2])


@wp.kernel
def depth_buffer(ranges: wp.array[float], ids: wp.array[int], rays: wp.array2d[float], out: wp.array[float]) -> None:
    """Depth along z, m; NaN: nothing."""
    i = wp.tid()
    out[i] = wp.where(ids[i] < 0, wp.nan, ranges[i] * rays[2, i])


@wp.func_native("""
    for (int i = first; i < first + chunk; ++i)
        out.data[i] = ids.data[i] < 0 ? -1 : regions.data[ids.data[i]];
""")
def _label(first: int, chunk: int, ids: wp.array[int], regions: wp.array[int], out: wp.array[int]) -> None:
    """The pixels `first` onwards; see `region_buffer`."""


@wp.kernel
def region_buffer(chunk: int, ids: wp.array[int], regions: wp.array[int], out: wp.array[int]) -> None:
    """Region label; -1: nothing, -2: shell; a thread takes `chunk` pixels."""
    _label(wp.tid() * chunk, chunk, ids, regions, out)


@wp.kernel
def triangle_buffer(ids: wp.array[int], order: wp.array[int], out: wp.array[int]) -> None:
    """Triangle of the head; -1: nothing, -2: shell."""
    i = wp.tid()
    t = ids[i]
    label = -1
    if t >= 0:
        label = order[t]
    out[i] = label


@wp.kernel
def surface_buffers(
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    device_camera: wp.mat33,
    origin: wp.vec3,
    albedo_weight: float,
    barycentric: wp.array[wp.vec3],
    normal: wp.array[wp.vec3],
    albedo: wp.array[float],
) -> None:
    """Barycentrics, shading normal in the camera frame and diffuse albedo; 0: nothing. Empty arrays are left out."""
    i = wp.tid()
    t = ids[i]
    w = wp.vec3(0.0)
    n = wp.vec3(0.0)
    rho = 0.0
    if t >= 0:
        tri = triangles[t]
        a = vertices[tri[0]]
        b = vertices[tri[1]]
        c = vertices[tri[2]]
        pa = wp.vec3(a[0], a[1], a[2]) - origin
        pb = wp.vec3(b[0], b[1], b[2]) - origin
        pc = wp.vec3(c[0], c[1], c[2]) - origin
        look = device_camera @ wp.vec3(rays[0, i], rays[1, i], rays[2, i])
        w = barycentrics(look, pa, pb, pc)
        n = shading_normal(look, w, a, b, c, wp.cross(pb - pa, pc - pa)) @ device_camera
        first = a[6] * w[0] + b[6] * w[1] + c[6] * w[2]
        second = a[7] * w[0] + b[7] * w[1] + c[7] * w[2]
        rho = first + (second - first) * albedo_weight
    if barycentric.shape[0] > 1:
        barycentric[i] = w
    if normal.shape[0] > 1:
        normal[i] = n
    if albedo.shape[0] > 1:
        albedo[i] = rho


@wp.func
def shading_normal(look: wp.vec3, w: wp.vec3, a: Vertex, b: Vertex, c: Vertex, face: wp.vec3) -> wp.vec3:
    """Unit normal in the device frame, turned to the side from which the triangle is seen."""
    n = wp.vec3(a[3], a[4], a[5]) * w[0] + wp.vec3(b[3], b[4], b[5]) * w[1] + wp.vec3(c[3], c[4], c[5]) * w[2]
    return wp.normalize(n) * wp.where(wp.dot(face, look) > 0.0, -1.0, 1.0)
