"""Strands of hair: polylines that taper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Strands:
    """Hair of one posed head, in the head frame: that of the left half of the skin, of the right half, then lashes.

    Attributes:
        points: (S, P, 3) float32, m, from root to tip.
        widths: (S, P) float32, m, diameter.
        normals: (S, 3) float32, the skin's at the root.
        albedo: (2, S) float32, at 850 and 940 nm.
        left: how many of them grow on the left half of the skin.
        grown: how many of them grow on the skin; the others are lashes.
        vertices: indices of the mesh's vertices on and around which the hair stands: those that it may shade.
    """

    points: NDArray[np.float32]
    widths: NDArray[np.float32]
    normals: NDArray[np.float32]
    albedo: NDArray[np.float32]
    left: int
    grown: int
    vertices: NDArray[np.int32]

    @property
    def count(self) -> int:
        """S."""
        return len(self.points)
