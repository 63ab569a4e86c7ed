"""One camera over time: its lens, its chip with a fixed pattern, and the state of its exposure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import warp as wp
from numpy.typing import NDArray

from headsets.headset import AutoExposure, Camera
from sim.seeding import generator
from sim.sensor.auto_exposure import Exposure, first_exposure, metered, next_exposure
from sim.sensor.blur import Blur
from sim.sensor.chain import SensorChain
from sim.sensor.exposure import housing_vignetting, relative_illumination
from sim.sensor.resident import ResidentSteps
from sim.sensor.scene import Scene
from sim.sensor.settings import ImageSettings

_SETTLED, _MOST_ROUNDS = 1e-3, 64
MOST_TARGET = 0.95
"""Share of the range beyond which a biased target is not carried: a mean of 1 is white all over."""


class RunningCamera:
    """See `sim.sensor.recorder.Recorder`.

    Attributes:
        automatic: the exposure's loop; None: it is fixed.
        exposure: what the next image is taken with.
    """

    def __init__(
        self, camera: Camera, settings: ImageSettings, seed: int, device: str, automatic: AutoExposure | None
    ) -> None:
        self.sensor = camera.sensor
        self.automatic = automatic
        self.exposure = self._first = first_exposure(camera.sensor, automatic)
        self._stated = automatic
        self._noise = settings.noise
        self._glare = camera.optics.veiling_glare if settings.glare else 0.0
        shape = (camera.height_px, camera.width_px)
        field = relative_illumination(camera.lens) if settings.illumination else np.ones(shape)
        if settings.vignetting:
            field = field * housing_vignetting(camera.lens, camera.optics, camera.sensor)
        self._field = field.astype(np.float32)
        self._blur = Blur(camera, device, settings.defocus, settings.point_spread)
        pattern = generator(seed, f"fixed pattern {camera.name}")
        self._device = device
        self._resident: ResidentSteps | None = None
        self._chain = SensorChain(camera.sensor, shape, pattern, field, settings.fixed_pattern, device)

    def light(self, scene: Scene, depth: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """(H, W) electrons on the axis at the present exposure, blurred by the lens."""
        return self._blur(scene.electrons(self.exposure.exposure_us), depth)

    def blurred(self, radiance: NDArray[np.float32], depth: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """(H, W) radiance as the lens blurs it."""
        return self._blur(radiance, depth)

    def expected(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """(H, W) photoelectrons on average, of what `light` returned; see `SensorChain.expected`."""
        return self._chain.expected(light, self._glare)

    def start(self, exposure: Exposure) -> None:
        """Take the first image with this exposure."""
        self.exposure = self._first = exposure

    def restart(self, bias: float) -> None:
        """Back to the first image's exposure; see `Recorder.restart`."""
        self.exposure, self.automatic = self._first, self._stated
        if self._stated is None:
            self.exposure = Exposure(self._first.exposure_us * bias, self._first.gain)
        elif bias != 1.0:
            self.automatic = replace(self._stated, target=min(self._stated.target * bias, MOST_TARGET))

    def expose(
        self, electrons: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """(H, W) digital numbers at the present exposure, of what `light` returned."""
        now = self.exposure
        dn = self._chain.expose(electrons, rng, now.exposure_us * 1e-6, now.gain, self._glare, self._noise)
        return dn.astype(np.uint8) if self.sensor.bits <= 8 else dn

    def settle(self, scene: Scene) -> None:
        """Let automatic exposure converge, on the scene without noise and blur."""
        sensor = self.sensor

        def level(now: Exposure, automatic: AutoExposure) -> float:
            light = scene.electrons(now.exposure_us) * self._field
            light = np.minimum((1.0 - self._glare) * light + self._glare * light.mean(), sensor.full_well_e)
            dn = np.minimum(now.gain * sensor.gain * light + sensor.black_dn, sensor.white_dn)
            return metered(dn, sensor, automatic)

        self._converge(level)

    def _converge(self, level: Callable[[Exposure, AutoExposure], float]) -> None:
        """Until what is metered at an exposure changes it no more."""
        if self.automatic is None:
            return
        for _ in range(_MOST_ROUNDS):
            then = next_exposure(self.exposure, level(self.exposure, self.automatic), self.automatic, lag=0.0)
            change = then.exposure_us * then.gain / (self.exposure.exposure_us * self.exposure.gain)
            self.exposure = then
            if abs(change - 1.0) < _SETTLED:
                return

    def move_on(self, dn: NDArray[np.unsignedinteger]) -> None:
        """What the next frame is taken with."""
        if self.automatic is not None:
            self.exposure = next_exposure(self.exposure, metered(dn, self.sensor, self.automatic), self.automatic)

    def resident_light(self, scene: Scene, depth: wp.array | None) -> wp.array:
        """As `light`, of a scene and depth (H, W) on the device; (H W,), good until the next call."""
        total = self._resident_steps().electrons(scene.terms(self.exposure.exposure_us))
        return self._blur.on_device(total, None if depth is None else depth.flatten())

    def resident_dn(self, electrons: wp.array, rng: np.random.Generator) -> wp.array:
        """As `expose`, of what `resident_light` returned: (H, W) wp.uint16 in memory of its own."""
        now = self.exposure
        return self._chain.expose_on_device(electrons, rng, now.exposure_us * 1e-6, now.gain, self._glare, self._noise)

    def settle_resident(self, scene: Scene) -> None:
        """As `settle`, of a scene on the device; what is metered differs by rounding."""
        steps = self._resident_steps()
        self._converge(lambda now, automatic: steps.metered(scene.terms(now.exposure_us), now, automatic, self._glare))

    def move_on_resident(self, dn: wp.array) -> None:
        """As `move_on`, of what `resident_dn` returned."""
        if self.automatic is not None:
            level = self._resident_steps().metered_dn(dn.flatten(), self.automatic)
            self.exposure = next_exposure(self.exposure, level, self.automatic)

    def _resident_steps(self) -> ResidentSteps:
        """Made when first needed: it takes three images' memory."""
        if self._resident is None:
            self._resident = ResidentSteps(self.sensor, self._field, self._device)
        return self._resident
