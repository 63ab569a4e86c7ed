"""A part that slides along a polyline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headsets.search import Rail


class RailMount:
    """See `optimize.space.mount.PlacedMount`; its one coordinate is the length from the first corner."""

    def __init__(self, rail: Rail) -> None:
        self._corners = np.array(rail.points_mm)
        steps = np.linalg.norm(np.diff(self._corners, axis=0), axis=-1)
        self._at = np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        return {"along_mm": (0.0, float(self._at[-1]))}

    def place(self, at: Mapping[str, float]) -> NDArray[np.float64]:
        return np.array([np.interp(at["along_mm"], self._at, self._corners[:, k]) for k in range(3)])

    def locate(self, point: NDArray[np.float64]) -> dict[str, float]:
        start, step = self._corners[:-1], np.diff(self._corners, axis=0)
        share = np.clip(((point - start) * step).sum(-1) / (step**2).sum(-1), 0.0, 1.0)
        nearest = int(np.linalg.norm(start + share[:, None] * step - point, axis=-1).argmin())
        return {"along_mm": float(self._at[nearest] + share[nearest] * np.linalg.norm(step[nearest]))}
