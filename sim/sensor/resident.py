"""What a camera does with images that stay on the device: the light's sum, metering, and 8 bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from headsets.headset import AutoExposure, Sensor
from sim.render.device import open_device
from sim.sensor.auto_exposure import Exposure, share_of_range
from sim.sensor.resident_kernels import add_scaled, keep_upper, tell_noiseless, widen
from sim.sensor.sums import Sums


class ResidentSteps:
    """Of one camera; arrays are reused from image to image.

    Args:
        sensor: design numbers.
        field: (H, W) relative illumination.
        device: of Warp.
    """

    def __init__(self, sensor: Sensor, field: NDArray[np.float32], device: str) -> None:
        self._sensor = sensor
        self._device = open_device(device)
        self._field = wp.array(field.ravel(), dtype=float, device=self._device)
        self._total, self._dn = (wp.zeros(field.size, dtype=float, device=self._device) for _ in range(2))
        self._sums = Sums(field.size, self._device)

    def electrons(self, terms: Iterable[tuple[np.float32, Any]]) -> wp.array:
        """(H W,) sum of factors times images (H, W); good until the next call."""
        first = True
        for factor, image in terms:
            self._launch(add_scaled, [int(first), factor, image.flatten()], self._total)
            first = False
        if first:
            self._total.zero_()
        return self._total

    def metered(
        self, terms: Iterable[tuple[np.float32, Any]], now: Exposure, automatic: AutoExposure, glare: float
    ) -> float:
        """What would be metered without noise; see `sim.sensor.auto_exposure.metered`."""
        sensor, light = self._sensor, self.electrons(terms)
        shade = glare * self._sums.mean(light, self._field)[0] if glare > 0.0 else 0.0
        chip = [now.gain * sensor.gain, sensor.black_dn, float(sensor.white_dn), sensor.full_well_e, 1.0 - glare, shade]
        self._launch(tell_noiseless, [*chip, light, self._field], self._dn)
        return self._level(automatic)

    def metered_dn(self, dn: wp.array, automatic: AutoExposure) -> float:
        """What is metered in digital numbers (H W,) wp.uint16."""
        self._launch(widen, [dn], self._dn)
        return self._level(automatic)

    def _level(self, automatic: AutoExposure) -> float:
        if automatic.percentile is None:
            level = self._sums.mean(self._dn)[0]
        else:
            level = self._sums.percentile(self._dn, automatic.percentile, float(self._sensor.white_dn))
        return share_of_range(level, self._sensor)

    def _launch(self, kernel: wp.Kernel, inputs: list[object], out: wp.array) -> None:
        wp.launch(kernel, dim=out.size, inputs=inputs, outputs=[out], device=self._device)


def resident_eight_bits(dn: wp.array, bits: int) -> wp.array:
    """(H, W) wp.uint8 of digital numbers (H, W) wp.uint16; see `sim.sensor.eight_bits`."""
    out = wp.empty(dn.size, dtype=wp.uint8, device=dn.device)
    shift = bits - 8
    stretch = 255.0 / (2**bits - 1)
    wp.launch(keep_upper, dim=dn.size, inputs=[shift, stretch, dn.flatten()], outputs=[out], device=dn.device)
    return out.reshape(dn.shape)
