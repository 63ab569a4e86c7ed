"""A measured profile: intensity at listed angles, as data sheets print it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from headsets.errors import HeadsetError


@dataclass(frozen=True)
class Table:
    """Monotone cubic (PCHIP) through the points, so that there is no overshoot between them; 0 beyond the last angle.

    Attributes:
        theta_rad: increasing, from 0, pi at most; two or more.
        intensity: >= 0, any unit; divided by the value on the axis, which must be positive.

    Raises:
        HeadsetError: where one of these rules is broken.
    """

    theta_rad: tuple[float, ...]
    intensity: tuple[float, ...]

    def __post_init__(self) -> None:
        theta, value = np.asarray(self.theta_rad), np.asarray(self.intensity)
        if theta.ndim != 1 or theta.shape != value.shape or theta.size < 2:
            raise HeadsetError(
                f"a profile needs two or more angles and as many intensities, got {theta.size} and {value.size}"
            )
        if not (np.isfinite(theta).all() and np.isfinite(value).all()):
            raise HeadsetError("angles and intensities of a profile must be finite")
        if theta[0] != 0 or not (np.diff(theta) > 0).all() or theta[-1] > np.pi * (1 + 1e-12):
            said = ", ".join(f"{angle:g}" for angle in np.degrees(theta[:4])) + (", …" if theta.size > 4 else "")
            raise HeadsetError(f"angles of a profile must start at 0, increase and end by 180 degrees, got {said}")
        if value.min() < 0 or value[0] <= 0:
            raise HeadsetError(
                f"`intensity >= 0` and `intensity[0] > 0` must hold for a profile, got {value.min():g} and {value[0]:g}"
            )

    @cached_property
    def _interpolate(self) -> PchipInterpolator:
        return PchipInterpolator(self.theta_rad, np.asarray(self.intensity) / self.intensity[0], extrapolate=False)

    def relative(self, theta_rad: ArrayLike) -> NDArray[np.float64]:
        """Intensity at angles (*batch,) relative to the axis."""
        return np.asarray(np.nan_to_num(self._interpolate(np.asarray(theta_rad, dtype=np.float64)), nan=0.0))
