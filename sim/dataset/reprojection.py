"""An image seen from elsewhere: MIA's augmentation (MIA 3.2), "perturbing the 3D rotation and translation of the face
shape" to "re-render augmented views of each HMC image on random backgrounds".

The image is the texture of the mesh behind it. Each pixel of the new view meets the mesh at a point; where the old
camera sees that point the image is read there, bilinearly, and elsewhere nothing is known. Light moves with the face
and highlights stick to the skin, as in any texture: what is diffuse comes out right but for the light's change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets.lenses.lens import Lens
from sim.errors import SimError
from sim.render.device import KERNEL_OPTIONS, open_device

wp.set_module_options(KERNEL_OPTIONS)

FAR_M = 10.0
NEAR_M = 0.2e-3
"""A point is hidden from the old camera by what lies more than this before it."""
GRAZING = 0.15
"""Least cosine between the old line of sight and the surface: beyond, a pixel is smeared over millimetres (prior)."""


@wp.kernel
def _first_hits(
    mesh: wp.uint64,
    origin: wp.vec3,
    rays: wp.array[wp.vec3],
    ranges: wp.array[float],
    normals: wp.array[wp.vec3],
) -> None:
    i = wp.tid()
    ranges[i] = wp.float32(-1.0)
    if wp.length_sq(rays[i]) > 0.5:
        hit = wp.mesh_query_ray(mesh, origin, rays[i], FAR_M)
        if hit.result:
            ranges[i] = hit.t
            normals[i] = hit.normal


@dataclass(frozen=True, eq=False)
class View:
    """A camera before a mesh: its lens, and where it stands in the mesh's coordinates."""

    lens: Lens
    T_mesh_camera: RigidTransform


@dataclass(frozen=True, eq=False)
class Reprojected:
    """An image from elsewhere.

    Attributes:
        image: (H, W) float32, in the units of the old one, the background where nothing is known.
        seen: (H, W) bool, where it is the old image's.
        face: (H, W) bool, where the new view meets the mesh.
    """

    image: NDArray[np.float32]
    seen: NDArray[np.bool_]
    face: NDArray[np.bool_]


