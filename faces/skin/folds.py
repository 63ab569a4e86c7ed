"""Shapes of the folds that expressions press into the skin: heights in mm along lines on the mean face. All priors.

Each fold group is a function of the position on the mean face (mm, x to the wearer's left, y up, z out of the face) and
of a generator that draws how many lines there are and how they run. Groups with a side are given x towards that side.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""(x low, x high, y low, y high), mm."""


def furrow(distance_mm: NDArray[np.floating], width_mm: float, depth_mm: float) -> Image:
    """Height across a fold: a groove with a swelling on either side, which holds the skin that the groove took."""
    a = distance_mm / width_mm
    return (-depth_mm * (np.exp(-(a**2)) - 0.38 * np.exp(-((a / 2.6) ** 2)))).astype(np.float32)


def _within(value: NDArray[np.floating], low: float, high: float, soft: float) -> Image:
    """1 between two bounds, 0 beyond, with soft ends."""
    up = 1 / (1 + np.exp(-np.clip(4 * (value - low) / soft, -30, 30)))
    down = 1 / (1 + np.exp(-np.clip(4 * (high - value) / soft, -30, 30)))
    return (up * down).astype(np.float32)


def _wave(t: NDArray[np.floating], rng: np.random.Generator, wavelength: float) -> Image:
    """A gentle random curve in one variable, of SD 1."""
    total = np.zeros_like(t, dtype=np.float32)
    for k in (1.0, 1.9, 3.1):
        total += (np.cos(2 * np.pi * k * t / wavelength + rng.uniform(0, 2 * np.pi)) / k**0.7).astype(np.float32)
    return total * np.float32(1 / 0.95)


