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


def meet(surface, o, d, start=0.0, stop=200.0, step=0.05):
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
        return hit[0][:2] - point if hit is not None else np.array([1e3, 1e3])

    found = root(miss, 1.13 * np.asarray(point), tol=1e-9)
    assert found.success or np.abs(found.fun).max() < 1e-6, found.message
    return direction(o, [*found.x, APEX - 3.2])


def mirror(led, o):
    """Direction from o at which the reflected ray meets `led`."""
    frame = np.linalg.svd(np.reshape([led, led, led], (3, 3)))[2]

    def miss(u):
        d = direction(o, [u[0], u[1], APEX - 3.0])
        far = max(np.linalg.norm(o) - 15.0, 0.0)
        t = meet(FRONT, o, d, far, far + 25.0)
        if t is None:
            return np.array([1e3, 1e3])
        c = o + t * d
        n = normal(FRONT, c)
        out = d - 2 * (d @ n) * n
        want = direction(c, led)
        del frame
        side = np.cross(want, [0.31, 0.87, 0.38])
        side /= np.linalg.norm(side)
        return np.array([(out - want) @ side, (out - want) @ np.cross(side, want)])
    raise NotImplementedError
