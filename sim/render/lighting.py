"""The LEDs of one frame on the device: their packed values and, with shadows, their shadow maps."""

from __future__ import annotations

import warp as wp

from headsets.headset import Led
from sim.render.emitters import PackedLeds, pack_leds
from sim.render.raster import project_lattice, raster
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.shadow import lattice
from sim.render.tables import PADDING

EMPTY_RANGE = 1.0e30
"""Range stored where an LED sees nothing, m."""


class Lighting:
    """Device arrays that `shade` takes; reused from frame to frame."""

    def __init__(self, settings: RenderSettings, device: wp.Device) -> None:
        self.settings = settings
        self.device = device
        self.packed: PackedLeds = pack_leds([])
        self.values = wp.zeros(1, dtype=float, device=device)
        self.rows = wp.zeros(1, dtype=int, device=device)
        self.profiles = wp.zeros(1, dtype=float, device=device)
        self.ranges = wp.zeros(1, dtype=float, device=device)
        self._positions = wp.zeros((1, 1), dtype=wp.vec3, device=device)
        self._pixels = wp.zeros((1, 1), dtype=wp.vec4, device=device)
        self._no_keys = wp.zeros(1, dtype=wp.int64, device=device)
        self._lattices: dict[float, tuple[wp.array, wp.array]] = {}
        self._leds: tuple[Led, ...] = ()

    def set_leds(self, leds: tuple[Led, ...]) -> None:
        """Pack and upload the LEDs, unless they are those of the frame before."""
        if len(leds) == len(self._leds) and all(a is b for a, b in zip(leds, self._leds, strict=True)):
            return
        self._leds = leds
        p = self.packed = pack_leds(leds)
        self.values = wp.array(p.values.ravel(), dtype=float, device=self.device)
        self.rows = wp.array(p.rows.ravel(), dtype=int, device=self.device)
        self.profiles = wp.array(p.profiles, dtype=float, device=self.device)
        self._frames = wp.array(p.frames, dtype=wp.mat33, device=self.device)
        self._origins = wp.array(p.origins, dtype=wp.vec3, device=self.device)

    def draw_shadows(self, fixed: Fixed, moving: Moving) -> None:
        """Fill the shadow maps."""
        size, p = self.settings.shadow_resolution, self.packed
        if p.count == 0 or not self.settings.shadows:
            return
        if self.ranges.size != p.count * (size * size + PADDING):
            self.ranges = wp.empty(p.count * (size * size + PADDING), dtype=float, device=self.device)
        n = moving.vertices.shape[0]
        if self._positions.shape != (p.count, n):
            self._positions = wp.empty((p.count, n), dtype=wp.vec3, device=self.device)
            self._pixels = wp.empty((p.count, n), dtype=wp.vec4, device=self.device)
        rays, tiles = self._lattice(p.half_width)
        self.ranges.fill_(EMPTY_RANGE)
        wp.launch(
            project_lattice,
            dim=(p.count, n),
            inputs=[moving.vertices, self._frames, self._origins, p.half_width, size],
            outputs=[self._positions, self._pixels],
            device=self.device,
        )
        wp.launch(
            raster,
            dim=(p.count, fixed.triangles.shape[0]),
            inputs=[fixed.triangles, fixed.two_sided, self._positions, self._pixels, rays, tiles, size, size],
            outputs=[self._no_keys, self.ranges, 0],
            device=self.device,
        )

    def _lattice(self, half_width: float) -> tuple[wp.array, wp.array]:
        if half_width not in self._lattices:
            rays, tiles = lattice(self.settings.shadow_resolution, half_width)
            self._lattices[half_width] = (
                wp.array(rays, dtype=float, device=self.device),
                wp.array(tiles, dtype=wp.vec4, device=self.device),
            )
        return self._lattices[half_width]
