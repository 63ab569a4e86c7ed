"""Where facial hair grows, and which way: outlines and directions on the mean face.

Coordinates are mm in the frame of `faces.labels`, x >= 0. Weights are the share of follicles that carry hair. Outlines
and directions were drawn after anatomy plates (priors): brow hair rises at the nose's end, lies along the brow in the
middle, those above and below the ridge leaning towards it, and falls towards the temple; beards fall, away from lips.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.labels import BROW_X, BROW_Y, EYE_X_MM, brow_distance

Array = NDArray[np.float64]

LIP_TOP_MM, MOUTH_MM, NOSE_MM = -58.0, -67.5, -51.0
"""Heights of the upper lip's border, of the mouth, and of the nose's base."""
CHEEK_X = np.array([0.0, 24.0, 30.0, 45.0, 56.0, 62.0, 90.0])
CHEEK_Y = np.array([-52.0, -57.0, -60.0, -54.0, -38.0, -12.0, -8.0])
"""Upper border of a full beard."""


def brow_weight(points: Array, width: float) -> Array:
    """(N,) for points (N, 3)."""
    x, y = points[:, 0], points[:, 1]
    # The ragged head of the brow thins out towards the nose, the tail towards the temple.
    ends = _step(x - EYE_X_MM, BROW_X[0] - 0.5, BROW_X[0] + 5.0) * _step(BROW_X[-1] - x + EYE_X_MM, -0.5, 3.0)
    return np.exp(-0.5 * (brow_distance(x, y) / (0.80 * width)) ** 4) * (0.35 + 0.65 * ends)


def brow_flow(points: Array) -> Array:
    """(N, 3) directions, not yet tangential, for points (N, 3)."""
    local = points[:, 0] - EYE_X_MM
    slope = np.arctan(np.gradient(BROW_Y, BROW_X))
    along = np.interp(local, BROW_X, slope)
    rise = np.radians(np.interp(local, [-19.5, -15.0, -9.0, -2.0, 6.0, 16.0, 25.0], [72.0, 55, 30, 14, 8, 2, -4]))
    inside = np.interp(local, BROW_X, BROW_Y)
    lean = np.radians(np.clip(-6.0 * (points[:, 1] - inside), -24.0, 24.0)) * np.clip((local + 14.0) / 12.0, 0, 1)
    angle = along + rise + lean
    return np.stack([np.cos(angle), np.sin(angle), np.zeros(len(points))], axis=1)


def beard_weight(style: str, points: Array) -> Array:
    """(N,) for points (N, 3) of the beard's skin."""
    x, y, z = points.T
    outer = 28.5 - 0.9 * np.clip(y + 62.0, 0, None) - x  # its upper outer corner is cut
    moustache = _step(outer, 0, 6) * _step(NOSE_MM - 0.5 - y, 0, 5) * _step(y - MOUTH_MM - 1.0, 0, 2)
    moustache *= 1 - 0.45 * np.exp(-((x / 2.6) ** 2)) * _step(y - LIP_TOP_MM, -1, 3)  # the philtrum's groove
    moustache *= z > 0  # not on the nape
    corner = (z > -10) * _step(32.0 - x, 0, 4) * _step(x - 21.5, 0, 2.5) * _step(-58.0 - y, 0, 5) * _step(y + 100, 0, 6)
    chin = _step(23.0 - x, 0, 5) * _step(-84.0 - y, 0, 4) * _step(z + 12, 0, 8) * _step(y + 117, 0, 6)
    patch = (z > 0) * _step(6.0 - x, 0, 3) * _step(MOUTH_MM - 9.5 - y, 0, 2)  # below the lower lip
    below_lip = _step(MOUTH_MM - 10.0 - y, 0, 3)
    goatee = np.maximum(chin, patch)
    full = _step(np.interp(x, CHEEK_X, CHEEK_Y) - y, -1, 7) * _step(z + 64, 0, 8) * _step(y + 124, 0, 14)
    # Sparse patches beside the lower lip and over the masseter, as most beards have them.
    full *= np.where(y < MOUTH_MM, np.maximum(below_lip, _step(x - 21.5, 0, 2.5)), 1.0)
    full *= 1 - 0.55 * np.exp(-(((x - 15) / 6) ** 2) - ((y + 83) / 6) ** 2)
    full *= np.where((y > MOUTH_MM) & (x < 26), 0.0, 1.0)
    return {
        "none": np.zeros(len(points)),
        "moustache": moustache,
        "goatee": goatee,
        "circle": np.maximum.reduce([moustache, corner, goatee]),
        "full": np.maximum.reduce([moustache, corner, full]),
        "stubble": np.maximum.reduce([moustache, corner, full]) * (0.75 + 0.25 * np.maximum(goatee, moustache)),
    }[style]


def beard_flow(points: Array) -> Array:
    """(N, 3) directions, not yet tangential, for points (N, 3)."""
    x, y, z = points.T
    upper = _step(y - MOUTH_MM, -6, 6) * _step(34.0 - x, 0, 8)
    outwards = upper * np.clip(0.12 + x / 16.0, 0, 1.6)  # moustaches part in the middle
    inwards = (1 - upper) * 0.16 * _step(x, 4, 30) * _step(-z, -10, 30)
    under = _step(-106.0 - y, 0, 10)  # below the jaw hair grows forwards and down
    down = np.stack([outwards - inwards, -np.ones(len(x)), 0.8 * under], axis=1)
    return down / np.linalg.norm(down, axis=1, keepdims=True)


def _step(value: Array, low: float, high: float) -> Array:
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)
