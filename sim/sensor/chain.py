"""Electrons to digital numbers, as EMVA Standard 1288 (release 4.0, section 2) models a linear camera.

    electrons = min(Poisson(mean (1 + PRNU) + dark), full well)
    DN        = clip(round(g K (electrons + DSNU + N(0, read noise)) + offset), 0, 2^bits - 1)

The sum of Poisson numbers of light and dark current is one Poisson number. PRNU and DSNU are a Gaussian number a pixel
each, fixed for a camera; the rest is new in every image. g is the analogue gain, 1 unless auto-exposure raises it.
"""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from headsets.headset import Sensor
from sim.errors import SimError
from sim.render.device import open_device
from sim.sensor.noise import QUANTILES, Chip, expose
from sim.sensor.sums import Sums


class SensorChain:
    """One camera's chip: its fixed pattern, drawn once, and its noise, drawn for each image.

    Args:
        sensor: design numbers.
        shape: (H, W) of the image.
        rng: draws the fixed pattern.
        field: (H, W) relative illumination; None: 1.
        fixed_pattern: False: all pixels are alike.
        device: of Warp.

    Raises:
        SimError: the offset leaves no range.
    """

    def __init__(
        self,
        sensor: Sensor,
        shape: tuple[int, int],
        rng: np.random.Generator,
        field: NDArray[np.floating] | None = None,
        fixed_pattern: bool = True,
        device: str = "cpu",
    ) -> None:
        self.sensor = sensor
        self.shape = shape
        if not 0.0 <= sensor.black_dn < sensor.white_dn:
            raise SimError(
                f"`0 <= offset_dn < {sensor.white_dn}` must hold at {sensor.bits} bits, got {sensor.black_dn:g}"
            )
        self._device = open_device(device)
        prnu, dsnu = (sensor.prnu, sensor.dsnu_e) if fixed_pattern else (0.0, 0.0)
        self._response = self._upload(1.0 + prnu * rng.standard_normal(shape))
        self._dark_signal = self._upload(dsnu * rng.standard_normal(shape))
        self._field = self._upload(np.ones(shape) if field is None else field)
        self._quantiles = wp.array(QUANTILES, dtype=float, device=self._device)
        self._out = wp.empty(shape[0] * shape[1], dtype=wp.uint16, device=self._device)
        self._sums: Sums | None = None

    def expose(
        self,
        mean_electrons: NDArray[np.floating],
        rng: np.random.Generator,
        exposure_s: float | None = None,
        gain: float = 1.0,
        glare: float = 0.0,
        noise: bool = True,
    ) -> NDArray[np.uint16]:
        """(H, W) digital numbers.

        Args:
            mean_electrons: (H, W) expected photoelectrons of an average pixel, before `field`.
            rng: draws the noise of this image.
            exposure_s: over which dark current gathers; None: the sensor's exposure.
            gain: analogue gain.
            glare: share of the light that is spread evenly over the image.
            noise: False: neither shot nor read noise.

        Raises:
            SimError: another shape, or electrons that are negative or not finite.
        """
        mean = np.asarray(mean_electrons, dtype=np.float32)
        if mean.shape != self.shape:
            raise SimError(f"`mean_electrons` must be {self.shape} like the sensor, got {mean.shape}")
        average = float(np.dot(mean.ravel(), self._field.numpy())) / mean.size  # not finite if any pixel is not
        if not (np.isfinite(average) and mean.min(initial=0.0) >= 0.0):
            raise SimError("`mean_electrons` must be finite and not negative")
        light = wp.array(np.ascontiguousarray(mean).ravel(), dtype=float, device=self._device, copy=False)
        self._expose(light, self._out, average, rng, exposure_s, gain, glare, noise)
        return np.array(self._out.numpy().reshape(self.shape), copy=True)

    def expose_on_device(
        self,
        mean_electrons: wp.array,
        rng: np.random.Generator,
        exposure_s: float | None = None,
        gain: float = 1.0,
        glare: float = 0.0,
        noise: bool = True,
    ) -> wp.array:
        """(H, W) wp.uint16 in memory of its own: as `expose`, of float32 (H W,) on the device.

        Raises:
            SimError: as there.
        """
        if mean_electrons.size != self._out.size:
            raise SimError(f"`mean_electrons` must be {self.shape} like the sensor, got {mean_electrons.size} pixels")
        if self._sums is None:
            self._sums = Sums(self._out.size, self._device)
        average, least = self._sums.mean(mean_electrons, self._field)
        if not (np.isfinite(average) and least >= 0.0):
            raise SimError("`mean_electrons` must be finite and not negative")
        out = wp.empty(self._out.size, dtype=wp.uint16, device=self._device)
        self._expose(mean_electrons, out, average, rng, exposure_s, gain, glare, noise)
        return out.reshape(self.shape)

    def _expose(
        self,
        light: wp.array,
        out: wp.array,
        average: float,
        rng: np.random.Generator,
        exposure_s: float | None,
        gain: float,
        glare: float,
        noise: bool,
    ) -> None:
        """Launch the kernel; `average`: of the light times the field."""
        chip = self._chip(exposure_s, gain, noise)
        chip.shade, chip.keep = glare * average, 1.0 - glare
        chip.key, chip.frame = (int(k) for k in rng.integers(0, 2**32, size=2))
        height, width = self.shape
        chunk = 1 if self._device.is_cuda else width
        inputs = [chunk, chip, light, self._field, self._response, self._dark_signal, self._quantiles]
        wp.launch(expose, dim=height * width // chunk, inputs=inputs, outputs=[out], device=self._device)

    def expected(self, mean_electrons: NDArray[np.floating], glare: float = 0.0) -> NDArray[np.float32]:
        """(H, W) photoelectrons of light on average, in an average pixel, before the full well.

        Args:
            mean_electrons, glare: as in `expose`.
        """
        light = np.asarray(mean_electrons, dtype=np.float32) * self._field.numpy().reshape(self.shape)
        return np.asarray((1.0 - glare) * light + glare * light.mean(dtype=np.float64), dtype=np.float32)

    def _chip(self, exposure_s: float | None, gain: float, noise: bool) -> Chip:
        sensor, chip = self.sensor, Chip()
        time = sensor.exposure_us * 1e-6 if exposure_s is None else exposure_s
        chip.full_well, chip.dark, chip.read = sensor.full_well_e, sensor.dark_e_per_s * time, sensor.read_noise_e
        chip.gain, chip.offset, chip.white = gain * sensor.gain, sensor.black_dn, float(sensor.white_dn)
        chip.noisy = int(noise)
        return chip

    def _upload(self, values: NDArray[np.floating]) -> wp.array:
        return wp.array(np.ascontiguousarray(values, np.float32).ravel(), dtype=float, device=self._device)