class Reprojector:
    """A mesh that images are laid on; its vertices may move, its triangles may not.

    Args:
        vertices: (V, 3) m, any frame.
        triangles: (T, 3).
        device: of Warp.

    Raises:
        SimError: shapes that do not fit, or coordinates that are not finite.
    """

    def __init__(self, vertices: NDArray[np.floating], triangles: NDArray[np.integer], device: str = "cpu") -> None:
        if np.ndim(triangles) != 2 or np.shape(triangles)[1] != 3 or np.size(triangles) == 0:
            raise SimError(f"`triangles.shape == (T, 3)` must hold, got {np.shape(triangles)}")
        self._device = open_device(device)
        self._count = len(vertices)
        self._points = wp.array(self._checked(vertices), dtype=wp.vec3, device=self._device)
        indices = np.ascontiguousarray(triangles, np.int32).reshape(-1)
        if indices.min() < 0 or indices.max() >= self._count:
            raise SimError(f"triangles must name vertices below {self._count}, got {indices.min()} to {indices.max()}")
        self._mesh = wp.Mesh(points=self._points, indices=wp.array(indices, dtype=wp.int32, device=self._device))

    def move(self, vertices: NDArray[np.floating]) -> None:
        """Carry the mesh to new vertices (V, 3).

        Raises:
            SimError: see `Reprojector`.
        """
        self._points.assign(self._checked(vertices))
        self._mesh.refit()

    def __call__(
        self,
        image: NDArray[np.number],
        old: View,
        new: View,
        background: NDArray[np.floating] | float = 0.0,
        shows: NDArray[np.bool_] | None = None,
    ) -> Reprojected:
        """The image as the new camera would see it.

        Args:
            image: (H, W) taken by the old camera.
            old, new: the cameras; a head that is turned before a camera is a camera that is turned about the head.
            background: (H', W') of the new view, or a number, where there is no face, or none that the old view shows.
            shows: (H, W) pixels of the image that show the mesh, not what else stands before it, such as a headset's
                housing; None: all.

        Raises:
            SimError: an image or `shows` that is not the old lens's, a background that is not the new one's.
        """
        if image.shape != (old.lens.height_px, old.lens.width_px):
            raise SimError(
                f"`image` must be {(old.lens.height_px, old.lens.width_px)} like its lens, got {image.shape}"
            )
        if shows is not None and shows.shape != image.shape:
            raise SimError(f"`shows` must be {image.shape} like the image, got {shows.shape}")
        shape = (new.lens.height_px, new.lens.width_px)
        if np.shape(background) not in ((), shape):
            raise SimError(f"`background` must be {shape} like the new view, got {np.shape(background)}")
        rays = pixel_rays(cast(Any, new.lens)) @ new.T_mesh_camera.rotation.as_matrix().T
        ranges, normals = self._hits(new.T_mesh_camera.translation, rays)
        hit = ranges > 0.0
        points = new.T_mesh_camera.translation + rays[hit] * ranges[hit, None]
        texture, known = self._texture(image, old, points, normals[hit], shows)
        out = np.array(np.broadcast_to(np.asarray(background, np.float32), shape)).ravel()
        seen = np.zeros(len(out), bool)
        seen[hit] = known
        out[seen] = texture[known]
        return Reprojected(out.reshape(shape), seen.reshape(shape), hit.reshape(shape))

    def _texture(
        self,
        image: NDArray[np.number],
        old: View,
        points: NDArray[np.float64],
        normals: NDArray[np.float32],
        shows: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """What the image shows at points (N, 3), and whether it shows them."""
        away = points - old.T_mesh_camera.translation
        far = np.linalg.norm(away, axis=1)
        ways = away / far[:, None]
        pixels, valid = old.lens.project(away @ old.T_mesh_camera.rotation.as_matrix())
        height, width = image.shape
        with np.errstate(invalid="ignore"):
            rounding = 1e-3  # px: a point of the pixel's own ray falls back onto its centre but for float32
            known = valid & (pixels >= -rounding).all(1)
            known &= (pixels[:, 0] <= width - 1 + rounding) & (pixels[:, 1] <= height - 1 + rounding)
        known &= np.abs((ways * normals).sum(1)) > GRAZING
        first, _ = self._hits(old.T_mesh_camera.translation, np.where(known[:, None], ways, 0.0))
        known &= (first < 0.0) | (first > far - NEAR_M)
        if shows is not None:
            known[known] = bilinear(shows.astype(np.float32), pixels[known]) > 1.0 - 1e-2
        out = np.zeros(len(points), np.float32)
        out[known] = bilinear(image, pixels[known])
        return out, known

    def _hits(
        self, origin: NDArray[np.float64], rays: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Range of the first triangle on each ray, -1: none, and its normal."""
        count = len(rays)
        if count == 0:
            return np.zeros(0, np.float32), np.zeros((0, 3), np.float32)
        given = wp.array(np.ascontiguousarray(np.nan_to_num(rays), np.float32), dtype=wp.vec3, device=self._device)
        ranges = wp.empty(count, dtype=float, device=self._device)
        normals = wp.zeros(count, dtype=wp.vec3, device=self._device)
        inputs = [self._mesh.id, wp.vec3(*(float(x) for x in origin)), given]
        wp.launch(_first_hits, dim=count, inputs=inputs, outputs=[ranges, normals], device=self._device)
        return np.array(ranges.numpy()), np.array(normals.numpy())

    def _checked(self, vertices: NDArray[np.floating]) -> NDArray[np.float32]:
        if np.shape(vertices) != (self._count, 3) or not np.isfinite(vertices).all():
            raise SimError(f"`vertices` must be {(self._count, 3)} and finite, got {np.shape(vertices)}")
        return np.ascontiguousarray(vertices, np.float32)


@lru_cache(maxsize=32)
def pixel_rays(lens: Lens) -> NDArray[np.float64]:
    """(H · W, 3) unit rays, camera frame, 0 where the lens has none."""
    y, x = np.mgrid[: lens.height_px, : lens.width_px].astype(float)
    rays = np.nan_to_num(lens.unproject(np.stack([x, y], -1).reshape(-1, 2)))
    rays.flags.writeable = False
    return np.asarray(rays)


def bilinear(image: NDArray[np.number], pixels: NDArray[np.float64]) -> NDArray[np.float32]:
    """The image (H, W) at pixels (N, 2) within it."""
    height, width = image.shape
    x = np.clip(pixels[:, 0], 0, width - 1)
    y = np.clip(pixels[:, 1], 0, height - 1)
    left, top = np.minimum(x.astype(int), max(width - 2, 0)), np.minimum(y.astype(int), max(height - 2, 0))
    right, low = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    fx, fy = x - left, y - top
    upper = (1 - fx) * image[top, left] + fx * image[top, right]
    lower = (1 - fx) * image[low, left] + fx * image[low, right]
    return np.asarray((1 - fy) * upper + fy * lower, np.float32)
