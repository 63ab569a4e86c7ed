"""How much skin each pixel covers, so that shares are of area on the face and not of the image."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Camera
from headsets.lenses.lens import Lens
from headsets.lenses.tables import pixel_centres, ray_table, solid_angles_at
from sim.metrics.surface import triangle_vectors

STEEPEST = 0.02
"""Least cosine between ray and normal: pixels that graze the skin at more than 89° cover no more than at 89°."""


def pixel_areas(
    camera: Camera,
    mesh: HeadMesh,
    T_device_head: RigidTransform,
    triangle: NDArray[np.integer],
    depth: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Area of skin in each pixel, m²: solid angle · range² / cosine to the flat triangle's normal; 0 off the head.

    Args:
        triangle, depth: (H, W) buffers of the camera's frame.

    Returns:
        (H, W).
    """
    rays, solid = lens_rays(camera.lens)
    seen = (triangle >= 0) & np.isfinite(depth) & np.isfinite(solid)
    out = np.zeros(triangle.shape)
    index = triangle[seen]
    vectors = triangle_vectors(mesh.vertices, mesh.triangles[np.unique(index)])
    normals = vectors / np.maximum(np.linalg.norm(vectors, axis=-1), 1e-30)[:, None]
    turn = (camera.T_device_camera.inv() * T_device_head).rotation.as_matrix()
    facing = np.abs(np.einsum("ni,ni->n", (normals @ turn.T)[np.searchsorted(np.unique(index), index)], rays[seen]))
    distance = depth[seen] / rays[seen][:, 2]
    out[seen] = solid[seen] * distance**2 / np.maximum(facing, STEEPEST)
    return out


def lens_rays(lens: Lens) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(H, W, 3) unit rays, and (H, W) solid angles of pixels, sr; NaN where the lens has no ray."""
    return _rays(cast(Any, lens))


@lru_cache(maxsize=32)
def _rays(lens: Lens) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rays, solid = ray_table(lens), solid_angles_at(lens, pixel_centres(lens))
    rays.flags.writeable = solid.flags.writeable = False  # shared by the calls for this lens
    return rays, solid
