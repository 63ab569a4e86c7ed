"""Where on the face skin is oily, porous, bearded or thin: smooth weights on the mean face. Every number is a prior.

Coordinates are mm on the built-in head's mean face, x towards the temple, y up from the eyes, z out of the face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

NOSE_Y = [-52, -40, -32, -20, -6, 2]
NOSE_HALF = [17.0, 19.0, 17.0, 11.5, 8.0, 6.5]
"""Half breadth of the nose in front view; as in `faces.labels`."""
BEARD_X = [0.0, 12.0, 22.0, 32.0, 45.0, 60.0, 80.0]
BEARD_Y = [-50.0, -50.0, -54.0, -64.0, -58.0, -40.0, -18.0]
"""Upper edge of the beard area, from the philtrum over the cheek to the sideburn."""


@dataclass(frozen=True, eq=False)
class Zones:
    """Weights (H, W) float32, 0-1.

    Attributes:
        oily: forehead, nose and chin (the T-zone). porous: nose most, then inner cheeks, chin and forehead.
        bearded: where men's beards grow. under_eye: thin skin below the eye. freckled: nose and upper cheeks.
        vein: temples and lids, where veins lie close below. thin: lids.
    """

    oily: Image
    porous: Image
    bearded: Image
    under_eye: Image
    freckled: Image
    vein: Image


def zones(position_mm: NDArray[np.float32], lips: Image, lids: Image) -> Zones:
    """Zones at positions (H, W, 3) on the mean face; lips and lids (H, W) bear neither pores nor beard."""
    x, y, z = np.abs(position_mm[..., 0]), position_mm[..., 1], position_mm[..., 2]
    half = np.interp(y, NOSE_Y, NOSE_HALF)
    nose = _edge(half - x, 5.0) * _edge(4 - y, 8.0) * _edge(y + 53, 4.0) * _edge(z - 10, 4.0)
    brow = _edge(y - 24, 16.0) * _edge(30 - x - 0.1 * (y - 24), 24.0)
    bridge = _edge(11 - x, 9.0) * _edge(y + 2, 9.0)
    chin = _bump(x / 17, (y + 94) / 13)
    inner_cheek = _bump((x - 24) / 15, (y + 30) / 19) * (1 - nose)
    plain = (1 - lips) * (1 - lids)
    porous = np.maximum.reduce([nose, 0.85 * inner_cheek, 0.55 * brow, 0.6 * chin, np.full_like(x, 0.22)])
    beard = _edge(np.interp(x, BEARD_X, BEARD_Y) - y, 2.5) * _edge(y + 118 - 0.2 * x, 6.0)
    below = (y + 13 + 1.5 * ((x - 29) / 13) ** 2) / 5.5
    lid_like = np.maximum(lids, _bump((x - 30) / 17, below))
    return Zones(
        oily=np.maximum.reduce([nose, 0.8 * brow, 0.8 * bridge, 0.7 * chin]) * plain,
        porous=porous * plain * (1 - 0.8 * _bump((x - 30) / 20, (y + 6) / 12)),
        bearded=beard * plain * (1 - nose),
        under_eye=_bump((x - 26) / 13, below) * (1 - nose) * (1 - lids),
        freckled=np.maximum(0.8 * nose, _bump((x - 28) / 20, (y + 24) / 15)) * plain,
        vein=np.maximum(0.6 * lid_like, _bump((x - 62) / 14, (y - 14) / 20)),
    )


def _edge(distance: NDArray[np.floating], width: float) -> Image:
    """0 well outside, 1 well inside of an edge at distance 0."""
    return (1 / (1 + np.exp(-np.clip(4 * distance / width, -30, 30)))).astype(np.float32)


def _bump(a: NDArray[np.floating], b: NDArray[np.floating]) -> Image:
    """A soft ellipse of half axes 1."""
    return np.exp(-((a * a + b * b) ** 1.5)).astype(np.float32)
