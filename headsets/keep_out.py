"""Room that cameras and LEDs must leave to others: the viewing lenses, the wearer's view of them, glasses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from headsets.anatomy import CORNEA_FROM_ROTATION_CENTRE_M, PUPIL_BEHIND_CORNEA_M
from headsets.glasses import Glasses
from headsets.solids import swept_round_distance

FAR_M = 1.0
"""Distance reported to a keep-out that the file does not have."""


@dataclass(frozen=True)
class LensBarrels:
    """The two tubes that hold the viewing lenses, centred on the eyes over the whole range of IPD.

    Attributes:
        radius_m: outside.
        front_z_m: depth of the rim that faces the eye, device frame.
        length_m: from the rim forward, lens and display.
        ipd_m: smallest and largest; the tubes slide between.
    """

    radius_m: float
    front_z_m: float
    length_m: float
    ipd_m: tuple[float, float]

    def distance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distance of points (*batch, 3), m, device frame, to all that the tubes sweep: (*batch,), m."""
        z0, z1 = self.front_z_m, self.front_z_m + self.length_m
        return _both_sides(points, [(0, z0), (self.radius_m, z0), (self.radius_m, z1), (0, z1)], self.ipd_m)

    def mesh(self, ipd_m: float) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """The tubes at one IPD, for drawings: vertices (V, 3), m, device frame, and triangles (T, 3)."""
        tube = trimesh.creation.cylinder(self.radius_m, self.length_m, sections=48)
        z = self.front_z_m + 0.5 * self.length_m
        both = trimesh.util.concatenate([tube.copy().apply_translation((s * 0.5 * ipd_m, 0.0, z)) for s in (-1, 1)])
        return np.asarray(both.vertices, dtype=np.float64), np.asarray(both.faces, dtype=np.int32)


@dataclass(frozen=True)
class DisplayFrustum:
    """The wearer's view of the display: a cone from the entrance pupil to the rim of the barrel.

    What stands in it is seen as a shadow.
    """

    half_angle_rad: float
    apex_z_m: float
    front_z_m: float
    ipd_m: tuple[float, float]

    def distance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distance of points (*batch, 3), m, device frame, to what the cones sweep: (*batch,), m."""
        radius = (self.front_z_m - self.apex_z_m) * np.tan(self.half_angle_rad)
        profile = [(0, self.apex_z_m), (radius, self.front_z_m), (0, self.front_z_m)]
        return _both_sides(points, profile, self.ipd_m)


@dataclass(frozen=True)
class KeepOut:
    """The keep-outs of a headset, None where the file has none."""

    lens_barrels: LensBarrels | None = None
    display: DisplayFrustum | None = None
    glasses: Glasses | None = None

    def distances(self, points: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Signed distance of points (*batch, 3), m, device frame at nominal donning, to each keep-out there is."""
        parts = {"lens_barrels": self.lens_barrels, "display": self.display, "glasses": self.glasses}
        return {name: part.distance(points) for name, part in parts.items() if part is not None}

    def distance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distance to the nearest keep-out (*batch,), m; `FAR_M` where there is none."""
        p = np.asarray(points, dtype=np.float64)
        return np.min([np.full(p.shape[:-1], FAR_M), *self.distances(p).values()], axis=0)


def barrel_front_z(from_eye_m: float) -> float:
    """Depth of a plane `from_eye_m` in front of the corneal apex, device frame."""
    return CORNEA_FROM_ROTATION_CENTRE_M + from_eye_m


def pupil_z() -> float:
    """Depth of the entrance pupil, device frame, gaze straight ahead."""
    return CORNEA_FROM_ROTATION_CENTRE_M - PUPIL_BEHIND_CORNEA_M


def _both_sides(points: ArrayLike, profile: ArrayLike, ipd_m: tuple[float, float]) -> NDArray[np.float64]:
    p = np.asarray(points, dtype=np.float64)
    folded = np.concatenate([np.abs(p[..., :1]), p[..., 1:]], axis=-1)
    return swept_round_distance(folded, profile, (0.5 * ipd_m[0], 0.5 * ipd_m[1]))
