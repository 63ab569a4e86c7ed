"""A cornea's two conic surfaces, by ray tracing in numpy: intersection, refraction, reflection, Fresnel.

An eye's own frame: origin at its rotation centre, optical axis +z, m. A conic of apex radius R, asphericity Q and apex
at height a is x² + y² + (1 + Q) s² - 2 R s = 0 with the depth s = a - z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Conic:
    """A rotationally symmetric surface about the optical axis.

    Attributes:
        apex: height above the rotation centre, m. radius: at the apex, m. asphericity: Q. index: below it.
    """

    apex: float
    radius: float
    asphericity: float
    index: float

    def height(self, rho: Array) -> Array:
        """z at distance `rho` from the axis."""
        q = 1 + self.asphericity
        return self.apex - rho**2 / (self.radius + np.sqrt(self.radius**2 - q * rho**2))

    def normal(self, points: Array) -> Array:
        """Outward unit normals (*b, 3)."""
        depth = self.apex - points[..., 2:]
        n = np.concatenate([points[..., :2], self.radius - (1 + self.asphericity) * depth], -1)
        return np.asarray(n / np.linalg.norm(n, axis=-1, keepdims=True))

    def hit(self, origin: Array, direction: Array) -> Array:
        """Where rays from outside (in front) enter: (*b, 3), NaN where they pass by."""
        q, o = 1 + self.asphericity, origin - np.array([0.0, 0.0, self.apex])
        scale = np.array([1.0, 1.0, q])
        a = (direction**2 * scale).sum(-1)
        b = (o * direction * scale).sum(-1) + self.radius * direction[..., 2]
        c = (o**2 * scale).sum(-1) + 2 * self.radius * o[..., 2]
        with np.errstate(invalid="ignore"):
            t = (-b - np.sqrt(b * b - a * c)) / a
        return np.asarray(origin + t[..., None] * direction)


FRONT = Conic(CORNEA_APEX, CORNEA_RADIUS, CORNEA_ASPHERICITY, 1.370)
"""Index 1.370 at 850 nm (1.369 at 940), radii and asphericity after gkaModelEye."""
BACK = Conic(CORNEA_APEX - 0.55e-3, 0.0067, 0.0, 1.330)
"""Thickness 0.55 mm (prior) and a spherical back; aqueous 1.330."""
IRIS_DEPTH = 0.0037
"""The iris plane lies this far behind the apex, m."""


def refract(direction: Array, normal: Array, ratio: float) -> Array:
    """Unit directions behind a surface; `ratio` is the index before over that behind, `normal` looks to the front."""
    cosine = -(direction * normal).sum(-1, keepdims=True)
    behind = np.sqrt(np.maximum(1 - ratio**2 * (1 - cosine**2), 0.0))
    return np.asarray(ratio * direction + (ratio * cosine - behind) * normal)


def fresnel(cosine: Array, ratio: float) -> Array:
    """Reflectance for unpolarised light at this cosine of incidence; `ratio` is the index before over that behind."""
    behind = np.sqrt(np.maximum(1 - ratio**2 * (1 - cosine**2), 0.0))
    s = (ratio * cosine - behind) / (ratio * cosine + behind)
    p = (ratio * behind - cosine) / (ratio * behind + cosine)
    return np.asarray((s**2 + p**2) / 2)


def through_cornea(points: Array, direction: Array) -> tuple[Array, Array]:
    """Where rays that meet the front surface at `points` arrive on the iris plane, (*b, 2), and the share that does."""
    n = FRONT.normal(points)
    share = 1 - fresnel(np.clip(-(direction * n).sum(-1), 0, 1), 1 / FRONT.index)
    inside = refract(direction, n, 1 / FRONT.index)
    second = BACK.hit(points, inside)
    n = BACK.normal(second)
    share = share * (1 - fresnel(np.clip(-(inside * n).sum(-1), 0, 1), FRONT.index / BACK.index))
    last = refract(inside, n, FRONT.index / BACK.index)
    reach = (FRONT.apex - IRIS_DEPTH - second[..., 2]) / last[..., 2]
    return second[..., :2] + reach[..., None] * last[..., :2], share
