"""The LEDs of one frame on the device: their packed values and their shadow maps."""

from __future__ import annotations

from typing import Any

import warp as wp

from headsets.headset import Led
from sim.render.emitters import PackedLeds, pack_leds
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.shadow import lattice
from sim.render.targets import RasterTarget, Stations, View


class Lighting:
    """What the kernels need to know of the LEDs; arrays are reused from frame to frame."""

    def __init__(self, settings: RenderSettings, device: wp.Device) -> None:
        self._settings = settings
        self._device = device
        self._leds: tuple[Led, ...] | None = None
        self._no_ranges = wp.zeros(1, dtype=float, device=device)
        self._target: RasterTarget | None = None
        self._views: dict[float, View] = {}
        self.set_leds(())

    def set_leds(self, leds: tuple[Led, ...]) -> None:
        """Pack and upload the LEDs, unless they are those of the frame before."""
        if self._leds is not None and [id(led) for led in leds] == [id(led) for led in self._leds]:
            return
        self._leds = leds
        self.packed: PackedLeds = pack_leds(leds)
        self._values = wp.array(self.packed.values.ravel(), dtype=float, device=self._device)
        self._starts = wp.array(self.packed.starts, dtype=int, device=self._device)
        self._profiles = wp.array(self.packed.profiles, dtype=float, device=self._device)
        self._stations = Stations(self.packed.origins, self.packed.frames, self._device)

    def prepare(self, fixed: Fixed, moving: Moving) -> None:
        """Fill the shadow maps."""
        if self._settings.shadows and self.packed.count:
            self._draw_shadows(fixed, moving)

    @property
    def kernel_inputs(self) -> list[Any]:
        """Arguments `led_count` to `bias` of `sim.render.light.light_pixels`."""
        ranges = self._no_ranges if self._target is None else self._target.ranges
        return [
            self.packed.count,
            self._values,
            self._starts,
            self._profiles,
            self.packed.half_width,
            int(self._settings.specular),
            int(self._settings.shadows),
            ranges,
            self._settings.shadow_resolution,
            self._settings.shadow_bias_m,
        ]

    def _draw_shadows(self, fixed: Fixed, moving: Moving) -> None:
        size, count = self._settings.shadow_resolution, self.packed.count
        if self._target is None or self._target.batch != count:
            self._target = RasterTarget(count, size * size, False, self._device)
        self._target.clear()
        self._target.draw(self._view(self.packed.half_width), self._stations, fixed, moving)

    def _view(self, half_width: float) -> View:
        if half_width not in self._views:
            size = self._settings.shadow_resolution
            self._views[half_width] = View(lattice(size, half_width), None, half_width, self._device)
        return self._views[half_width]
