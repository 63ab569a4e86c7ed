# mypy: ignore-errors
# ruff: noqa: UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""First Purkinje images: each LED mirrored in the front of each cornea, far smaller than a pixel, added by its flux.

The mirror point is where the path LED - cornea - camera is shortest (Fermat), found by Newton's method on the conic.
The wavefront, of curvature 1/d1 on arrival, leaves with the curvatures

    W = 1/d1 + 2 [[k_tt / cos i, k_ts], [k_ts, k_ss cos i]]          (Coddington's equations, any plane of incidence)

with k the surface's curvature along t, in the plane of incidence, and s, across it; so at the camera, d2 away,

    E = I F(i) / d1² / det(1 + d2 W)                                 W/m²

which for a distant LED and camera is I F R² / 4 / (d1 d2)². A Gaussian of SIGMA px spreads E over the pixels, whose
weights sum to 1: radiance times solid angle, summed, is E. Reflections at the deeper surfaces, a hundred times weaker,
are left out.
"""

import warp as wp

from faces.eyes.optics import CORNEA_EDGE
from sim.render.device import KERNEL_OPTIONS
from sim.render.eye_optics import APEX, FRONT_P, FRONT_R, conic_normal, tear_reflectance
from sim.render.eyes import Eyes
from sim.render.led_light import led_intensity, led_position, led_share
from sim.render.project import place
from sim.render.structs import Directions, Leds, Rays
from sim.render.tables import UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

SIGMA = 0.6
"""Of the Gaussian that a glint is spread by, px: the pixel's own width, not the lens's point spread."""
CORNEAL = 2
"""Threads a glint takes: one an eye."""
_SIGMA = wp.constant(SIGMA)
_REACH = wp.constant(3)
"""Pixels to either side that get a share."""
_Weights = wp.types.vector(length=7, dtype=wp.float32)
_UNKNOWN = wp.constant(UNKNOWN)
_EDGE = wp.constant(CORNEA_EDGE)
_FURTHEST = wp.constant(0.0068)
_SLACK = wp.constant(0.0005)
"""What is nearer than a glint by less than this does not hide it, m: the mesh is not exactly the cornea."""


@wp.func
def mirror_point(a: wp.vec3, b: wp.vec3) -> wp.vec3:
    """Where the front of the cornea mirrors a into b, both outside of it; eye frame."""
    middle = wp.vec3(0.0, 0.0, APEX - FRONT_R)
    h = wp.normalize(wp.normalize(a - middle) + wp.normalize(b - middle)) * FRONT_R
    x = h[0]
    y = h[1]
    for _ in range(8):
        rho = wp.sqrt(x * x + y * y)
        if rho > _FURTHEST:
            x *= _FURTHEST / rho
            y *= _FURTHEST / rho
        s = wp.sqrt(FRONT_R * FRONT_R - FRONT_P * (x * x + y * y))  # R - p w
        q = wp.vec3(x, y, APEX - (FRONT_R - s) / FRONT_P)
        u = q - a
        v = q - b
        du = wp.length(u)
        dv = wp.length(v)
        u /= du
        v /= dv
        sum = u + v
        px = wp.vec3(1.0, 0.0, -x / s)
        py = wp.vec3(0.0, 1.0, -y / s)
        s3 = s * s * s
        bend = sum[2]
        gx = wp.dot(sum, px)
        gy = wp.dot(sum, py)
        inverse = 1.0 / du + 1.0 / dv
        hxx = wp.dot(px, px) * inverse - wp.dot(u, px) * wp.dot(u, px) / du - wp.dot(v, px) * wp.dot(v, px) / dv
        hyy = wp.dot(py, py) * inverse - wp.dot(u, py) * wp.dot(u, py) / du - wp.dot(v, py) * wp.dot(v, py) / dv
        hxy = wp.dot(px, py) * inverse - wp.dot(u, px) * wp.dot(u, py) / du - wp.dot(v, px) * wp.dot(v, py) / dv
        hxx -= bend * (1.0 / s + FRONT_P * x * x / s3)
        hyy -= bend * (1.0 / s + FRONT_P * y * y / s3)
        hxy -= bend * FRONT_P * x * y / s3
        det = hxx * hyy - hxy * hxy
        x -= wp.clamp((hyy * gx - hxy * gy) / det, -0.002, 0.002)
        y -= wp.clamp((hxx * gy - hxy * gx) / det, -0.002, 0.002)
    s = wp.sqrt(wp.max(FRONT_R * FRONT_R - FRONT_P * (x * x + y * y), 1.0e-12))
    return wp.vec3(x, y, APEX - (FRONT_R - s) / FRONT_P)


@wp.func
def spread_wavefront(q: wp.vec3, n: wp.vec3, incident: wp.vec3, d1: float, d2: float) -> float:
    """Irradiance at d2 after the mirror at q, per W/sr of an LED d1 away that way, at reflectance 1; 1/m²."""
    cosine = wp.dot(n, incident)
    t = incident - n * cosine
    if wp.length_sq(t) < 1.0e-8:
        t = wp.cross(n, wp.vec3(0.0, 1.0, 0.0))
    t = wp.normalize(t)
    s = wp.cross(n, t)
    depth = FRONT_R - FRONT_P * (APEX - q[2])
    k = 1.0 / wp.sqrt(q[0] * q[0] + q[1] * q[1] + depth * depth)
    tt = (t[0] * t[0] + t[1] * t[1] + FRONT_P * t[2] * t[2]) * k
    ss = (s[0] * s[0] + s[1] * s[1] + FRONT_P * s[2] * s[2]) * k
    ts = (t[0] * s[0] + t[1] * s[1] + FRONT_P * t[2] * s[2]) * k
    first = 1.0 + d2 * (1.0 / d1 + 2.0 * tt / cosine)
    second = 1.0 + d2 * (1.0 / d1 + 2.0 * ss * cosine)
    return 1.0 / (d1 * d1 * (first * second - 4.0 * d2 * d2 * ts * ts))


@wp.func
def _ray(grid: Rays, i: int) -> wp.vec3:
    return wp.vec3(grid.rays[0, i], grid.rays[1, i], grid.rays[2, i])


@wp.func
def exact_pixel(p: wp.vec3, grid: Rays, directions: Directions) -> wp.vec3:
    """(x, y) of a point in camera coordinates, from the pixels' own rays, and a pixel's solid angle, sr; 0: unseen."""
    out = wp.vec3(0.0)
    near = place(p, directions)
    if near[2] >= _UNKNOWN:
        return out
    x = int(wp.floor(near[0] + 0.5))
    y = int(wp.floor(near[1] + 0.5))
    d = wp.normalize(p)
    for _ in range(2):
        if x < 1 or y < 1 or x >= grid.width - 1 or y >= grid.height - 1:
            return wp.vec3(0.0)
        i = y * grid.width + x
        r = _ray(grid, i)
        left = _ray(grid, i - 1)
        right = _ray(grid, i + 1)
        up = _ray(grid, i - grid.width)
        down = _ray(grid, i + grid.width)
        if wp.min(wp.min(wp.length_sq(left), wp.length_sq(right)), wp.min(wp.length_sq(up), wp.length_sq(down))) < 0.5:
            return wp.vec3(0.0)
        gx = (right - left) * 0.5
        gy = (down - up) * 0.5
        xx = wp.dot(gx, gx)
        yy = wp.dot(gy, gy)
        xy = wp.dot(gx, gy)
        det = xx * yy - xy * xy
        bx = wp.dot(gx, d - r)
        by = wp.dot(gy, d - r)
        out = wp.vec3(
            float(x) + (yy * bx - xy * by) / det, float(y) + (xx * by - xy * bx) / det, wp.length(wp.cross(gx, gy))
        )
        x = int(wp.floor(out[0] + 0.5))
        y = int(wp.floor(out[1] + 0.5))
    return out


@wp.func
def seen_share(x: float, y: float, least: float, grid: Rays, ranges: wp.array[float]) -> float:
    """Share of the four pixels around (x, y), bilinear, in which nothing is nearer than `least`."""
    i = int(wp.floor(x))
    j = int(wp.floor(y))
    f = x - float(i)
    g = y - float(j)
    k = j * grid.width + i
    upper = wp.lerp(wp.where(ranges[k] > least, 1.0, 0.0), wp.where(ranges[k + 1] > least, 1.0, 0.0), f)
    k += grid.width
    lower = wp.lerp(wp.where(ranges[k] > least, 1.0, 0.0), wp.where(ranges[k + 1] > least, 1.0, 0.0), f)
    return wp.lerp(upper, lower, g)


@wp.func
def splat(at: wp.vec3, flux: float, grid: Rays, radiance: wp.array[float]) -> None:
    """Spread `flux`, W/m² at the camera, around the pixel (x, y) of this solid angle."""
    x = int(wp.floor(at[0] + 0.5))
    y = int(wp.floor(at[1] + 0.5))
    scale = 0.5 / (_SIGMA * _SIGMA)
    across = _Weights()
    down = _Weights()
    total_x = float(0.0)
    total_y = float(0.0)
    for k in range(2 * _REACH + 1):
        fx = float(x + k - _REACH) - at[0]
        fy = float(y + k - _REACH) - at[1]
        across[k] = wp.exp(-scale * fx * fx)
        down[k] = wp.exp(-scale * fy * fy)
        total_x += across[k]
        total_y += down[k]
    peak = flux / (at[2] * total_x * total_y)
    for j in range(2 * _REACH + 1):
        row = y + j - _REACH
        for i in range(2 * _REACH + 1):
            column = x + i - _REACH
            if column >= 0 and row >= 0 and column < grid.width and row < grid.height:
                wp.atomic_add(radiance, row * grid.width + column, peak * across[i] * down[j])


@wp.kernel
def glints(
    grid: Rays,
    directions: Directions,
    pixel_angle: float,
    device_camera: wp.mat33,
    origin: wp.vec3,
    eyes: Eyes,
    leds: Leds,
    ranges: wp.array[float],
    radiance: wp.array[float],
) -> None:
    """Add the image of LED k // 2 in the cornea of eye k % 2 to the radiance."""
    k = wp.tid()
    led = k // 2
    R = eyes.rotations[k % 2]
    centre = eyes.centres[k % 2]
    a = (led_position(leds, led) - centre) @ R
    b = (origin - centre) @ R
    if a[2] < 0.0 and b[2] < 0.0:
        return
    q = mirror_point(a, b)
    if q[0] * q[0] + q[1] * q[1] > _EDGE * _EDGE:
        return
    n = conic_normal(q, APEX, FRONT_R, FRONT_P)
    d1 = wp.length(a - q)
    d2 = wp.length(b - q)
    incident = (a - q) / d1
    cosine = wp.dot(incident, n)
    if cosine < 0.02 or wp.dot(b - q, n) < 0.02 * d2:
        return
    p = centre + R @ q
    at = exact_pixel((p - origin) @ device_camera, grid, directions)
    if at[2] <= 0.0:
        return
    least = d2 - _SLACK - d2 * pixel_angle * wp.sqrt(1.0 - cosine * cosine) / cosine
    share = seen_share(at[0], at[1], least, grid, ranges)
    if share <= 0.0:
        return
    share *= led_share(leds, led, p, R @ n)
    if share <= 0.0:
        return
    intensity = led_intensity(leds, led, R @ incident * (-1.0)) * tear_reflectance(cosine)
    splat(at, share * intensity * spread_wavefront(q, n, incident, d1, d2), grid, radiance)
