"""Rays reflected by balls and bowls, one by one: the oracle of the tests on mirrors."""

from __future__ import annotations

import numpy as np


def bounce(centre, radius, source, target):
    """Rays from the source at targets (N, 3): where they meet a sphere, and their directions afterwards."""
    d = (target - source) / np.linalg.norm(target - source, axis=1, keepdims=True)
    o = source - centre
    slope = d @ o
    with np.errstate(invalid="ignore"):
        root = np.sqrt(slope**2 - o @ o + radius**2)  # NaN: the ray misses the ball
    # A ball (radius > 0) is met from outside, at its nearer side; a bowl from inside, at the farther one.
    x = source + (-slope - np.sign(radius) * root)[:, None] * d
    n = (x - centre) / radius
    return x, d - 2 * (d * n).sum(axis=1, keepdims=True) * n


def shortest(centre, radius, apex, axes, source, camera):
    """The point of a sphere with the shortest way from source to camera, by walking downhill from its apex."""

    def point(x):
        q = apex + x @ axes - centre
        up = np.cross(axes[0], axes[1])
        across = q - (q @ up) * up
        return centre + across + up * np.sqrt(radius**2 - across @ across)

    def length(x):
        return np.linalg.norm(point(x) - source) + np.linalg.norm(point(x) - camera)

    x, step = np.zeros(2), 0.004
    while step > 1e-8:
        trial = x + step * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
        best = int(np.argmin([length(t) for t in trial]))
        x, step = trial[best], step * (0.5 if best == 0 else 1.0)
    return point(x)


def solid_angle_per_area(centre, radius, source, point, camera):
    """1/m²: solid angle at the source of a thin pencil over its section at the camera, from four neighbouring rays."""
    d = (point - source) / np.linalg.norm(point - source)
    a, b = np.linalg.svd(d[None])[2][1:]

    def arrive(offset):
        x, out = bounce(centre, radius, source, (source + d + offset)[None])
        return (x + ((camera - x) * out).sum() * out)[0]

    e = 1e-6
    J = np.stack([(arrive(e * v) - arrive(-e * v)) / (2 * e) for v in (a, b)], axis=1)
    return 1 / np.sqrt(np.linalg.det(J.T @ J))
