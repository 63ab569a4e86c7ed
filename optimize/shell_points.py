"""A shell as a dense cloud of points, for quick distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Shell

SPACING_M = 7e-4
"""No two neighbours are farther apart; distances of 3 mm are too long by 0.02 mm at most."""


def shell_points(shell: Shell) -> NDArray[np.float64]:
    """(N, 3) m, points over the shell's triangles."""
    corners = shell.vertices[shell.triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(axis=1)
    counts = np.maximum(np.ceil(sides / SPACING_M).astype(int), 1)
    points = []
    for n in np.unique(counts):
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        keep = i + j <= n
        u, v = i[keep][:, None] / n, j[keep][:, None] / n
        a, b, c = np.moveaxis(corners[counts == n][:, None], 2, 0)
        points.append((a + u * (b - a) + v * (c - a)).reshape(-1, 3))
    return np.concatenate(points)
