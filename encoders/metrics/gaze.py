"""Gaze error (UFE 5.2): the angle between estimated and true direction, the mean of both eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def gaze_directions(gaze: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors (*, 3), head frame, of azimuth and elevation (*, 2) in rad (`faces.protocol.HeadModel.mesh`)."""
    angles = np.asarray(gaze, np.float64)
    azimuth, elevation = angles[..., 0], angles[..., 1]
    flat = np.cos(elevation)
    return np.stack([np.sin(azimuth) * flat, np.sin(elevation), np.cos(azimuth) * flat], axis=-1)


def gaze_error_deg(estimated: ArrayLike, true: ArrayLike) -> NDArray[np.float64]:
    """(F,) deg.

    Args:
        estimated, true: (F, 2, 2) rad: azimuth and elevation of left and right eye.
    """
    one, other = gaze_directions(estimated), gaze_directions(true)
    # By the chord: arccos of a product close to 1 loses half the digits.
    chord = np.linalg.norm(one - other, axis=-1)
    angle = 2 * np.arcsin(np.clip(chord / 2, 0, 1))
    return np.asarray(np.degrees(angle).mean(axis=-1))
