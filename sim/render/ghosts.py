"""The viewing lenses' front surfaces, and cover glasses, as mirrors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from headsets.cover_glass import CoverGlass
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


def cover_mirrors(glasses: Iterable[CoverGlass]) -> list[Mirror]:
    """Outer and inner surface of each glass, either of which is seen through the material from the other side."""
    out = []
    for glass in glasses:
        outer, behind = glass.T_device_glass.as_matrix(), np.eye(4)
        behind[2, 3] = -glass.thickness_m
        for T, through in ((outer, (False, True)), (outer @ behind, (True, False))):
            own = (T, np.inf, glass.aperture, glass.index, glass.surface_reflectance, through, glass.transmission)
            out.append(Mirror(*own, slab=glass.thickness_m))
    return out
