"""Device arrays that the rasteriser reads and writes: ray and direction tables, points of view, images of ranges."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.raster import raster, unpack
from sim.render.rays import EMPTY_RANGE, PADDING, RayGrid
from sim.render.scene import Fixed, Moving
from sim.render.structs import Directions, Rays
from sim.render.tables import OUTSIDE, UNKNOWN, LensTables

ORDINARY, THIN, ALL = 1, 2, 3
"""Kinds of triangles."""
_EMPTY_KEY = (int(EMPTY_RANGE.view(np.int32)) << 32) | 0xFFFFFFFF  # the triangle reads -1


def upload_rays(grid: RayGrid, device: wp.Device) -> Rays:
    """A ray grid on the device."""
    out = Rays()
    out.width, out.height, out.reach = grid.width, grid.height, grid.reach
    out.rays = wp.array(grid.rays, dtype=float, device=device)
    out.tiles = wp.array(grid.tiles, dtype=wp.vec4, device=device)
    out.blocks = wp.array(grid.blocks, dtype=wp.vec4, device=device)
    out.limits = wp.array(grid.limits, dtype=wp.vec3, device=device)
    return out


class View:
    """One ray grid with what bounds the pixels of a triangle: a lens, or the lattice of shadow maps."""

    def __init__(self, grid: RayGrid, tables: LensTables | None, half_width: float, device: wp.Device) -> None:
        self.grid = upload_rays(grid, device)
        self.directions = Directions()
        self.directions.lattice = int(tables is None)
        self.directions.half_width = half_width
        nodes = np.zeros((1, 1, 2), np.float32) if tables is None else tables.nodes
        cells = np.zeros((1, 1, 2), np.float32) if tables is None else tables.bounds
        self.directions.beyond = UNKNOWN if tables is None or not tables.complete else OUTSIDE
        self.directions.nodes = wp.array(nodes, dtype=wp.vec2, device=device)
        self.directions.cells = wp.array(cells, dtype=wp.vec2, device=device)


class LensView(View):
    """The view through a lens."""

    def __init__(self, tables: LensTables, device: wp.Device) -> None:
        super().__init__(tables.grid, tables, tables.half_width, device)
        self.valid = tables.valid
        self.pixel_angle = _pixel_angle(tables)


def _pixel_angle(tables: LensTables) -> float:
    """Median angle between rays of neighbouring pixels of a row, rad."""
    height, width = tables.valid.shape
    rays = tables.grid.rays[:, : height * width].reshape(3, height, width)
    both = tables.valid[:, 1:] & tables.valid[:, :-1]
    return float(np.median(np.linalg.norm(np.diff(rays, axis=2), axis=0)[both])) if both.any() else 0.0


class Stations:
    """From where a batch of images is seen: origins and the rotations from their frames to the device's."""

    def __init__(self, origins: NDArray[np.floating], frames: NDArray[np.floating], device: wp.Device) -> None:
        self.origins = wp.array(np.ascontiguousarray(origins, np.float32), dtype=wp.vec3, device=device)
        self.frames = wp.array(np.ascontiguousarray(frames, np.float32), dtype=wp.mat33, device=device)
        self.key = np.asarray(origins, np.float32).tobytes() + np.asarray(frames, np.float32).tobytes()


class RasterTarget:
    """Ranges and, if labelled, triangles of a batch of images; on the lattice of shadow maps what `raster` says."""

    def __init__(self, batch: int, pixels: int, labelled: bool, device: wp.Device) -> None:
        size = batch * (pixels + PADDING)
        self.batch = batch
        self.labelled = labelled
        self.packed = labelled and device.is_cuda
        self.ranges = wp.empty(size, dtype=float, device=device)
        self.ids = wp.empty(size if labelled else 1, dtype=int, device=device)
        self.keys = wp.empty(size if self.packed else 1, dtype=wp.int64, device=device)

    def clear(self) -> None:
        """Nothing is seen."""
        self.ranges.fill_(float(EMPTY_RANGE) if self.labelled else 0.0)
        self.ids.fill_(-1)
        self.keys.fill_(_EMPTY_KEY)

    def start(self, view: View, stations: Stations, fixed: Fixed, moving: Moving) -> None:
        """The shell and the lens barrels are seen, and nothing else; see `sim.render.standing`."""
        fixed.standing.start(self, view, stations, fixed, moving)

    def save(self) -> list[wp.array]:
        """A copy of what is there."""
        return [wp.clone(array) for array in self._arrays()]

    def load(self, saved: list[wp.array]) -> None:
        """Put back what `save` returned."""
        for array, copy in zip(self._arrays(), saved, strict=True):
            wp.copy(array, copy)

    @property
    def size(self) -> int:
        """Bytes of what `save` returns."""
        return sum(array.capacity for array in self._arrays())

    def _arrays(self) -> list[wp.array]:
        return [self.ranges, *([self.ids] if self.labelled else []), *([self.keys] if self.packed else [])]

    def draw(self, view: View, stations: Stations, fixed: Fixed, moving: Moving, kinds: int = ALL) -> None:
        """Draw triangles of these kinds, less what stands still, over what is there."""
        first, end = fixed.thin_clusters if kinds == THIN else (0, fixed.moving_clusters)
        self.draw_clusters(view, stations, fixed, moving, first, end, kinds)

    def draw_clusters(
        self, view: View, stations: Stations, fixed: Fixed, moving: Moving, first: int, end: int, kinds: int = ALL
    ) -> None:
        """Draw these clusters' triangles of these kinds over what is there."""
        device = self.ranges.device
        if device.is_cuda:
            first, end = int(fixed.starts[first]), int(fixed.starts[max(first, end)])
        scene = [fixed.solid, moving.pose, stations.origins, stations.frames, view.grid, view.directions]
        wp.launch(
            raster,
            dim=(self.batch, max(end - first, 0)),
            inputs=[*scene, first, kinds],
            outputs=[self.keys, self.ranges, self.ids],
            device=device,
        )
        if self.packed:
            wp.launch(unpack, dim=self.keys.size, inputs=[self.keys], outputs=[self.ranges, self.ids], device=device)
