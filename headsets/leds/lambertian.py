"""The generalised Lambertian emitter: cos(theta)^m."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headsets.errors import HeadsetError


@dataclass(frozen=True)
class Lambertian:
    """Relative intensity cos(theta)^order in front, 0 behind.

    Raises:
        HeadsetError: unless the order is positive and finite.
    """

    order: float

    def __post_init__(self) -> None:
        if not 0 < self.order < np.inf:
            raise HeadsetError(f"`0 < lambertian_order < inf` must hold, got {self.order}")

    @classmethod
    def from_half_angle(cls, half_angle_rad: float) -> Self:
        """The order with which the intensity halves at this angle: m = -ln 2 / ln cos(half angle).

        Raises:
            HeadsetError: unless 0 < half_angle_rad < pi / 2.
        """
        if not 0 < half_angle_rad < np.pi / 2:
            raise HeadsetError(f"`0 < half_angle_deg < 90` must hold, got {np.rad2deg(half_angle_rad):g}")
        return cls(float(-np.log(2.0) / np.log(np.cos(half_angle_rad))))

    def relative(self, theta_rad: ArrayLike) -> NDArray[np.float64]:
        """Intensity at angles (*batch,) relative to the axis."""
        return np.clip(np.cos(np.asarray(theta_rad, dtype=np.float64)), 0.0, None) ** self.order
