"""Where an image has the edge of a pupil, to a fraction of a pixel, against where a ray trace has it.

An iris is textured, and a shipped camera's pixel is 0.25 to 0.28 mm wide on it: a single line across the edge tells
more of the iris's fibres than of the edge. So a sector of the edge is fitted at once, all pixels within `NEAR_PX` of
it and `HALF_ANGLE` of its direction, by least squares:

    value = pupil + share · (iris + slope · distance + turn · angle)

share is the area of the pixel, a unit square, beyond the edge; the trace's edge, shifted along its normals, is the one
unknown that is not linear. The dark frill of the iris at its pupil is part of the image: it moves what is found out by
some 0.02 mm.
"""

from __future__ import annotations

from functools import cache

import eye_trace as trace
import numpy as np
from scipy.interpolate import CubicSpline

NEAR_PX = 2.6
HALF_ANGLE = np.pi / 8
DIRECTIONS = 16
SHIFTS_PX = np.linspace(-1.5, 1.5, 301)


def share_beyond(distance, normal):
    """(N,) area of unit squares beyond a straight edge, by their centres' distance (N,) along its normal (N, 2)."""
    long, short = np.maximum(np.abs(normal).max(-1), 1e-6), np.maximum(np.abs(normal).min(-1), 1e-6)

    def twice_integrated(x):
        return 0.5 * np.maximum(x, 0.0) ** 2

    ends = [(1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1)]
    return sum(k * twice_integrated(distance + 0.5 * (a * long + b * short)) for k, a, b in ends) / (long * short)


def traced_edge(eye, pupil_mm, traced=32, points=1024):
    """Direction (P,), pixel (P, 2) and outward normal (P, 2) of the traced edge; P `points` between `traced` rays."""
    o = eye.local(eye.camera.position)
    angle = np.arange(traced + 1) * 2 * np.pi / traced
    pixels = eye.pixel(o + 30 * _rays(tuple(o), pupil_mm, traced))
    line = CubicSpline(angle, np.concatenate([pixels, pixels[:1]]), bc_type="periodic")
    turn = np.arange(points) * 2 * np.pi / points
    edge, along = line(turn), line(turn, 1)
    normal = np.stack([along[:, 1], -along[:, 0]], -1) / np.linalg.norm(along, axis=1, keepdims=True)
    outward = ((edge - edge.mean(0)) * normal).sum(-1, keepdims=True)
    return turn, edge, normal * np.sign(outward)


@cache
def _rays(o, pupil_mm, traced):
    """(traced, 3) unit directions from o, mm, to the rim of the pupil."""
    angle = np.arange(traced) * 2 * np.pi / traced
    rim = 0.5 * pupil_mm * np.stack([np.cos(angle), np.sin(angle)], -1)
    return np.array([trace.aim(np.array(o), point) for point in rim])


def sector_errors(image, eye, pupil_mm):
    """(DIRECTIONS,) mm on the eye by which the image's edge lies outside the traced one, in each sector."""
    turn, edge, normal = traced_edge(eye, pupil_mm)
    (x0, y0), (x1, y1) = np.floor(edge.min(0) - 4).astype(int), np.ceil(edge.max(0) + 5).astype(int)
    y, x = np.mgrid[y0:y1, x0:x1]
    pixels = np.stack([x.ravel(), y.ravel()], -1).astype(float)
    nearest = np.argmin(((pixels[:, None] - edge) ** 2).sum(-1), axis=1)
    distance = ((pixels - edge[nearest]) * normal[nearest]).sum(-1)
    value = image[y, x].ravel().astype(float)
    o = eye.local(eye.camera.position)
    errors = []
    for direction in np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS:
        angle = (turn[nearest] - direction + np.pi) % (2 * np.pi) - np.pi
        used = (np.abs(angle) <= HALF_ANGLE) & (np.abs(distance) < NEAR_PX)
        s, n, v, a = distance[used], normal[nearest][used], value[used], angle[used]
        misfit = [_misfit(share_beyond(s - shift, n), s, a, v) for shift in SHIFTS_PX]
        at = np.argmin(np.abs(turn - direction))
        ends = eye.camera.lens.unproject(edge[at] + np.array([[-0.5], [0.5]]) * normal[at])
        errors.append(SHIFTS_PX[np.argmin(misfit)] * np.linalg.norm(ends[1] - ends[0]) * np.linalg.norm(o))
    return np.array(errors)


def _misfit(share, distance, angle, value):
    parts = np.stack([np.ones_like(share), share, share * distance, share * angle], -1)
    weights = np.linalg.lstsq(parts, value, rcond=None)[0]
    return float(((parts @ weights - value) ** 2).sum())
