"""Kannala-Brandt with four coefficients, OpenCV's `fisheye` model.

Source: Kannala and Brandt, "A generic camera model and calibration method for conventional, wide-angle, and
fish-eye lenses", TPAMI 2006; coefficients in OpenCV's order. The skew alpha of OpenCV is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from headsets.lenses.central import CentralLens, rays_at
from headsets.lenses.invert import invert_increasing


@dataclass(frozen=True)
class KannalaBrandt4(CentralLens):
    """Radius in focal lengths r = theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8).

    Domain: angles up to the first turning point of r, 180 degrees at most.
    """

    k: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @cached_property
    def _turning_angle(self) -> float:
        """First angle at which dr/dtheta = 0, or infinity."""
        slope_in_square = [9 * self.k[3], 7 * self.k[2], 5 * self.k[1], 3 * self.k[0], 1.0]
        roots = np.roots(slope_in_square)
        # A double root touches zero without turning, yet rounding may split it into a complex pair: count it too.
        real = roots.real[(np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots))) & (roots.real > 0)]
        return float(np.sqrt(real.min())) if real.size else float("inf")

    @property
    def folds(self) -> bool:
        """Whether r turns back before 180 degrees."""
        return self._turning_angle < np.pi

    @cached_property
    def max_angle_rad(self) -> float:
        """The turning point, or pi."""
        return min(self._turning_angle, float(np.pi))

    def _radius(self, angle: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        s = angle * angle
        k1, k2, k3, k4 = self.k
        return (
            angle * (1 + s * (k1 + s * (k2 + s * (k3 + s * k4)))),
            1 + s * (3 * k1 + s * (5 * k2 + s * (7 * k3 + s * 9 * k4))),
        )

    def _distort(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        across = np.hypot(points[:, 0], points[:, 1])
        angle = np.arctan2(across, points[:, 2])
        radius, _ = self._radius(angle)
        on_axis = across == 0
        scale = np.where(on_axis, 0.0, radius / np.where(on_axis, 1.0, across))
        at_origin = on_axis & (points[:, 2] == 0)
        return points[:, :2] * scale[:, None], (angle < self.max_angle_rad) & ~at_origin

    def _undistort(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        radius = np.hypot(plane[:, 0], plane[:, 1])
        return rays_at(plane, invert_increasing(self._radius, radius, self.max_angle_rad, radius))
