"""Heights of points above a wearer's skin, for fitting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.mesh import HeadMesh

_OUTER = ("skin", "lips", "brow")
_SPACING = 1.5e-3
"""Of the vertices, m: beyond this a distance from a vertex is one from the skin."""


class SkinSurface:
    """The outer skin of one mesh (no batch), head frame, m."""

    def __init__(self, mesh: HeadMesh) -> None:
        names = mesh.topology.material_names
        outer = np.isin(mesh.material_ids, [names.index(n) for n in _OUTER if n in names])
        used = np.unique(mesh.triangles[outer])
        self.vertices, self.normals = mesh.vertices[used], mesh.normals[used]
        self._tree = cKDTree(self.vertices)

    def height(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) height of points (N, 3) over the tangent plane of the nearest vertex, m; negative inside."""
        distance, index = self._tree.query(points)
        above = ((points - self.vertices[index]) * self.normals[index]).sum(axis=1)
        far = np.sqrt(np.maximum(distance**2 - _SPACING**2, 0.0))
        return np.where(above > 0, np.maximum(above, far), above)

    def normal(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """(3,) unit mean normal of the skin around a point (3,)."""
        _, index = self._tree.query(point, k=8)
        mean = self.normals[index].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean))
