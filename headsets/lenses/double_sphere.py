"""The double sphere model.

Source: Usenko, Demmel and Cremers, "The double sphere camera model", 3DV 2018, eqs. 40-52.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.errors import HeadsetError
from headsets.lenses.central import CentralLens


@dataclass(frozen=True)
class DoubleSphere(CentralLens):
    """Two unit spheres shifted by `xi`, then a pinhole shifted by `alpha / (1 - alpha)`; closed form both ways.

    Domain: angles below arccos(-w2) of the paper, up to which the radius grows with the angle.

    Raises:
        HeadsetError: unless -1 < xi < 1 and 0 <= alpha <= 1.
    """

    xi: float = 0.0
    alpha: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not -1 < self.xi < 1:
            raise HeadsetError(f"`-1 < xi < 1` must hold for a double-sphere lens, got {self.xi}")
        if not 0 <= self.alpha <= 1:
            raise HeadsetError(f"`0 <= alpha <= 1` must hold for a double-sphere lens, got {self.alpha}")

    @property
    def _w2(self) -> float:
        w1 = self.alpha / (1 - self.alpha) if self.alpha <= 0.5 else (1 - self.alpha) / self.alpha
        return (w1 + self.xi) / np.sqrt(2 * w1 * self.xi + self.xi**2 + 1)

    @property
    def max_angle_rad(self) -> float:
        """Where the radius stops growing (alpha > 0.5) or grows without bound (alpha <= 0.5)."""
        return float(np.arccos(np.clip(-self._w2, -1.0, 1.0)))

    def _distort(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        d1 = np.linalg.norm(points, axis=-1)
        shifted = self.xi * d1 + points[:, 2]
        d2 = np.sqrt(points[:, 0] ** 2 + points[:, 1] ** 2 + shifted**2)
        denominator = self.alpha * d2 + (1 - self.alpha) * shifted
        valid = (points[:, 2] > -self._w2 * d1) & (denominator > 0)
        return points[:, :2] / denominator[:, None], valid

    def _undistort(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        r2 = (plane**2).sum(-1)
        root = np.sqrt(1 - (2 * self.alpha - 1) * r2)  # NaN beyond the rim of the image circle
        mz = (1 - self.alpha**2 * r2) / (self.alpha * root + 1 - self.alpha)
        scale = (mz * self.xi + np.sqrt(mz**2 + (1 - self.xi**2) * r2)) / (mz**2 + r2)
        return np.concatenate([scale[:, None] * plane, (scale * mz - self.xi)[:, None]], axis=-1)
