"""How a headset sits on heads: the distribution of T_device_head between one wearing and the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.errors import HeadsetError

MOST_MM, MOST_DEG = 100.0, 90.0
"""A head farther off is not wearing the headset."""


@dataclass(frozen=True)
class DonningDistribution:
    """Independent normal offsets of the head in the device, m and rad; 0 SD switches one off.

    The head turns about the head origin, midway between the eyeball centres: `p_device = R p_head + t`.
    R turns about the device's fixed axes, first x (pitch), then y (yaw), then z (roll).

    Raises:
        HeadsetError: an SD that is negative or not finite.
    """

    lateral_m: float = 0.0
    up_m: float = 0.0
    depth_m: float = 0.0
    pitch_rad: float = 0.0
    yaw_rad: float = 0.0
    roll_rad: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < np.inf:
                raise HeadsetError(f"`0 <= {name} < inf` must hold for the donning distribution, got {value}")

    def sample(self, rng: np.random.Generator, n: int) -> RigidTransform:
        """Draw T_device_head, a batch of n."""
        draws = rng.standard_normal((n, 6))
        shift = draws[:, :3] * (self.lateral_m, self.up_m, self.depth_m)
        turn = draws[:, 3:] * (self.pitch_rad, self.yaw_rad, self.roll_rad)
        return RigidTransform.from_components(shift, Rotation.from_euler("xyz", turn))


def parse_donning(text: str) -> RigidTransform:
    """T_device_head from "x,y,z,rx,ry,rz": the head's shift in mm and turns in deg.

    The shift is along +x (wearer's left), +y (up) and +z (forward). Turns are about the device's
    fixed axes x, y, z in that order, centred on the head origin.

    Raises:
        HeadsetError: not six finite numbers.
    """
    words = text.split(",")
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        values = np.full(len(words), np.nan)
    if len(values) != 6 or not np.isfinite(values).all():
        raise HeadsetError(f"`donning` must be six finite numbers x,y,z,rx,ry,rz in mm and deg, got {text!r}")
    if np.abs(values[:3]).max() > MOST_MM or np.abs(values[3:]).max() > MOST_DEG:
        raise HeadsetError(
            f"`|shift| <= {MOST_MM:g} mm` and `|turn| <= {MOST_DEG:g} deg` must hold for donning, got {text!r}"
        )
    return RigidTransform.from_components(values[:3] * 1e-3, Rotation.from_euler("xyz", values[3:], degrees=True))
