"""A part inside an axis-aligned box."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headsets.search import Box

AXES = ("x_mm", "y_mm", "z_mm")


class BoxMount:
    """See `optimize.space.mount.PlacedMount`."""

    def __init__(self, box: Box) -> None:
        self._low, self._high = np.array(box.low_mm), np.array(box.high_mm)

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        return {axis: (float(a), float(b)) for axis, a, b in zip(AXES, self._low, self._high, strict=True)}

    def place(self, at: Mapping[str, float]) -> NDArray[np.float64]:
        return np.array([at[axis] for axis in AXES])

    def locate(self, point: NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(AXES, np.clip(point, self._low, self._high).tolist(), strict=True))
