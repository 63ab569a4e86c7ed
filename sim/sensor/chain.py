"""Electrons to digital numbers, as EMVA Standard 1288 (release 4.0, section 2) models a linear camera.

    electrons = min(Poisson(mean (1 + PRNU)) + Poisson(dark), full well)
    DN        = clip(round(K (electrons + DSNU + N(0, read noise)) + offset), 0, 2^bits - 1)

PRNU and DSNU are one Gaussian number a pixel each, fixed for a camera; the rest is new in every image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Sensor
from sim.errors import SimError


@dataclass(frozen=True)
class NoiseModel:
    """What a headset file does not state of a sensor. Priors, typical of small global-shutter chips.

    Attributes:
        prnu: SD of the pixels' responses, relative.
        dsnu_e: SD of the pixels' dark signals, electrons.
        offset_dn: digital number without light.
        gain_dn_per_e: K; None: the full well just fits the range above the offset.
    """

    prnu: float = 0.01
    dsnu_e: float = 2.0
    offset_dn: float = 16.0
    gain_dn_per_e: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("prnu", self.prnu), ("dsnu_e", self.dsnu_e), ("offset_dn", self.offset_dn)):
            if not (np.isfinite(value) and value >= 0.0):
                raise SimError(f"`{name} >= 0` must hold, got {value} (NoiseModel)")
        if self.gain_dn_per_e is not None and not (np.isfinite(self.gain_dn_per_e) and self.gain_dn_per_e > 0.0):
            raise SimError(f"`gain_dn_per_e > 0` must hold, got {self.gain_dn_per_e} (NoiseModel)")


class SensorChain:
    """One camera's chip: its fixed pattern, drawn once, and its noise, drawn for each image.

    Args:
        sensor: design numbers.
        shape: (H, W) of the image.
        rng: draws the fixed pattern.
        noise: see `NoiseModel`.

    Raises:
        SimError: the offset leaves no range.
    """

    def __init__(
        self, sensor: Sensor, shape: tuple[int, int], rng: np.random.Generator, noise: NoiseModel | None = None
    ) -> None:
        self.noise = noise or NoiseModel()
        self.sensor = sensor
        self.white_dn = 2**sensor.bits - 1
        if self.noise.offset_dn >= self.white_dn:
            raise SimError(f"`offset_dn < {self.white_dn}` must hold at {sensor.bits} bits, got {self.noise.offset_dn}")
        room = self.white_dn - self.noise.offset_dn
        self.gain_dn_per_e = self.noise.gain_dn_per_e or room / sensor.full_well_e
        self._response = 1.0 + self.noise.prnu * rng.standard_normal(shape)
        self._dark_signal = self.noise.dsnu_e * rng.standard_normal(shape)

    def expose(
        self, mean_electrons: NDArray[np.floating], rng: np.random.Generator, exposure_s: float | None = None
    ) -> NDArray[np.uint16]:
        """(H, W) digital numbers.

        Args:
            mean_electrons: (H, W) expected photoelectrons of an average pixel; see `sim.sensor.exposure`.
            rng: draws the noise of this image.
            exposure_s: over which dark current gathers; None: the sensor's exposure.

        Raises:
            SimError: another shape, or electrons that are negative or not finite.
        """
        mean = np.asarray(mean_electrons, dtype=np.float64)
        if mean.shape != self._response.shape:
            raise SimError(f"`mean_electrons` must be {self._response.shape} like the sensor, got {mean.shape}")
        if not (np.isfinite(mean).all() and mean.min(initial=0.0) >= 0.0):
            raise SimError("`mean_electrons` must be finite and not negative")
        time = self.sensor.exposure_us * 1e-6 if exposure_s is None else exposure_s
        # Far beyond the full well all counts are clipped alike, and numpy's Poisson fails above 9e18.
        bright = np.minimum(np.maximum(mean * self._response, 0.0), 100.0 * self.sensor.full_well_e)
        electrons = rng.poisson(bright) + rng.poisson(self.sensor.dark_e_per_s * time, mean.shape)
        electrons = np.minimum(electrons, self.sensor.full_well_e)
        read = self.sensor.read_noise_e * rng.standard_normal(mean.shape)
        signal = self.gain_dn_per_e * (electrons + self._dark_signal + read) + self.noise.offset_dn
        return np.clip(np.rint(signal), 0, self.white_dn).astype(np.uint16)
