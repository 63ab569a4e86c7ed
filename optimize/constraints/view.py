"""A camera's view out of its own mount: lines of sight to what faces it in its regions, past shell and lens barrels."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Headset
from headsets.search import Limits
from optimize.constraints.margin import Margin
from optimize.constraints.worn_faces import WornFaces
from sim.metrics.occlusion import Occluder

NAME = "view"
STEPS = 13
"""Points along a line of sight at which barrels are looked for: some 4 mm apart, a seventh of a barrel's radius."""


class OpenView:
    """Set up once for a headset: its shell and barrels do not change with the layout."""

    def __init__(self, headset: Headset, faces: WornFaces) -> None:
        shell, barrels = headset.shell, headset.keep_out.lens_barrels
        self._wall = None if shell is None else Occluder(shell.vertices, shell.triangles)
        self._barrels = None
        if barrels is not None:
            middle = float(np.mean(barrels.ipd_m))
            self._barrels = dataclasses.replace(barrels, ipd_m=(middle, middle))
        self._points = {region: _placed(faces, region) for region in faces.sight}

    def share(self, position: NDArray[np.float64], region: str) -> float:
        """Share of the points that face a camera at (3,), m, whose line to it is free; 0 where none faces it."""
        points, normals = self._points[region]
        ends = points[((position - points) * normals).sum(-1) > 0]
        if not len(ends):
            return 0.0
        starts = np.broadcast_to(position, ends.shape)
        hidden = np.zeros(len(ends), dtype=bool) if self._wall is None else self._wall.blocks(ends, starts)
        if self._barrels is not None:
            along = np.linspace(0.0, 1.0, STEPS)[:, None, None]
            hidden |= (self._barrels.distance(starts + along * (ends - starts)) < 0).any(axis=0)
        return float(1 - hidden.mean())

    def margin(self, headset: Headset, limits: Limits) -> Margin | None:
        """The least open view of all cameras and their regions, less what must be open; None without cameras."""
        shares = [
            (self.share(camera.position, region), f"camera {camera.name!r}")
            for camera in headset.cameras.values()
            for region in camera.sees
        ]
        if not shares:
            return None
        share, part = min(shares)
        return Margin(NAME, share - limits.open_view, "share", part)


def _placed(faces: WornFaces, region: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and normals (N, 3) of a region in the device frame: every wearer's expressions, a donning each in turn."""
    heads, facing = faces.sight[region], faces.facing[region]
    donnings = faces.device_head[: len(heads)]
    T = donnings[:, np.arange(heads.shape[1]) % donnings.shape[1]]
    points = np.einsum("ieab,iepb->iepa", T[..., :3, :3], heads) + T[..., None, :3, 3]
    normals = np.einsum("ieab,iepb->iepa", T[..., :3, :3], facing)
    return points.reshape(-1, 3), normals.reshape(-1, 3)