def _forehead(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    count = int(rng.integers(3, 6))
    levels = np.linspace(rng.uniform(28, 32), rng.uniform(50, 57), count) + rng.normal(0, 1.0, count)
    common = rng.uniform(0.4, 2.0) * _wave(x, rng, 95.0) - 0.0016 * x * x
    height = np.zeros_like(x)
    for level in levels:
        line = level + common + rng.uniform(0.3, 0.8) * _wave(x, rng, 45.0) + 0.7 * warp
        share = np.clip(0.75 + 0.35 * _wave(x, rng, 60.0), 0.1, 1.15) * rng.uniform(0.7, 1.0)
        height += share * furrow(y - line, rng.uniform(1.1, 1.7), 0.55)
    return height * _within(np.abs(x), -99, 47, 14.0)


def _glabella(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    first, lean = rng.uniform(5.5, 8.0), rng.uniform(0.02, 0.22)
    height = np.zeros_like(x)
    for offset, share in ((0.0, 1.0), (rng.uniform(4.0, 5.5), rng.uniform(0.15, 0.5))):
        line = first + offset + lean * (y - 8) + 0.5 * _wave(y, rng, 30.0) + 0.4 * warp
        along = _within(y, 3 + 0.4 * offset, rng.uniform(22, 27) - offset, 6.0)
        height += np.float32(share) * along * furrow(x - line, 1.15, 0.60)
    return height


def _nose_root(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    height = np.zeros_like(x)
    for level, share in ((rng.uniform(1.5, 4.0), 1.0), (rng.uniform(-3.5, -1.5), 0.6)):
        line = level - 0.02 * x * x + 0.4 * _wave(x, rng, 25.0) + 0.3 * warp
        height += np.float32(share) * furrow(y - line, 0.95, 0.42)
    return height * _within(np.abs(x), -99, 8.5, 4.0)


def _bunny(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    across = 0.55 * x + 0.84 * (y + 9)
    phase, height = rng.uniform(-1, 1), np.zeros_like(x)
    for level in (-3.4, 0.0, 3.2):
        height += furrow(across - level - phase - 0.4 * warp, 0.85, 0.24)
    return height * np.exp(-((((x - 8.5) / 6) ** 2 + ((y + 9) / 8) ** 2) ** 1.5))


def _crow(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    out = np.hypot(x - 33, z - 14) * np.sign(x - 33)
    radius = np.hypot(out, y + 2)
    angle = np.arctan2(y + 2, out)
    count = int(rng.integers(4, 7))
    height = np.zeros_like(x)
    for middle in np.linspace(-0.68, 0.50, count) + rng.normal(0, 0.04, count):
        line = middle * (1 - 0.006 * (radius - 12)) + 0.016 * _wave(radius, rng, 25.0)
        start, end = rng.uniform(11.5, 14.5), rng.uniform(19, 30)
        share = np.float32(rng.uniform(0.45, 1.0)) * _within(radius, start, end, 6.0) * (out > 0)
        height += share * furrow(radius * (angle - line) - 0.4 * warp, rng.uniform(0.60, 0.85), 0.34)
    return height


def _under_eye(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    height = np.zeros_like(x)
    bend = 2.6 * ((x - 28) / 14) ** 2
    for offset in (0.0, rng.uniform(2.2, 3.2), rng.uniform(5.2, 7.0)):
        line = -9.8 - offset + bend * (1 - 0.06 * offset) + 0.4 * _wave(x, rng, 30.0) + 0.4 * warp
        start, end = rng.uniform(17, 21), rng.uniform(36, 43)
        height += np.float32(rng.uniform(0.5, 1.0)) * _within(x, start, end, 8.0) * furrow(y - line, 0.75, 0.22)
    return height


_NASOLABIAL_Y = np.array([-76.0, -70.0, -62.0, -53.0, -44.0, -38.0, -33.0])
_NASOLABIAL_X = np.array([31.5, 31.0, 29.5, 26.0, 22.0, 19.3, 17.5])


def _nasolabial(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    shift = rng.normal(0, 1.0)
    smooth = np.polynomial.Polynomial.fit(_NASOLABIAL_Y, _NASOLABIAL_X, 3)
    line = smooth(y) + shift + 0.5 * _wave(y, rng, 50.0) + 0.5 * warp
    distance = (x - line) / np.sqrt(1 + smooth.deriv()(y) ** 2)
    fold = furrow(distance, 1.7, 0.75) + 0.5 * np.exp(-(((distance - 5.0) / 4.5) ** 2))
    return (fold * _within(y, rng.uniform(-77, -69), -38.0, 9.0)).astype(np.float32)


def _mouth_corner(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    line = 24.5 - 0.22 * (y + 70) + rng.normal(0, 0.6) + 0.5 * _wave(y, rng, 30.0) + 0.5 * warp
    fold = furrow(x - line, 1.2, 0.42) * _within(y, rng.uniform(-88, -81), -69.0, 6.0)
    dimple = furrow(x - 33.0 + 0.012 * (y + 66) ** 2 - 0.5 * warp, 2.0, 0.28) * _within(y, -73, -58, 9.0)
    return fold + dimple


def _chin(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    crease = furrow(y + 84.5 - 0.008 * x * x + 0.5 * warp, 1.6, 0.5) * _within(np.abs(x), -99, 12, 7.0)
    pits = 0.30 * np.minimum(warp, 0.4) * np.exp(-(((x / 14) ** 2 + ((y + 95) / 9) ** 2) ** 1.5))
    return (0.7 * crease + pits).astype(np.float32)


def _perioral(x: Image, y: Image, z: Image, warp: Image, rng: np.random.Generator) -> Image:
    across, up = x / 26, (y + 68) / 12.5
    rho, angle = np.hypot(across, up), np.arctan2(up, across)
    count = int(rng.integers(24, 32))
    lines = np.linspace(-np.pi, np.pi, count, endpoint=False) + rng.normal(0, 0.05, count)
    depth = rng.uniform(0.3, 1.0, count)
    order = np.argsort(lines)
    lines, depth = lines[order], depth[order]
    right = np.searchsorted((lines[1:] + lines[:-1]) / 2, angle)
    distance = (angle - lines[right]) * np.hypot(x, y + 68) + 0.3 * warp
    end = 1.22 + 0.3 * depth[right] * np.abs(np.sin(angle))
    ends = _within(rho, 0.98, end, 0.25) * _within(np.abs(np.sin(angle)), 0.55, 9.0, 0.35)
    return (depth[right] * furrow(distance, 0.60, 0.20) * ends).astype(np.float32)


Shape = Callable[[Image, Image, Image, Image, np.random.Generator], Image]

FOLDS: dict[str, tuple[Shape, Box, bool]] = {
    "forehead": (_forehead, (-62, 62, 20, 66), False),
    "glabella": (_glabella, (0, 18, -3, 32), True),
    "nose_root": (_nose_root, (-14, 14, -9, 10), False),
    "bunny": (_bunny, (0, 18, -20, 2), True),
    "crow": (_crow, (40, 66, -24, 22), True),
    "under_eye": (_under_eye, (12, 50, -22, -5), True),
    "nasolabial": (_nasolabial, (12, 48, -82, -28), True),
    "mouth_corner": (_mouth_corner, (20, 42, -94, -52), True),
    "chin": (_chin, (-20, 20, -108, -78), False),
    "perioral": (_perioral, (-42, 42, -92, -46), False),
}
"""Fold group -> (height, box on the mean face that holds it, whether there is one on each side)."""
