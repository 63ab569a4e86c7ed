"""The few facts about a wearer that a headset file needs, without a head model: eye geometry and an inner head volume.

`headsets` does not import `faces`, yet must refuse a camera inside the head at once. The volume below is therefore
a hand-made inner approximation of the mean adult face in the head frame: three ellipsoids (cranium, forehead, lower
face) and a wedge for the nose, each some 3 to 15 mm under the skin of the MakeHuman base mesh, so that nothing
outside a real face is refused. Distances to real faces, over a population, are `sim.metrics`' business.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

CORNEA_FROM_ROTATION_CENTRE_M = 13.3e-3
"""Corneal apex in front of the eyeball's rotation centre (design value, Gullstrand's eye)."""
PUPIL_BEHIND_CORNEA_M = 3.0e-3
"""Entrance pupil behind the corneal apex: what the display frustum opens from."""

ELLIPSOIDS_M = (
    # centre                     semi-axes
    ((0.0, -0.005, -0.075), (0.066, 0.110, 0.090)),
    ((0.0, 0.035, -0.065), (0.060, 0.070, 0.087)),
    ((0.0, -0.062, -0.030), (0.034, 0.048, 0.054)),
)
NOSE_TOP_YZ_M, NOSE_TIP_YZ_M = (-0.002, 0.019), (-0.036, 0.037)
NOSE_BASE_Y_M = -0.044
NOSE_HALF_WIDTH_M = (0.002, 0.010)
"""Of the ridge, at the top and at the tip."""
NOSE_FLARE = 0.1
"""Growth of the half-width with depth behind the ridge."""


def inside_head(points: ArrayLike) -> NDArray[np.bool_]:
    """Whether points (*batch, 3), m, head frame, lie certainly inside a wearer's head."""
    p = np.asarray(points, dtype=np.float64)
    inside = np.zeros(p.shape[:-1], dtype=bool)
    for centre, axes in ELLIPSOIDS_M:
        inside |= (((p - centre) / axes) ** 2).sum(-1) < 1
    (y0, z0), (y1, z1) = NOSE_TOP_YZ_M, NOSE_TIP_YZ_M
    along = (y0 - p[..., 1]) / (y0 - y1)
    ridge = z0 + np.minimum(along, 1.0) * (z1 - z0)
    half = NOSE_HALF_WIDTH_M[0] + np.minimum(along, 1.0) * (NOSE_HALF_WIDTH_M[1] - NOSE_HALF_WIDTH_M[0])
    middle = np.sin(np.pi * np.clip((along - 0.15) / 0.95, 0.0, 1.0))
    half = half + NOSE_FLARE * middle * np.maximum(ridge - p[..., 2], 0.0)
    wedge = (p[..., 1] < y0) & (p[..., 1] > NOSE_BASE_Y_M) & (p[..., 2] > 0) & (p[..., 2] < ridge)
    return np.asarray(inside | (wedge & (np.abs(p[..., 0]) < half)))
