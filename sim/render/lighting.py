"""The LEDs of one frame on the device: their packed values, their shadow maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import warp as wp

from headsets.headset import Led
from sim.render.emitters import PackedLeds, pack_leds
from sim.render.mirrors import MirrorSet
from sim.render.passages import Passages
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.shadow import lattice
from sim.render.structs import Leds
from sim.render.targets import ALL, RasterTarget, Stations, View


class Lighting:
    """What the kernels need to know of the LEDs; arrays are reused from frame to frame.

    Attributes:
        packed: host arrays of the LEDs.
        source_m: (count,) diameters of their emitting areas, m.
        leds: the same on the device, with their shadow maps.
    """

    def __init__(self, settings: RenderSettings, device: wp.Device) -> None:
        self._settings = settings
        self._device = device
        self._parts: tuple[Led, ...] | None = None
        self._target: RasterTarget | None = None
        self._views: dict[float, View] = {}
        self.leds = Leds()
        self.leds.glossy, self.leds.shadows = int(settings.specular), int(settings.shadows)
        self.leds.size, self.leds.bias = settings.shadow_resolution, settings.shadow_bias_m
        self._no_maps = wp.zeros(1, dtype=float, device=device)
        self._passages = Passages(device)
        self.set_leds(())

    def set_leds(self, leds: tuple[Led, ...]) -> None:
        """Pack and upload the LEDs, unless they are those of the frame before."""
        if self._parts is not None and [id(led) for led in leds] == [id(led) for led in self._parts]:
            return
        self._parts = leds
        self.packed: PackedLeds = pack_leds(leds)
        self.source_m = np.array([led.source_m for led in leds if led.radiant_intensity_w_sr > 0.0])
        self.leds.count, self.leds.half_width = self.packed.count, self.packed.half_width
        self.leds.values = wp.array(self.packed.values.ravel(), dtype=float, device=self._device)
        self.leds.starts = wp.array(self.packed.starts, dtype=int, device=self._device)
        self.leds.profiles = wp.array(self.packed.profiles, dtype=float, device=self._device)
        self.leds.polynomials = wp.array(self.packed.polynomials.ravel(), dtype=float, device=self._device)
        self.leds.maps = self._no_maps
        self._stations = Stations(self.packed.origins, self.packed.frames, self._device)

    def set_sheets(self, layers: Sequence[MirrorSet]) -> None:
        """Let the LEDs' light pass transparent sheets, in layers; see `sim.render.crossings`."""
        self._passages.fill(self.leds, self.packed, layers)

    def prepare(self, fixed: Fixed, moving: Moving, kinds: int = ALL) -> None:
        """Fill the shadow maps with triangles of these kinds."""
        if self._settings.shadows and self.packed.count:
            self._draw_shadows(fixed, moving, kinds)

    def _draw_shadows(self, fixed: Fixed, moving: Moving, kinds: int) -> None:
        size, count = self._settings.shadow_resolution, self.packed.count
        if self._target is None or self._target.batch != count:
            self._target = RasterTarget(count, size * size, False, self._device)
        view = self._view(self.packed.half_width)
        self._target.start(view, self._stations, fixed, moving)
        self._target.draw(view, self._stations, fixed, moving, kinds)
        self.leds.maps = self._target.ranges

    def _view(self, half_width: float) -> View:
        if half_width not in self._views:
            size = self._settings.shadow_resolution
            self._views[half_width] = View(lattice(size, half_width), None, half_width, self._device)
        return self._views[half_width]
