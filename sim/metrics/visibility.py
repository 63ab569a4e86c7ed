"""How squarely, and how much of, a region a camera sees.

`visibility` is equation 1 of Zhang et al., "REFA: Real-time Egocentric Facial Animations for Virtual Reality", CVPR
Workshops 2023: the mean over a region of nᵀo, with o = −z against the optical axis so that a surface square to the
camera counts +1. It is taken as it stands there: unclamped, without occlusion, without a field of view.
`visibility_seen` and `visible_fraction` are ours, and know all three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.lenses.lens import Lens, inside_image
from sim.metrics.occlusion import START_OFFSET_M, Occluder
from sim.metrics.surface import LocatedPoints


@dataclass(frozen=True, eq=False)
class PlacedCamera:
    """A camera in the head frame, in D donning poses.

    Attributes:
        lens: its projection.
        rotation: (D, 3, 3), camera to head.
        position: (D, 3), m, head frame.
        device_head: (D, 4, 4) T_device_head.
        magnification: (D,) by how much the image is larger than the lens makes it, about the principal point, as with
            a longer focal length; None: 1.
    """

    lens: Lens
    rotation: NDArray[np.float64]
    position: NDArray[np.float64]
    device_head: NDArray[np.float64]
    magnification: NDArray[np.float64] | None = None

    @property
    def scale(self) -> NDArray[np.float64]:
        """(D,) `magnification`, 1 where there is none."""
        return np.ones(len(self.position)) if self.magnification is None else self.magnification

    @property
    def optical_axis(self) -> NDArray[np.float64]:
        """(D, 3), unit, head frame."""
        return self.rotation[:, :, 2]

    def only(self, donning: int) -> PlacedCamera:
        """The same with one donning kept."""
        one = slice(donning, donning + 1)
        return PlacedCamera(self.lens, self.rotation[one], self.position[one], self.device_head[one], self.scale[one])

    def to_camera(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Head-frame points (P, 3) in the camera frame of every donning: (D, P, 3), m."""
        return (points[None] - self.position[:, None]) @ self.rotation


def place_camera(
    lens: Lens,
    T_device_camera: NDArray[np.float64],
    device_head: NDArray[np.float64],
    magnification: NDArray[np.float64] | None = None,
) -> PlacedCamera:
    """See a camera from the head.

    Args:
        lens: its projection.
        T_device_camera: (4, 4), or (D, 4, 4) where the camera sits otherwise in each donning.
        device_head: (D, 4, 4) T_device_head, one donning each.
        magnification: (D,), see `PlacedCamera`.
    """
    rotation_head_device = np.swapaxes(device_head[:, :3, :3], 1, 2)
    return PlacedCamera(
        lens,
        rotation_head_device @ T_device_camera[..., :3, :3],
        np.einsum("dij,dj->di", rotation_head_device, T_device_camera[..., :3, 3] - device_head[:, :3, 3]),
        device_head,
        magnification,
    )


def visibility(mean_normal: NDArray[np.float64], placed: PlacedCamera) -> NDArray[np.float64]:
    """REFA eq. 1 for every donning: (D,).

    The mean of −n·z over a region is −(mean n)·z: no sampling is needed (see `surface.mean_normal`; the normals are
    those of the flat triangles, the exact surface of the mesh).
    """
    return -placed.optical_axis @ mean_normal


@dataclass(frozen=True, eq=False)
class View:
    """Surface points in the images of one camera, before anything stands in the way.

    Attributes:
        pixels: (D, P, 2), not magnified; NaN where not `framed`.
        framed: (D, P) the point falls inside the image and its surface faces the camera's centre.
        cosines: (D, P) −n·z, as in eq. 1.
        facing: (D, P) cosine between the normal and the direction to the camera's centre.
        distances: (D, P), m, from the camera's centre.
    """

    pixels: NDArray[np.float64]
    framed: NDArray[np.bool_]
    cosines: NDArray[np.float64]
    facing: NDArray[np.float64]
    distances: NDArray[np.float64]


def view_points(placed: PlacedCamera, points: LocatedPoints) -> View:
    """Project surface points, head frame, into a camera, for all its donnings."""
    offset = placed.position[:, None] - points.positions[None]
    distances = np.linalg.norm(offset, axis=-1)
    facing = np.einsum("dpj,pj->dp", offset, points.normals) / distances
    framed = facing > 0
    pixels = np.full((*framed.shape, 2), np.nan)
    seen_by_lens, valid = placed.lens.project(placed.to_camera(points.positions)[framed])
    magnified = seen_by_lens
    if placed.magnification is not None:
        principal, _ = placed.lens.project(np.array([0.0, 0.0, 1.0]))
        scale = np.broadcast_to(placed.magnification[:, None], framed.shape)[framed]
        magnified = principal + scale[:, None] * (seen_by_lens - principal)
    inside = valid & inside_image(placed.lens, magnified)
    pixels[framed] = np.where(inside[:, None], seen_by_lens, np.nan)
    framed[framed] = inside
    return View(pixels, framed, -placed.optical_axis @ points.normals.T, facing, distances)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What may stand between a face and a camera.

    Attributes:
        head: occluders in the head frame: the face itself, glasses.
        device: the housing in the device frame, one occluder for each donning; none without a housing.
    """

    head: tuple[Occluder, ...]
    device: tuple[Occluder, ...] = ()

    def only(self, donning: int) -> Surroundings:
        """The same with one donning kept."""
        return Surroundings(self.head, self.device[donning : donning + 1])


def seen_points(
    view: View, placed: PlacedCamera, points: LocatedPoints, surroundings: Surroundings
) -> NDArray[np.bool_]:
    """Which framed points nothing hides: (D, P)."""
    seen = view.framed.copy()
    starts = points.positions + START_OFFSET_M * points.normals  # just above the skin
    for occluder in surroundings.head:
        donning, point = np.nonzero(seen)
        seen[seen] = ~occluder.blocks(starts[point], placed.position[donning])
    for d, occluder in enumerate(surroundings.device):
        T, own = placed.device_head[d], np.flatnonzero(seen[d])
        line = np.concatenate([starts[own], placed.position[d : d + 1]]) @ T[:3, :3].T + T[:3, 3]
        seen[d, own] = ~occluder.blocks(line[:-1], np.broadcast_to(line[-1], (len(own), 3)))
    return seen


def visible_fraction(seen: NDArray[np.bool_], areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the area that is seen: seen (D, P), areas (P,) -> (D,)."""
    return seen @ areas / areas.sum()


def visibility_seen(
    seen: NDArray[np.bool_], cosines: NDArray[np.float64], areas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Eq. 1 with unseen points and negative cosines counted as 0: seen and cosines (D, P), areas (P,) -> (D,)."""
    return (seen * np.maximum(cosines, 0.0)) @ areas / areas.sum()
