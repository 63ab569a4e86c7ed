"""A lens with an aperture as a crowd of pinholes: the slow way to blur by depth, with all that it hides and shows.

Through a point a of the aperture a camera sees the scene from there, along rays that meet those from its middle at the
focus distance. The mean over points of the aperture is the picture of a thin lens, whose circle of confusion comes
out and is not put in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import RigidTransform

from headsets.headset import Camera


@dataclass(frozen=True)
class Decentred:
    """A central lens as seen from a point (x, y) of its aperture, m, focused at a distance, m, along each ray."""

    lens: Any
    at: tuple[float, float]
    focus_m: float

    @property
    def width_px(self) -> int:
        return int(self.lens.width_px)

    @property
    def height_px(self) -> int:
        return int(self.lens.height_px)

    @property
    def max_angle_rad(self) -> float:
        return float(self.lens.max_angle_rad)

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        to = self.focus_m * self.lens.unproject(pixels) - np.array([*self.at, 0.0])
        return np.asarray(to / np.linalg.norm(to, axis=-1, keepdims=True))

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        p, a = np.asarray(points, float), np.array([*self.at, 0.0])
        d = p / np.linalg.norm(p, axis=-1, keepdims=True)
        slope = d @ a
        reach = -slope + np.sqrt(slope**2 + self.focus_m**2 - a @ a)
        pixels, valid = self.lens.project(a + reach[..., None] * d)
        return pixels, valid

    def mirrored(self) -> Decentred:
        return replace(self, lens=self.lens.mirrored(), at=(-self.at[0], self.at[1]))


def pinholes(camera: Camera, radius_m: float, rings: int = 2) -> dict[str, Camera]:
    """Cameras at points of an aperture, spread evenly: 6, 12, 18 … on rings of equal share.

    A ring lies where its share of the disc has its mean square distance, so that the disc's variance is exact.
    """
    lens: Any = camera.lens
    out = {}
    for ring in range(1, rings + 1):
        inner, outer = (k * (k + 1) / (rings * (rings + 1)) for k in (ring - 1, ring))
        far = radius_m * np.sqrt(0.5 * (inner + outer))
        for k in range(6 * ring):
            turn = 2 * np.pi * (k + 0.5 * (ring % 2)) / (6 * ring)
            at = (far * np.cos(turn), far * np.sin(turn))
            place = RigidTransform.from_translation([*at, 0.0])
            name = f"{camera.name}_{ring}_{k}"
            out[name] = replace(
                camera,
                name=name,
                lens=Decentred(lens, at, 1e-3 * camera.optics.focus_mm),
                T_device_camera=camera.T_device_camera * place,
                mirror_of=None,
            )
    return out
