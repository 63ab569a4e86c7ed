"""Outlines of panes, as superellipses bent to the shape that opticians call by a name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POINTS = 72
"""Corners of an outline; every pane has as many, so that all rims share a topology."""

NASAL_CUT = 0.24
"""Share of the half width that the lower nasal corner gives way to the nose: some 20 degrees of slant."""
_EXPONENT = {"rectangle": 4.5, "square": 4.0, "round": 2.0, "oval": 2.3, "aviator": 2.6, "cat_eye": 2.8, "rimless": 3.2}


def pane_outline(shape: str, width: float, height: float) -> NDArray[np.float64]:
    """(POINTS, 2) closed, counter-clockwise from the temporal side, evenly spaced, star-shaped about the origin.

    The left pane seen from the front: +x to the wearer's left, which is temporal, +y up; the box around it is
    width x height about the origin.
    """
    t = 2 * np.pi * np.arange(4096) / 4096
    e = 2.0 / _EXPONENT[shape]
    x, y = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** e, np.sign(np.sin(t)) * np.abs(np.sin(t)) ** e
    if shape in ("rectangle", "square", "rimless"):
        x = x * (1 + 0.04 * y)  # narrower below
    elif shape == "aviator":
        x = x * (1 - 0.16 * np.clip(-y, 0, 1)) + 0.12 * y * np.clip(-x, 0, 1)
        y = y + 0.10 * np.clip(-y, 0, 1) * x - 0.10 * np.clip(y, 0, 1) * x
    elif shape == "cat_eye":
        y = y + 0.32 * np.clip(y, 0, 1) * np.clip(x, 0, 1) ** 2
        x = x * (1 + 0.08 * y)
    if shape not in ("round", "oval"):
        x = np.where(x < 0, x * (1 - NASAL_CUT * np.clip(0.4 - y, 0, 1.4) / 1.4), x)
    points = np.stack([x, y], -1)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - 0.5 * (low + high)) / (high - low) * [width, height]
    steps = np.linalg.norm(np.diff(points, axis=0, append=points[:1]), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    closed = np.concatenate([points, points[:1]])
    at = along[-1] * np.arange(POINTS) / POINTS
    return np.stack([np.interp(at, along, closed[:, k]) for k in (0, 1)], -1)


def outline_normals(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) unit normals out of a counter-clockwise outline (N, 2)."""
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    normal = np.stack([along[:, 1], -along[:, 0]], -1)
    return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))
