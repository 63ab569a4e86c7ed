"""A slow eye: surfaces as implicit functions found by marching and bisection, normals by differences, Snell in vectors.

Eye frame, mm. Written from the sources' numbers (gkaModelEye, Gullstrand, Atchison 2006), apart from the renderer.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, root

APEX = 13.3
FRONT = (APEX, 7.8, -0.15)
BACK = (APEX - 0.55, 6.7, -0.275)
IRIS_Z = APEX - 3.75
CORNEA, AQUEOUS = 1.370, 1.330
TEAR = (1 + np.sqrt(0.02)) / (1 - np.sqrt(0.02))


def height(surface, p):
    """Negative inside, positive outside."""
    apex, radius, q = surface
    w = apex - p[2]
    return p[0] ** 2 + p[1] ** 2 + (1 + q) * w * w - 2 * radius * w


def normal(surface, p):
    steps = 1e-4 * np.eye(3)
    g = np.array([height(surface, p + e) - height(surface, p - e) for e in steps])
    return g / np.linalg.norm(g)


def meet(surface, o, d, start=0.0, stop=200.0, step=0.1):
    """Distance at which the ray first enters the surface; None: never."""
    lengths = np.arange(start, stop, step)
    p = o + lengths[:, None] * d
    h = height(surface, p.T)
    inside = np.flatnonzero(h < 0)
    if not len(inside):
        return None
    k = inside[0]
    if k == 0:
        return lengths[0]
    return brentq(lambda t: height(surface, o + t * d), lengths[k - 1], lengths[k], xtol=1e-12)


def bend(d, n, before, behind):
    """Snell: the tangential part scales with the ratio of the indices."""
    across = d - (d @ n) * n
    across = across * before / behind
    return across - np.sqrt(1 - across @ across) * n


def reflectance(cosine):
    inside = np.sqrt(1 - (1 - cosine**2) / TEAR**2)
    rs = (cosine - TEAR * inside) / (cosine + TEAR * inside)
    rp = (inside - TEAR * cosine) / (inside + TEAR * cosine)
    return (rs**2 + rp**2) / 2


def to_iris(o, d):
    """Where the ray from o along d ends on the iris plane, and the cosine at which it entered; None: it misses."""
    far = max(np.linalg.norm(o) - 15.0, 0.0)
    t = meet(FRONT, o, d, far, far + 25.0)
    if t is None:
        return None
    c = o + t * d
    n = normal(FRONT, c)
    e = bend(d, n, 1.0, CORNEA)
    s = meet(BACK, c, e, 0.0, 6.0)
    b = c
    if s is not None and (c + s * e)[2] > IRIS_Z:
        b = c + s * e
        e = bend(e, normal(BACK, b), CORNEA, AQUEOUS)
    return b + e * (IRIS_Z - b[2]) / e[2], -d @ n


def direction(o, at):
    d = np.asarray(at) - o
    return d / np.linalg.norm(d)


def aim(o, point):
    """Direction from o at which the refracted ray ends on `point` (x, y) of the iris plane."""

    # Unknown: where the straight ray would cross the plane 3.2 mm behind the apex.
    def miss(u):
        hit = to_iris(o, direction(o, [u[0], u[1], APEX - 3.2]))
        return hit[0][:2] - point if hit is not None else 10.0 + np.abs(u)

    for start in (1.13 * np.asarray(point), np.asarray(point) + 0.3, 0.5 * np.asarray(point), np.zeros(2)):
        found = root(miss, start, tol=1e-9)
        if np.abs(found.fun).max() < 1e-5:
            return direction(o, [*found.x, APEX - 3.2])
    raise AssertionError(f"no ray from {o} to {point}: {found.message}")


def mirror(led, o):
    """Where on the cornea a ray from o is reflected into the LED; None: nowhere."""

    def miss(u):
        d = direction(o, [u[0], u[1], APEX - 3.0])
        far = max(np.linalg.norm(o) - 15.0, 0.0)
        t = meet(FRONT, o, d, far, far + 25.0)
        if t is None:
            return 10.0 + np.abs(u), None
        c = o + t * d
        n = normal(FRONT, c)
        out = d - 2 * (d @ n) * n
        want = direction(c, led)
        side = np.cross(want, [0.31, 0.87, 0.38])
        side /= np.linalg.norm(side)
        return np.array([(out - want) @ side, (out - want) @ np.cross(side, want)]), c

    for start in ([0.0, 0.0], [3.0, 0.0], [-3.0, 0.0], [0.0, 3.0], [0.0, -3.0], [3.0, 3.0], [-3.0, -3.0]):
        found = root(lambda u: miss(u)[0], start, tol=1e-10)
        c = miss(found.x)[1]
        if np.abs(found.fun).max() < 1e-7 and c is not None:
            return c if np.hypot(*c[:2]) < 6.3 else None
    return None


def mirrored_irradiance(led, o, c, half=0.004, n=240):
    """Irradiance at o (per W/sr, 1/mm²) by light of the LED off the cornea near c: rays counted in an aperture there.

    A bundle of rays, half a tangent of `half` mm / mm wide, is reflected; those are counted that cross a small disc
    around o, square to the line from c.
    """
    axis = direction(led, c)
    u = np.cross(axis, [0.2, 0.9, 0.4])
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    back = direction(c, o)
    e = np.cross(back, [0.5, 0.1, 0.8])
    e /= np.linalg.norm(e)
    f = np.cross(back, e)
    grid = (np.arange(n) + 0.5) / n * 2 - 1
    a, b = (half * g.ravel() for g in np.meshgrid(grid, grid))
    length = np.sqrt(1 + a * a + b * b)
    d = (axis + a[:, None] * u + b[:, None] * v) / length[:, None]
    solid = (2 * half / n) ** 2 / length**3
    t = np.full(len(d), np.linalg.norm(c - led))
    for _ in range(12):  # secant on the implicit function, all rays at once
        h = height(FRONT, (led + t[:, None] * d).T)
        slope = (height(FRONT, (led + (t + 1e-5)[:, None] * d).T) - h) / 1e-5
        t = t - h / slope
    p = led + t[:, None] * d
    g = np.stack([height(FRONT, (p + s).T) - height(FRONT, (p - s).T) for s in 1e-4 * np.eye(3)], axis=1)
    m = g / np.linalg.norm(g, axis=1, keepdims=True)
    cosine = -np.einsum("ni,ni->n", d, m)
    out = d + 2 * cosine[:, None] * m
    s = (o - p) @ back / (out @ back)
    at = p + s[:, None] * out - o
    x, y = at @ e, at @ f
    radius = 0.4 * min(np.abs(x).max(), np.abs(y).max())
    hit = np.hypot(x, y) < radius
    assert hit.sum() > 1500
    return float((solid * reflectance(cosine))[hit].sum() / (np.pi * radius**2))


def iris_irradiance(led, point, step=0.02):
    """Irradiance of the iris at `point` (x, y) per W/sr of the LED, 1/mm²: solid angle of a bundle over area."""
    ends = [aim(led, np.asarray(point) + e) for e in step * np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])]
    solid = np.linalg.norm(np.cross((ends[0] - ends[1]) / (2 * step), (ends[2] - ends[3]) / (2 * step)))
    return float(solid * (1 - reflectance(to_iris(led, aim(led, point))[1])))
