"""The viewing lenses' front surfaces as mirrors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headsets.housing_spec import ViewingLens
from headsets.keep_out import LensBarrels
from sim.render.mirrors import Mirror


def viewing_lenses(
    barrels: LensBarrels, lens: ViewingLens, T_head_eye: NDArray[np.float64], T_device_head: NDArray[np.float64]
) -> list[Mirror]:
    """Both lenses, set to the wearer's interpupillary distance: apex in the plane of the rims, edges behind it.

    Args:
        T_head_eye: (2, 4, 4), left and right eye.
        T_device_head: (4, 4); it does not turn or shift the lenses.
    """
    eyes = T_head_eye[:, :3, 3] @ T_device_head[:3, :3].T
    ipd = float(np.clip(abs(eyes[0, 0] - eyes[1, 0]), *barrels.ipd_m))
    out = []
    for side in (1.0, -1.0):
        T = np.diag([-1.0, 1.0, -1.0, 1.0])  # z towards the eye
        T[:3, 3] = 0.5 * side * ipd, 0.0, barrels.front_z_m
        clear = max(barrels.radius_m - lens.mount_m, 1e-3)
        out.append(Mirror(T, lens.radius_m, clear, lens.index, lens.ghost_reflectance, rim=clear))
    return out
