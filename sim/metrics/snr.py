"""What a pixel's number is worth, by EMVA Standard 1288's linear model: signal over noise, clipped, or dark.

    SNR = n / √(n + d + σ_read² + DSNU² + (PRNU n)² + 1/(12 (gK)²))

n: photoelectrons of light on average; d: of dark current. The root holds shot noise, read noise, the fixed pattern
(EMVA's total SNR, section 2.7 and 4 of release 4.0), and rounding to digital numbers. Both sides times gK are digital
numbers above the offset and their SD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Sensor
from sim.sensor.auto_exposure import Exposure

BLACK_SNR = 1.0
"""EMVA's absolute sensitivity threshold: what is darker than SNR 1 counts as black."""


@dataclass(frozen=True, eq=False)
class PixelSignal:
    """Of every pixel (H, W).

    Attributes:
        snr: NaN where saturated: the number no longer answers light.
        saturated: the well is full on average, or the number at its largest.
        black: SNR below `BLACK_SNR`.
    """

    snr: NDArray[np.float32]
    saturated: NDArray[np.bool_]
    black: NDArray[np.bool_]


def pixel_signal(electrons: NDArray[np.floating], sensor: Sensor, exposure: Exposure) -> PixelSignal:
    """Signal of expected photoelectrons (H, W), see `sim.sensor.recorder.Capture`, at an exposure."""
    n = np.asarray(electrons, dtype=np.float64)
    dark = sensor.dark_e_per_s * exposure.exposure_us * 1e-6
    gain = exposure.gain * sensor.gain
    variance = n + dark + sensor.read_noise_e**2 + sensor.dsnu_e**2 + (sensor.prnu * n) ** 2 + 1.0 / (12.0 * gain**2)
    snr = n / np.sqrt(variance)
    dn = np.floor(gain * np.minimum(n + dark, sensor.full_well_e) + sensor.black_dn + 0.5)
    saturated = (n + dark >= sensor.full_well_e) | (dn >= sensor.white_dn)
    return PixelSignal(np.where(saturated, np.nan, snr).astype(np.float32), saturated, snr < BLACK_SNR)
