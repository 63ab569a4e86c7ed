"""A camera's view out of its own mount: lines of sight to what faces it in its regions, past shell and lens barrels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Headset
from headsets.keep_out import LensBarrels
from headsets.search import Limits
from optimize.constraints.margin import Margin
from optimize.constraints.worn_faces import WornFaces
from sim.metrics.occlusion import Occluder

NAME = "view"


class OpenView:
    """Set up once for a headset: its shell and barrels do not change with the layout."""

    def __init__(self, headset: Headset, faces: WornFaces) -> None:
        shell, barrels = headset.shell, headset.keep_out.lens_barrels
        self._wall = None if shell is None else Occluder(shell.vertices, shell.triangles)
        self._barrels = barrels
        self._points = {region: _placed(faces, region) for region in faces.sight}

    def share(self, position: NDArray[np.float64], region: str) -> float:
        """Share of the points that face a camera at (3,), m, whose line to it is free; 0 where none faces it."""
        points, normals = self._points[region]
        ends = points[((position - points) * normals).sum(-1) > 0]
        if not len(ends):
            return 0.0
        hidden = np.zeros(len(ends), dtype=bool)
        if self._wall is not None:
            hidden |= self._wall.blocks(ends, np.broadcast_to(position, ends.shape))
        if self._barrels is not None:
            hidden |= _behind_barrels(self._barrels, position, ends)
        return float(1 - hidden.mean())

    def of_camera(self, position: NDArray[np.float64], regions: Sequence[str]) -> float:
        """The least share of the regions that it is for; 1 where it is for none."""
        return min((self.share(position, region) for region in regions), default=1.0)

    def of_led(self, position: NDArray[np.float64]) -> float:
        """The share of the region that it reaches best: it may be there for any."""
        return max((self.share(position, region) for region in self._points), default=1.0)

    def margin(self, headset: Headset, limits: Limits) -> Margin | None:
        """The least open view of all cameras and LEDs, less what must be open; None without either."""
        shares = [(self.of_camera(c.position, c.sees), f"camera {c.name!r}") for c in headset.cameras.values()]
        shares += [(self.of_led(led.position), f"LED {led.name!r}") for led in headset.leds.values()]
        if not shares:
            return None
        share, part = min(shares)
        return Margin(NAME, share - limits.open_view, "share", part)


def _behind_barrels(barrels: LensBarrels, start: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the lines from (3,) to (N, 3) cross a barrel at the middle IPD: (N,)."""
    step = ends - start
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = (np.array([[barrels.front_z_m], [barrels.front_z_m + barrels.length_m]]) - start[2]) / step[:, 2]
    level = step[:, 2] == 0
    inside = barrels.front_z_m <= start[2] <= barrels.front_z_m + barrels.length_m
    first = np.where(level, 0.0 if inside else 2.0, np.clip(cross.min(axis=0), 0.0, None))
    last = np.where(level, 1.0, np.clip(cross.max(axis=0), None, 1.0))
    hidden = np.zeros(len(ends), dtype=bool)
    for side in (-0.5, 0.5):
        # Where it passes between the barrels' ends, how near does the line come to this one's axis?
        offset = start[:2] - [side * float(np.mean(barrels.ipd_m)), 0.0]
        along = np.clip(-(step[:, :2] @ offset) / np.maximum((step[:, :2] ** 2).sum(-1), 1e-18), first, last)
        near = np.linalg.norm(offset + along[:, None] * step[:, :2], axis=-1) < barrels.radius_m
        hidden |= (first <= last) & near
    return hidden


def _placed(faces: WornFaces, region: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and normals (N, 3) of a region in the device frame: every wearer's expressions, a donning each in turn."""
    heads, facing = faces.sight[region], faces.facing[region]
    donnings = faces.device_head[: len(heads)]
    T = donnings[:, np.arange(heads.shape[1]) % donnings.shape[1]]
    points = np.einsum("ieab,iepb->iepa", T[..., :3, :3], heads) + T[..., None, :3, 3]
    normals = np.einsum("ieab,iepb->iepa", T[..., :3, :3], facing)
    return points.reshape(-1, 3), normals.reshape(-1, 3)
