"""Where a part looks: at a point, turned by pan to its right and tilt up, then rolled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets.poses import look_at


def aimed_point(
    position: NDArray[np.float64], aim: NDArray[np.float64], pan_deg: float, tilt_deg: float
) -> NDArray[np.float64]:
    """(3,) what a part at (3,) looks at, as far away as the aim (3,); any one unit of length."""
    if pan_deg == 0 and tilt_deg == 0:
        return aim
    pan, tilt = np.deg2rad([pan_deg, tilt_deg])
    turned = np.array([np.sin(pan) * np.cos(tilt), -np.sin(tilt), np.cos(pan) * np.cos(tilt)])
    rotation = look_at(position, aim).rotation.as_matrix()
    return np.asarray(position + np.linalg.norm(aim - position) * (rotation @ turned))


def pan_tilt_roll(pose: RigidTransform, aim: NDArray[np.float64]) -> tuple[float, float, float]:
    """The angles, deg, of a part's pose, for an aim (3,) in the pose's unit of length."""
    position, axes = pose.translation, pose.rotation.as_matrix()
    x, y, z = look_at(position, aim).rotation.as_matrix().T @ axes[:, 2]
    level = look_at(position, position + axes[:, 2]).rotation.as_matrix()
    turned = level.T @ axes[:, 0]
    angles = np.rad2deg([np.arctan2(x, z), -np.arcsin(np.clip(y, -1.0, 1.0)), np.arctan2(turned[1], turned[0])])
    pan, tilt, roll = np.where(np.abs(angles) < 1e-6, 0.0, angles).tolist()
    return pan, tilt, roll
