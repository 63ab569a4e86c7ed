"""Device arrays that the rasteriser reads and writes: ray tables, projected vertices, the image of ranges."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.project import project_camera, project_lattice
from sim.render.raster import raster, unpack
from sim.render.raster_native import CHUNK
from sim.render.rays import PADDING, RayGrid
from sim.render.scene import Fixed, Moving
from sim.render.tables import OUTSIDE, UNKNOWN, LensTables

EMPTY_RANGE = np.float32(1.0e30)
"""Range stored where there is no surface, m."""
ORDINARY, THIN, ALL = 1, 2, 3
"""Kinds of triangles."""
_EMPTY_KEY = (int(EMPTY_RANGE.view(np.int32)) << 32) | 0xFFFFFFFF  # the triangle reads -1


class RayTable:
    """A ray grid on the device."""

    def __init__(self, grid: RayGrid, device: wp.Device) -> None:
        self.width, self.height = grid.width, grid.height
        self.rays = wp.array(grid.rays, dtype=float, device=device)
        self.tiles = wp.array(grid.tiles, dtype=wp.vec4, device=device)
        self.blocks = wp.array(grid.blocks, dtype=wp.vec4, device=device)
        self.limits = wp.array(grid.limits, dtype=wp.vec3, device=device)


class LensArrays:
    """The tables of one lens on the device."""

    def __init__(self, tables: LensTables, device: wp.Device) -> None:
        self.valid = tables.valid
        self.table = RayTable(tables.grid, device)
        self._bounds = [
            wp.array(tables.nodes, dtype=wp.vec2, device=device),
            wp.array(tables.bounds, dtype=wp.vec2, device=device),
            tables.half_width,
            OUTSIDE if tables.complete else UNKNOWN,
        ]

    def project(self, view: Projection, vertices: wp.array, rotation: wp.mat33) -> None:
        """Vertices to camera coordinates and approximate pixels."""
        wp.launch(
            project_camera,
            dim=vertices.shape[0],
            inputs=[vertices, rotation, view.origins, *self._bounds],
            outputs=[view.positions, view.pixels],
            device=vertices.device,
        )


class Projection:
    """Vertices as seen from each origin of a batch: coordinates there, and approximate pixels with their bounds."""

    def __init__(self, batch: int, vertices: int, device: wp.Device) -> None:
        self.origins = wp.zeros(batch, dtype=wp.vec3, device=device)
        self.positions = wp.empty((batch, vertices), dtype=wp.vec3, device=device)
        self.pixels = wp.empty((batch, vertices), dtype=wp.vec4, device=device)

    def move(self, origins: NDArray[np.floating]) -> None:
        """Set the origins, (batch, 3) m, device frame."""
        self.origins.assign(origins.astype(np.float32))

    def project_lattice(self, vertices: wp.array, frames: wp.array, half_width: float, size: int) -> None:
        """Vertices to the frames (batch, 3, 3) of LEDs and to texels of their shadow maps."""
        wp.launch(
            project_lattice,
            dim=self.positions.shape,
            inputs=[vertices, frames, self.origins, half_width, size],
            outputs=[self.positions, self.pixels],
            device=vertices.device,
        )


class RasterTarget:
    """Ranges and, if labelled, triangles of a batch of images; see `sim.render.raster`."""

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
        self.ranges.fill_(float(EMPTY_RANGE))
        self.ids.fill_(-1)
        self.keys.fill_(_EMPTY_KEY)

    def draw(self, table: RayTable, view: Projection, fixed: Fixed, moving: Moving, kinds: int = ALL) -> None:
        """Draw triangles of these kinds over what is there."""
        device = self.ranges.device
        chunk = 1 if device.is_cuda else CHUNK
        wp.launch(
            raster,
            dim=(self.batch, -(-fixed.triangles.shape[0] // chunk)),
            inputs=[
                chunk,
                fixed.triangles,
                fixed.two_sided,
                moving.planes,
                view.origins,
                view.positions,
                view.pixels,
                table.rays,
                table.tiles,
                table.blocks,
                table.limits,
                table.width,
                table.height,
            ],
            outputs=[self.keys, self.ranges, self.ids, int(self.labelled), kinds],
            device=device,
        )
        if self.packed:
            wp.launch(unpack, dim=self.keys.size, inputs=[self.keys], outputs=[self.ranges, self.ids], device=device)
