"""A shell as a dense cloud of points, for quick distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Shell

SPACING_M = 7e-4
"""No two neighbours are farther apart; distances of 3 mm are too long by 0.02 mm at most."""


def shell_points(shell: Shell) -> NDArray[np.float64]:
    """(N, 3) m, points over the shell's triangles."""
    points = []
    for a, b, c in shell.vertices[shell.triangles]:
        longest = max(np.linalg.norm(b - a), np.linalg.norm(c - a), np.linalg.norm(c - b))
        n = max(int(np.ceil(longest / SPACING_M)), 1)
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        keep = i + j <= n
        u, v = i[keep][:, None] / n, j[keep][:, None] / n
        points.append(a + u * (b - a) + v * (c - a))
    return np.concatenate(points)
