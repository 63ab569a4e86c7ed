"""Judging a camera pose: REFA's two scores, its room, and how much of its region it frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from headsets.headset import Headset
from headsets.keep_out import KeepOut
from headsets.lenses.lens import Lens
from headsets.poses import look_at
from optimize.shell_points import shell_points
from optimize.wearers import RegionData, Wearers
from sim.metrics.occlusion import Occluder
from sim.metrics.range_of_motion import keypoint_motion
from sim.metrics.visibility import place_camera, visibility


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a camera must stay clear of, as distances from a point in the device frame."""

    wearers: Wearers
    keep_out: KeepOut
    shell: cKDTree | None
    wall: Occluder | None

    @classmethod
    def of(cls, headset: Headset, wearers: Wearers) -> Surroundings:
        """Of a headset and its wearers; for distances the shell becomes a dense cloud of points."""
        if headset.shell is None:
            return cls(wearers, headset.keep_out, None, None)
        wall = Occluder(headset.shell.vertices, headset.shell.triangles)
        return cls(wearers, headset.keep_out, cKDTree(shell_points(headset.shell)), wall)

    def open_share(self, position: NDArray[np.float64], region: RegionData) -> float:
        """Share of what faces a camera at (3,), m, that the shell does not hide, over faces, one donning each."""
        if self.wall is None:
            return 1.0
        heads, facing = region.to_frame[::3], region.facing[::3]  # a third of the wearers is plenty for a share
        donned = self.wearers.device_head[::3]
        T = donned[:, np.arange(heads.shape[1]) % donned.shape[1]]
        points = np.einsum("ieab,iepb->iepa", T[..., :3, :3], heads) + T[..., None, :3, 3]
        normals = np.einsum("ieab,iepb->iepa", T[..., :3, :3], facing)
        points = points[((position - points) * normals).sum(-1) > 0]
        if not len(points):
            return 0.0
        return float(1 - self.wall.blocks(points, np.broadcast_to(position, points.shape)).mean())

    def clearances(self, position: NDArray[np.float64]) -> dict[str, float]:
        """Smallest distances, m, from a camera at (3,), m: face and glasses over all donnings, the rest nominal."""
        found = self.keep_out.distances(position)
        out = {name: float(value) for name, value in found.items()}
        out["face"] = float(self.wearers.envelope.query(position)[0])
        if self.keep_out.glasses is not None:
            T = self.wearers.device_head.reshape(-1, 4, 4)
            worn = np.einsum("dji,dj->di", T[:, :3, :3], position - T[:, :3, 3])
            out["glasses"] = float(self.keep_out.glasses.distance(worn).min())
        if self.shell is not None:
            out["shell"] = float(self.shell.query(position)[0])
        return out


def pose_matrix(position: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 4) T_device_camera of a camera at (3,) that looks at (3,), m, without roll."""
    return np.asarray(look_at(position, target).as_matrix())


def camera_scores(
    lens: Lens, T_device_camera: NDArray[np.float64], region: RegionData, device_head: NDArray[np.float64]
) -> tuple[float, float]:
    """Mean visibility and mean range of motion, as `sim.metrics.score` has them."""
    v, m = [], []
    for i, donned in enumerate(device_head):
        placed = place_camera(lens, T_device_camera, donned)
        v.append(visibility(region.normals[i].mean(0), placed).mean())  # linear in the normal
        m.append(keypoint_motion(placed, region.neutral[i], region.posed[i]).norm_px.mean())
    return float(np.mean(v)), float(np.mean(m))


def framed_margin_px(
    lens: Lens,
    T_device_camera: NDArray[np.float64],
    region: RegionData,
    device_head: NDArray[np.float64],
    share: float,
) -> float:
    """How far inside the image border a share of the region lies, px, in all but one face and donning in twenty.

    Positive exactly where at least that share is framed; unlike the share itself it is continuous in the pose.
    """
    half = 0.5 * np.array([lens.width_px, lens.height_px])
    margins = []
    for i, donned in enumerate(device_head):
        points = region.to_frame[i]
        pixels, valid = lens.project(place_camera(lens, T_device_camera, donned).to_camera(points.reshape(-1, 3)))
        inside = np.where(valid, (half - np.abs(pixels - (half - 0.5))).min(-1), -float(half.max()))
        margins.append(np.quantile(inside.reshape(-1, points.shape[1]), 1 - share, axis=-1))
    return float(np.percentile(margins, 5))
