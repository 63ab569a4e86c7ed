# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Vertices as each camera or LED sees them: coordinates, and bounds on the pixels that their triangles can touch.

A vertex's `pixels` are (x, y, curvature, error): roughly where it falls, the largest second derivative of that along
great circles nearby (px/rad²), and how far off the position may be (px); curvature may be OUTSIDE or UNKNOWN, see
`sim.render.tables`.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.tables import OUTSIDE

wp.set_module_options(KERNEL_OPTIONS)

_OUTSIDE = wp.constant(OUTSIDE)


@wp.kernel
def project_camera(
    vertices: wp.array[wp.vec3],
    device_camera: wp.mat33,
    origins: wp.array[wp.vec3],
    nodes: wp.array2d[wp.vec2],
    bounds: wp.array2d[wp.vec2],
    half_width: float,
    beyond: float,
    positions: wp.array2d[wp.vec3],
    pixels: wp.array2d[wp.vec4],
) -> None:
    """Vertices to camera coordinates and, through the direction table, to (x, y, curvature, error) in pixels."""
    i = wp.tid()
    p = (vertices[i] - origins[0]) @ device_camera
    positions[0, i] = p
    n = bounds.shape[0]
    w = wp.length(p) + p[2]
    out = wp.vec4(0.0, 0.0, beyond, 0.0)
    if w > 1.0e-9:
        scale = float(n) / (2.0 * half_width)
        x = (p[0] / w + half_width) * scale
        y = (p[1] / w + half_width) * scale
        if x >= 0.0 and y >= 0.0 and x < float(n) and y < float(n):
            ix = int(x)
            iy = int(y)
            fx = x - float(ix)
            fy = y - float(iy)
            b = bounds[iy, ix]
            upper = nodes[iy, ix] * (1.0 - fx) + nodes[iy, ix + 1] * fx
            lower = nodes[iy + 1, ix] * (1.0 - fx) + nodes[iy + 1, ix + 1] * fx
            q = upper * (1.0 - fy) + lower * fy
            out = wp.vec4(q[0], q[1], b[0], b[1])
    pixels[0, i] = out


@wp.kernel
def project_lattice(
    vertices: wp.array[wp.vec3],
    frames: wp.array[wp.mat33],
    origins: wp.array[wp.vec3],
    half_width: float,
    size: int,
    positions: wp.array2d[wp.vec3],
    pixels: wp.array2d[wp.vec4],
) -> None:
    """Vertices to LED coordinates and to texels of the stereographic lattice that shadow maps use."""
    k, i = wp.tid()
    p = (vertices[i] - origins[k]) @ frames[k]
    positions[k, i] = p
    w = wp.length(p) + p[2]
    out = wp.vec4(0.0, 0.0, _OUTSIDE, 0.0)
    if w > 1.0e-9:
        u = p[0] / w
        v = p[1] / w
        rho2 = u * u + v * v
        # 0.16 > tan(SMALL_ANGLE / 2): from further out no small triangle reaches the disc of directions with light.
        far = (half_width + 0.16) / wp.max(1.0 - half_width * 0.16, 0.05)
        if rho2 <= far * far:
            scale = 0.5 * float(size) / half_width
            # A great circle bends by at most rho (1 + rho²) / 2 in these coordinates; 2 covers its variation.
            out = wp.vec4(
                (u + half_width) * scale - 0.5,
                (v + half_width) * scale - 0.5,
                2.0 * scale * (wp.sqrt(rho2) + 0.1) * (1.0 + rho2) * 0.5,
                0.01,
            )
    pixels[k, i] = out
