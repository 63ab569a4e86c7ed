"""Light on the iris behind the cornea, traced once for a range of LED directions.

The cornea concentrates light from the front, and throws light from the side across to the far rim of the iris: a
paraxial image of the iris errs by a factor of two at 70 degrees. So bundles of rays from a point DISTANCE away are
traced through both surfaces, each ray with its solid angle and the transmittance of the tear film, and counted where
they land. The distance matters little: from 30 to 60 mm the values change by some per cent.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS
from faces.eyes.optics import (
    AQUEOUS_INDEX,
    BACK_ASPHERICITY,
    BACK_RADIUS,
    CORNEA_EDGE,
    CORNEA_INDEX,
    IRIS_DEPTH,
    IRIS_OUTER,
    THICKNESS,
    paraxial_pupil,
)
from faces.materials import TEAR_F0

ANGLES = 17
"""Of the LED from the optical axis, 0 to 90 degrees, seen from the centre of the pupil's paraxial image."""
ALONG, ACROSS = 25, 13
"""Nodes on the iris from -HALF to HALF towards the LED, and from 0 to HALF across."""
HALF = 0.0060
DISTANCE = 0.045
_RAYS = 0.00008
"""Between neighbouring rays, m, where they cross the pupil's image."""

Vectors = NDArray[np.float64]


@lru_cache(maxsize=1)
def iris_light() -> NDArray[np.float32]:
    """(ANGLES, ALONG, ACROSS) irradiance of the iris per LED intensity over squared distance to the pupil's image.

    Without a cornea it would be the cosine of the angle.
    """
    out = [_one_direction(angle) for angle in np.linspace(0.0, np.pi / 2, ANGLES)]
    return np.array(out, np.float32)


def diffuse_gain() -> float:
    """Mean irradiance of the iris under even light from the whole hemisphere, over that of a bare plane."""
    angle = np.linspace(0.0, np.pi / 2, ANGLES)
    x, y = np.meshgrid(np.linspace(-HALF, HALF, ALONG), np.linspace(0.0, HALF, ACROSS), indexing="ij")
    mean = iris_light()[:, np.hypot(x, y) < 0.8 * IRIS_OUTER].mean(axis=1)
    return float(np.trapezoid(mean * 2 * np.sin(angle), angle))


def _one_direction(angle: float) -> NDArray[np.float64]:
    centre = np.array([0.0, 0.0, CORNEA_APEX - paraxial_pupil()[0]])
    towards = np.array([np.sin(angle), 0.0, np.cos(angle)])
    led = centre + DISTANCE * towards
    half = (np.arange(int(0.0085 / _RAYS)) + 0.5) * _RAYS
    a, b = (v.ravel() for v in np.meshgrid(np.concatenate([-half[::-1], half]), half))
    aim = centre + a[:, None] * np.array([np.cos(angle), 0.0, -np.sin(angle)]) + b[:, None] * np.array([0.0, 1.0, 0.0])
    d = aim - led
    length = np.linalg.norm(d, axis=1)
    d /= length[:, None]
    solid = _RAYS**2 * DISTANCE / length**3
    land, cosine, good = _land(led, d)
    weight = np.where(good, solid * (1 - TEAR_F0) * (1 - (1 - cosine) ** 5), 0.0)
    step = 2 * HALF / (ALONG - 1)
    x, y = land[:, 0] / step + (ALONG - 1) / 2, np.abs(land[:, 1]) / step
    inside = (weight > 0) & (x > 0) & (x < ALONG - 1) & (y < ACROSS - 1)
    x, y, weight = x[inside], y[inside], weight[inside]
    i, j = x.astype(int), y.astype(int)
    f, g = x - i, y - j
    counts = np.zeros((ALONG, ACROSS))
    for di, dj, share in ((0, 0, (1 - f) * (1 - g)), (1, 0, f * (1 - g)), (0, 1, (1 - f) * g), (1, 1, f * g)):
        np.add.at(counts, (i + di, j + dj), share * weight)
    counts[:, 0] *= 2  # half of that node's tent lies beyond the plane of symmetry, and half of these beyond the table
    counts[[0, -1]] *= 2
    counts[:, -1] *= 2
    return counts / step**2 * DISTANCE**2


def _land(o: Vectors, d: Vectors) -> tuple[Vectors, Vectors, NDArray[np.bool_]]:
    """(N, 3) on the iris plane, cosine of entry, and which rays (N, 3) from o get there."""
    good, c = _enter(np.broadcast_to(o, d.shape), d, CORNEA_APEX, CORNEA_RADIUS, CORNEA_ASPHERICITY)
    good &= np.hypot(c[:, 0], c[:, 1]) < CORNEA_EDGE
    n = _normals(c, CORNEA_APEX, CORNEA_RADIUS, CORNEA_ASPHERICITY)
    cosine = -np.einsum("ni,ni->n", n, d)
    good &= cosine > 0
    e = _refract(d, n, 1 / CORNEA_INDEX[0])
    floor = CORNEA_APEX - IRIS_DEPTH
    meets, b = _enter(c, e, CORNEA_APEX - THICKNESS, BACK_RADIUS, BACK_ASPHERICITY)
    meets &= b[:, 2] > floor
    m = _normals(b, CORNEA_APEX - THICKNESS, BACK_RADIUS, BACK_ASPHERICITY)
    e = np.where(meets[:, None], _refract(e, m, CORNEA_INDEX[0] / AQUEOUS_INDEX), e)
    at = np.where(meets[:, None], b, c)
    return at + e * ((floor - at[:, 2]) / np.minimum(e[:, 2], -1e-3))[:, None], np.clip(cosine, 0, 1), good


def _enter(o: Vectors, d: Vectors, apex: float, radius: float, q: float) -> tuple[NDArray[np.bool_], Vectors]:
    p, w = 1 + q, apex - o[:, 2]
    a = d[:, 0] ** 2 + d[:, 1] ** 2 + p * d[:, 2] ** 2
    b = o[:, 0] * d[:, 0] + o[:, 1] * d[:, 1] - p * w * d[:, 2] + radius * d[:, 2]
    c = o[:, 0] ** 2 + o[:, 1] ** 2 + p * w**2 - 2 * radius * w
    root = b * b - a * c
    return root > 0, o + d * ((-b - np.sqrt(np.maximum(root, 0.0))) / a)[:, None]


def _normals(c: Vectors, apex: float, radius: float, q: float) -> Vectors:
    n = np.column_stack([c[:, 0], c[:, 1], radius - (1 + q) * (apex - c[:, 2])])
    return n / np.linalg.norm(n, axis=1, keepdims=True)


def _refract(d: Vectors, n: Vectors, eta: float) -> Vectors:
    cosine = -np.einsum("ni,ni->n", d, n)
    k = np.sqrt(np.maximum(1 - eta**2 * (1 - cosine**2), 0.0))
    return d * eta + n * (eta * cosine - k)[:, None]
