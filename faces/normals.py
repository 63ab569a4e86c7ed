"""Area-weighted vertex normals for batches of meshes of one topology."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


class VertexNormals:
    """Sums the normals of the triangles around each vertex, each weighted by its area."""

    def __init__(self, triangles: NDArray[np.int32], vertices: int) -> None:
        """Prepare for `triangles` (T, 3) among `vertices` vertices."""
        n = len(triangles)
        ones = np.ones(3 * n, np.float32)
        self._corners = [np.ascontiguousarray(triangles[:, k]) for k in range(3)]
        self._around = sp.csr_array((ones, (triangles.ravel(), np.repeat(np.arange(n), 3))), shape=(vertices, n))

    def __call__(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """(B, V, 3) unit normals of (B, V, 3) vertices."""
        normals = np.empty_like(vertices)
        for k, points in enumerate(vertices):  # one at a time stays in the cache
            a, b, c = (points.take(corner, axis=0, mode="clip") for corner in self._corners)
            u, v = b - a, c - a
            face = np.empty_like(u)
            face[:, 0] = u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]
            face[:, 1] = u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2]
            face[:, 2] = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
            total = self._around @ face
            length = np.sqrt(np.einsum("ij,ij->i", total, total))
            normals[k] = total / np.maximum(length, np.float32(1e-20))[:, None]
        return normals
