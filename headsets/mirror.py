"""Mirror twins: reflection in the sagittal plane x = 0 of the device."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import RigidTransform, Rotation

S = np.diag([-1.0, 1.0, 1.0])


def mirrored_pose(T_device_part: RigidTransform) -> RigidTransform:
    """The twin's pose, S T S with S = diag(-1, 1, 1): reflect the device, then the part's own x axis.

    The second reflection makes it a proper rotation again; for a camera it means that the twin's image is
    the left-right mirror image, which `Lens.mirrored` completes (cx -> W - 1 - cx, p2 -> -p2).
    """
    return RigidTransform.from_components(
        T_device_part.translation @ S, Rotation.from_matrix(S @ T_device_part.rotation.as_matrix() @ S)
    )


def swapped_side(name: str) -> str:
    """`eye_left` <-> `eye_right`; names without a side stay."""
    for side, other in (("_left", "_right"), ("_right", "_left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name
