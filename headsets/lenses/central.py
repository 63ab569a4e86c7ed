"""The part all models share: batching, the affine step from the normalised plane to pixels, the mirror twin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headsets.errors import HeadsetError


@dataclass(frozen=True)
class CentralLens(ABC):
    """Intrinsics in pixels, and `project`/`unproject` around a model's map of the normalised image plane.

    Raises:
        HeadsetError: a size or focal length that is not positive, or anything that is not finite.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float

    def __post_init__(self) -> None:
        for name in ("width_px", "height_px", "fx_px", "fy_px"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise HeadsetError(f"`0 < {name} < inf` must hold for a lens, got {value}")
        for name in ("cx_px", "cy_px"):
            if not np.isfinite(getattr(self, name)):
                raise HeadsetError(f"`{name}` must be finite for a lens, got {getattr(self, name)}")

    @property
    @abstractmethod
    def max_angle_rad(self) -> float:
        """Largest angle from the axis inside the model's domain."""

    @property
    def folds(self) -> bool:
        """Whether the map turns back at `max_angle_rad` (True), or merely ends there (False)."""
        return False

    @abstractmethod
    def _distort(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Points (N, 3) to the normalised image plane (N, 2) and validity (N,); invalid rows may hold anything."""

    @abstractmethod
    def _undistort(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalised image plane (N, 2), finite, to unit rays (N, 3), NaN where there is none."""

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Camera-frame points (*batch, 3) to pixels (*batch, 2), NaN where invalid, and validity (*batch,)."""
        p = np.asarray(points, dtype=np.float64)
        if p.shape[-1:] != (3,):
            raise HeadsetError(f"`points.shape == (*batch, 3)` must hold, got {p.shape}")
        flat = p.reshape(-1, 3)
        with np.errstate(all="ignore"):
            plane, valid = self._distort(flat)
            pixels = plane * (self.fx_px, self.fy_px) + (self.cx_px, self.cy_px)
            valid = valid & np.isfinite(flat).all(-1) & np.isfinite(pixels).all(-1)
        pixels[~valid] = np.nan
        return pixels.reshape(*p.shape[:-1], 2), valid.reshape(p.shape[:-1])

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Pixels (*batch, 2) to unit rays (*batch, 3) in the camera frame, NaN where the lens has no ray."""
        p = np.asarray(pixels, dtype=np.float64)
        if p.shape[-1:] != (2,):
            raise HeadsetError(f"`pixels.shape == (*batch, 2)` must hold, got {p.shape}")
        plane = ((p - (self.cx_px, self.cy_px)) / (self.fx_px, self.fy_px)).reshape(-1, 2)
        rays = np.full((len(plane), 3), np.nan)
        finite = np.isfinite(plane).all(-1)
        with np.errstate(all="ignore"):
            rays[finite] = self._undistort(plane[finite])
        return rays.reshape(*p.shape[:-1], 3)

    def mirrored(self) -> Self:
        """The lens of the mirror twin: what it sees is the left-right mirror image of what this lens sees."""
        return replace(self, cx_px=self.width_px - 1 - self.cx_px)


def normalised(rays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (N, 3) scaled to unit length."""
    return rays / np.linalg.norm(rays, axis=-1, keepdims=True)


def rays_at(plane: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit rays (N, 3) at `angle` (N,) from the axis, towards the direction of `plane` (N, 2) in the image."""
    radius = np.hypot(plane[:, 0], plane[:, 1])
    # On the axis the direction is arbitrary and sin(angle) is 0: any unit vector will do.
    unit = np.where(radius[:, None] > 0, plane / np.where(radius > 0, radius, 1.0)[:, None], (1.0, 0.0))
    return np.concatenate([unit * np.sin(angle)[:, None], np.cos(angle)[:, None]], axis=-1)
