"""The pinhole: u = fx x/z + cx."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.lenses.central import CentralLens, normalised


@dataclass(frozen=True)
class Pinhole(CentralLens):
    """A lens without distortion; domain: in front of the camera, z > 0."""

    @property
    def max_angle_rad(self) -> float:
        """A right angle, itself excluded."""
        return float(np.pi / 2)

    def _distort(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        return points[:, :2] / points[:, 2:], points[:, 2] > 0

    def _undistort(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return normalised(np.concatenate([plane, np.ones_like(plane[:, :1])], axis=-1))
