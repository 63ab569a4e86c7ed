"""Iris and sclera as procedural maps, one set a seed: relative brightness of the iris, vessels of the sclera.

In the near infrared pigment hardly absorbs, so all irises are mid-grey and show their relief: radial fibres, the wavy
collarette with crypts along it, contraction furrows further out, a darker frill at the pupil. Shapes, numbers and
contrasts are priors, by eye after published infrared photographs. Right eyes are left ones mirrored.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from faces.eyes.optics import IRIS_OUTER

IRIS_SIZE = 160
"""Texels across the iris, which spans IRIS_OUTER to either side; 0.07 mm each."""
REFERENCE_PUPIL = 0.0018
"""Pupil radius at which the iris is drawn, m; other pupils stretch it radially."""
SCLERA_SIZE = 256
"""Texels across the front hemisphere, in stereographic coordinates (x, y) / (R + z) from -1 to 1."""
LEVELS = 4
"""Each map comes in as many versions, each twice as blurred as the one before; see `blur_levels`."""


def blur_levels(image: NDArray[np.float64]) -> NDArray[np.float32]:
    """(LEVELS, N, N): the image, then blurred as if by pixels of 2, 4, 8 texels (box of that width, as a Gaussian)."""
    widths = [0.0] + [np.sqrt((4.0**k - 1) / 12) for k in range(1, LEVELS)]
    return np.stack([gaussian_filter(image, w, mode="nearest") for w in widths]).astype(np.float32)


@lru_cache(maxsize=16)
def iris_map(seed: int) -> NDArray[np.float32]:
    """(LEVELS, IRIS_SIZE, IRIS_SIZE) brightness relative to the mean, rows along y, columns along x, both rising."""
    rng = np.random.default_rng([seed, 1])
    axis = ((np.arange(IRIS_SIZE) + 0.5) / IRIS_SIZE * 2 - 1) * IRIS_OUTER
    x, y = np.meshgrid(axis, axis)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    s = np.clip((radius - REFERENCE_PUPIL) / (IRIS_OUTER - REFERENCE_PUPIL), 0.0, 1.0)
    collarette = 0.30 + 0.05 * _wave(rng, angle, 2, 6) + 0.03 * _wave(rng, angle, 9, 16)
    fibres = _fibres(rng, angle + 0.10 * (s - 0.5) * _wave(rng, angle, 2, 5), s, 150, 9)
    coarse = _fibres(rng, angle, s, 26, 5)
    ciliary = 1 / (1 + np.exp(-(s - collarette) / 0.025))
    value = 1.0 + (0.10 + 0.05 * ciliary) * fibres + 0.07 * coarse
    value += 0.16 * np.exp(-(((s - collarette) / 0.055) ** 2)) + 0.05 * (1 - ciliary)
    for _ in range(int(rng.integers(9, 17))):  # crypts, most of them just outside the collarette
        where, out = rng.uniform(-np.pi, np.pi), rng.uniform(0.36, 0.62)
        long, wide = rng.uniform(0.04, 0.10), rng.uniform(0.05, 0.12)
        turn = np.angle(np.exp(1j * (angle - where)))
        pit = np.exp(-(((turn / wide) ** 2 + ((s - out) / long) ** 2) ** 1.5))
        value -= rng.uniform(0.12, 0.34) * pit
    for out in rng.uniform(0.55, 0.88, int(rng.integers(2, 5))):  # furrows: arcs, not rings
        arc = np.clip(0.3 + _wave(rng, angle, 1, 3), 0.0, 1.0)
        value -= 0.10 * arc * np.exp(-(((s - out - 0.015 * _wave(rng, angle, 3, 7)) / 0.018) ** 2))
    value -= 0.25 * np.exp(-((s / 0.05) ** 2))
    value *= 1 - 0.30 * np.clip((s - 0.80) / 0.20, 0.0, 1.0) ** 1.5
    inside = (radius < IRIS_OUTER) & (radius > REFERENCE_PUPIL)
    return blur_levels(np.clip(value / value[inside].mean(), 0.3, 1.7))


@lru_cache(maxsize=16)
def vessel_map(seed: int) -> NDArray[np.float32]:
    """(LEVELS, SCLERA_SIZE, SCLERA_SIZE) in [0, 1]: how much of a vessel is there; rows along y, columns along x."""
    rng = np.random.default_rng([seed, 2])
    image = np.zeros((SCLERA_SIZE, SCLERA_SIZE))
    for side in (-1.0, 1.0):
        for _ in range(11):
            start = np.array([side * rng.uniform(0.62, 0.95), rng.uniform(-0.55, 0.55)])
            _draw_vessel(image, rng, start, rng.uniform(0.35, 1.0), depth=2)
    image = gaussian_filter(image, 0.7)
    return blur_levels(np.clip(image / 0.45, 0.0, 1.0))


def _draw_vessel(
    image: NDArray[np.float64], rng: np.random.Generator, start: NDArray[np.float64], weight: float, depth: int
) -> None:
    """A wandering line from `start` towards the cornea, with branches."""
    at = start.copy()
    heading = np.arctan2(-at[1], -at[0]) + rng.normal(0.0, 0.35)
    for _ in range(int(rng.integers(30, 75))):
        heading += rng.normal(0.0, 0.22) + 0.06 * np.sin(np.arctan2(-at[1], -at[0]) - heading)
        at = at + 0.0085 * np.array([np.cos(heading), np.sin(heading)])
        if np.hypot(*at) < 0.33 or np.abs(at).max() > 0.98:  # the cornea has none
            return
        column, row = ((at + 1) / 2 * SCLERA_SIZE - 0.5).round().astype(int)
        image[row, column] = max(image[row, column], weight)
        if depth and rng.uniform() < 0.035:
            _draw_vessel(image, rng, at, 0.6 * weight, depth - 1)


def _wave(rng: np.random.Generator, angle: NDArray[np.float64], low: int, high: int) -> NDArray[np.float64]:
    """A random periodic function of the angle with unit variance, frequencies low to high."""
    total = np.zeros_like(angle)
    for k in range(low, high + 1):
        total += rng.standard_normal() * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
    return total / np.sqrt((high - low + 1) / 2)


def _fibres(
    rng: np.random.Generator, angle: NDArray[np.float64], s: NDArray[np.float64], around: int, along: int
) -> NDArray[np.float64]:
    """Noise of unit variance with `around` knots around the circle and `along` knots from pupil to root."""
    knots = np.pad(rng.standard_normal((along, around)), ((0, 0), (8, 8)), mode="wrap")
    row = s * (along - 1)
    column = (angle / (2 * np.pi)) % 1.0 * around + 8
    value = map_coordinates(knots, [row, column], order=3, mode="nearest")
    return np.asarray(value / value.std())
