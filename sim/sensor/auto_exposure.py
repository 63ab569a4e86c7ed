"""Auto-exposure as a camera has it: metered on the frame before, held between limits, and slow on purpose.

    value' = value · (target / metered)^(1 - lag),    value = exposure · gain

metered is the mean of the digital numbers above the offset (or a percentile of theirs) as a share of the range. The
exposure is used first, and the analogue gain once it is at its limit. Where the sensor clips or the pulses of the LEDs
end before the exposure does, the metered value answers less than the value was changed, and the loop takes longer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.headset import AutoExposure, Sensor

MOST_STEP = 8.0
"""Greatest factor from one frame to the next: a black or a white frame says little about how far it is off."""


@dataclass(frozen=True)
class Exposure:
    """What an image is taken with: exposure in µs, and the analogue gain."""

    exposure_us: float
    gain: float = 1.0


def default_auto_exposure(sensor: Sensor) -> AutoExposure:
    """For sensors whose file states none: the mean at 0.18 of the range, up to the exposure that is stated, and 8 times
    gain. Priors."""
    return AutoExposure(target=0.18, min_us=min(20.0, sensor.exposure_us), max_us=sensor.exposure_us, max_gain=8.0)


def first_exposure(sensor: Sensor, automatic: AutoExposure | None) -> Exposure:
    """What the first frame is taken with: the stated exposure, within the limits."""
    if automatic is None:
        return Exposure(sensor.exposure_us)
    return Exposure(float(np.clip(sensor.exposure_us, automatic.min_us, automatic.max_us)))


def metered(dn: NDArray[np.unsignedinteger] | NDArray[np.floating], sensor: Sensor, automatic: AutoExposure) -> float:
    """Share of the range above the offset that the image (H, W) reaches, not below that of a tenth of a number."""
    level = float(dn.mean()) if automatic.percentile is None else float(np.percentile(dn, automatic.percentile))
    return share_of_range(level, sensor)


def share_of_range(level_dn: float, sensor: Sensor) -> float:
    """Share of the range above the offset, not below that of a tenth of a number."""
    return max(level_dn - sensor.black_dn, 0.1) / (sensor.white_dn - sensor.black_dn)


def next_exposure(now: Exposure, level: float, automatic: AutoExposure, lag: float | None = None) -> Exposure:
    """What the next frame is taken with.

    Args:
        now: what this frame was taken with.
        level: what was metered in it, see `metered`.
        automatic: target, limits, lag.
        lag: in place of the stated one.
    """
    kept = automatic.lag if lag is None else lag
    factor = float(np.clip((automatic.target / level) ** (1.0 - kept), 1.0 / MOST_STEP, MOST_STEP))
    most = automatic.max_us * automatic.max_gain
    value = float(np.clip(now.exposure_us * now.gain * factor, automatic.min_us, most))
    exposure = min(value, automatic.max_us)
    return Exposure(exposure, value / exposure)
