"""How bright the LEDs of one headset at one moment are: current, bin, temperature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from headsets.headset import Headset, Led
from sim.errors import SimError


@dataclass(frozen=True)
class Drive:
    """State of a headset's LEDs against their data sheet.

    Attributes:
        current: of all LEDs, relative to that of the headset file; light is taken to be proportional to it.
        currents: further factors by LED name.
        bins: factors by LED name of where each lies in its bin; see `sample_drive`.
        warming_k: junction temperature above that of the data sheet (25 °C).
    """

    current: float = 1.0
    currents: Mapping[str, float] = field(default_factory=dict)
    bins: Mapping[str, float] = field(default_factory=dict)
    warming_k: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("current", self.current), *self.currents.items(), *self.bins.items()):
            if not (np.isfinite(value) and value >= 0.0):
                raise SimError(f"`factor >= 0` must hold, got {value} for {name!r} (Drive)")
        if not -100.0 <= self.warming_k <= 200.0:
            raise SimError(f"`-100 <= warming_k <= 200` must hold, got {self.warming_k} (Drive)")


def sample_drive(
    rng: np.random.Generator, headset: Headset, current: float = 1.0, warming_k: tuple[float, float] = (0.0, 30.0)
) -> Drive:
    """A headset off the line, somewhere in its warm-up.

    Bins: the logarithm of the factor is even over the emitter's `bin_spread`, so that brightest and dimmest are that
    far apart and the middle stays at 1. Warming: even over its range. Priors, but for the spread.
    """
    bins = {name: led.bin_spread ** float(rng.uniform(-0.5, 0.5)) for name, led in headset.leds.items()}
    return Drive(current=current, bins=bins, warming_k=float(rng.uniform(*warming_k)))


def driven(headset: Headset, drive: Drive) -> Headset:
    """The headset with its LEDs' radiant intensities and wavelengths as they are when driven so.

    Raises:
        UnknownPartError: a factor for an LED that the headset lacks.
    """
    for name in (*drive.currents, *drive.bins):
        headset.led(name)
    return replace(headset, leds={name: _led(led, drive) for name, led in headset.leds.items()})


def _led(led: Led, drive: Drive) -> Led:
    factor = drive.current * drive.currents.get(led.name, 1.0) * drive.bins.get(led.name, 1.0)
    warmth = max(1.0 + led.droop_per_k * drive.warming_k, 0.0)
    return replace(
        led,
        radiant_intensity_w_sr=led.radiant_intensity_w_sr * factor * warmth,
        wavelength_nm=led.wavelength_nm + led.shift_nm_per_k * drive.warming_k,
    )
