"""Poses as the file gives them: a position, and a look-at point with roll, a quaternion or a matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.errors import HeadsetError

UP = np.array([0.0, 1.0, 0.0])
VERTICAL = 1e-6
RIGID = 1e-4
"""How far R^T R may be from the identity, or a quaternion's norm from 1, in an explicit pose: four printed digits."""


def look_at(position: ArrayLike, target: ArrayLike, roll_rad: float = 0.0) -> RigidTransform:
    """Pose of a part whose +z axis points at a target.

    With roll 0 the image's up direction (-y) is as close to the device's +y as the viewing direction allows;
    for a part that looks straight up or down it is the device's +z. A positive roll turns the part about its
    own +z, from x to y: clockwise, seen from behind the camera.

    Args:
        position: (3,) m, device frame.
        target: (3,) m, device frame.

    Raises:
        HeadsetError: target and position coincide.
    """
    origin, aim = np.asarray(position, dtype=np.float64), np.asarray(target, dtype=np.float64)
    length = np.linalg.norm(aim - origin)
    if not length > 1e-9:
        raise HeadsetError("`look_at_mm != position_mm` must hold")
    z = (aim - origin) / length
    up = UP - z * (UP @ z)
    if np.linalg.norm(up) < VERTICAL:
        forward = np.array([0.0, 0.0, 1.0])
        up = forward - z * (forward @ z)
    y = -up / np.linalg.norm(up)
    R = Rotation.from_matrix(np.stack([np.cross(y, z), y, z], axis=-1)) * Rotation.from_euler("z", roll_rad)
    return RigidTransform.from_components(origin, R)


def from_quaternion(position: ArrayLike, quaternion_wxyz: ArrayLike) -> RigidTransform:
    """Pose from a unit quaternion in wxyz order.

    Raises:
        HeadsetError: the norm differs from 1 by more than `RIGID`.
    """
    q = np.asarray(quaternion_wxyz, dtype=np.float64)
    norm = float(np.linalg.norm(q))
    if not abs(norm - 1) <= RIGID:
        raise HeadsetError(f"`|quaternion_wxyz| = 1` must hold within {RIGID:g} (a rigid pose), got {norm:.6g}")
    return RigidTransform.from_components(
        np.asarray(position, dtype=np.float64), Rotation.from_quat(q, scalar_first=True)
    )


def from_matrix(position: ArrayLike, matrix: ArrayLike) -> RigidTransform:
    """Pose from a rotation matrix (3, 3), rows first.

    Raises:
        HeadsetError: not orthonormal within `RIGID`, or a reflection.
    """
    R: NDArray[np.float64] = np.asarray(matrix, dtype=np.float64)
    error = float(np.abs(R.T @ R - np.eye(3)).max())
    if not error <= RIGID:
        raise HeadsetError(
            f"`max|R^T R - 1| <= {RIGID:g}` must hold for rotation_matrix (a rigid pose), got {error:.3g}"
        )
    if np.linalg.det(R) < 0:
        raise HeadsetError("`det(rotation_matrix) = +1` must hold (a rigid pose, not a mirror image), got -1")
    return RigidTransform.from_components(np.asarray(position, dtype=np.float64), Rotation.from_matrix(R))
