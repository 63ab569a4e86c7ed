"""What LEDs do to eyes at given points: irradiance of the cornea, radiance and shares of the retinal limit.

Everything errs to the safe side: no cosine at the cornea, no averaging over an aperture, sharp retinal images at any
distance, nothing in the way. docs/eye_safety.md argues each choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headsets.errors import HeadsetError
from headsets.eye_safety.limits import ALPHA_MAX_RAD, burn_weight, pulse_limit, retinal_limit
from headsets.headset import Led


@dataclass(frozen=True, eq=False)
class LedExposures:
    """L LEDs as they reach points (*batch,), while lit.

    Attributes:
        names: L.
        pulse_s: (L,) length of a flash.
        duty: (L,) share of the time each is lit.
        weight: (L,) burn hazard weights R.
        distance: (L, *batch) m.
        irradiance: (L, *batch) W/m2 on a surface that faces the LED.
        radiance: (L, *batch) W/m2/sr of the emitting disc as it looks from there, unweighted.
        alpha_rad: (L, *batch) angular subtense; limits clip it.
        direction: (L, *batch, 3) unit, from the point to the LED.
    """

    names: tuple[str, ...]
    pulse_s: NDArray[np.float64]
    duty: NDArray[np.float64]
    weight: NDArray[np.float64]
    distance: NDArray[np.float64]
    irradiance: NDArray[np.float64]
    radiance: NDArray[np.float64]
    alpha_rad: NDArray[np.float64]
    direction: NDArray[np.float64]

    def corneal_irradiance(self, stuck_on: bool = False) -> NDArray[np.float64]:
        """(*batch,) W/m2, all LEDs together, averaged over their strobes; `stuck_on`: strobes never end."""
        return np.asarray(np.tensordot(self._lit(stuck_on), self.irradiance, 1))

    def weighted_radiance(self, stuck_on: bool = False) -> NDArray[np.float64]:
        """(L, *batch) W/m2/sr, burn-weighted, averaged over the strobe or not."""
        return self._column(self._lit(stuck_on) * self.weight) * self.radiance

    def retinal_shares(self, stuck_on: bool = False) -> NDArray[np.float64]:
        """(L, *batch) weighted radiance over its limit, each LED alone."""
        return self.weighted_radiance(stuck_on) / retinal_limit(self.alpha_rad)

    def pulse_limits(self) -> NDArray[np.float64]:
        """(L, *batch) W/m2/sr, limit of the weighted radiance of one flash of each LED."""
        return pulse_limit(self.alpha_rad, self._column(self.pulse_s))

    def pulse_shares(self) -> NDArray[np.float64]:
        """(L, *batch) weighted radiance of one flash over its limit, each LED alone."""
        return self.weighted_radiance(stuck_on=True) / self.pulse_limits()

    def near(self, led: int) -> NDArray[np.bool_]:
        """(L, *batch) which LEDs appear within 100 mrad of one of them, itself included."""
        cosine = (self.direction * self.direction[led]).sum(-1)
        cosine[led] = 1.0
        return np.asarray(cosine >= np.cos(ALPHA_MAX_RAD))

    def grouped(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """(L, *batch) around each LED, the sum of the shares (L, *batch) of all within 100 mrad.

        No field of view of up to 100 mrad, as the limits may be applied to, has a larger share.
        """
        toward = np.moveaxis(self.direction, 0, -2)
        near = toward @ np.swapaxes(toward, -1, -2) >= np.cos(ALPHA_MAX_RAD)
        near |= np.eye(len(self.names), dtype=bool)
        return np.moveaxis((near @ np.moveaxis(shares, 0, -1)[..., None])[..., 0], -1, 0)

    def _lit(self, stuck_on: bool) -> NDArray[np.float64]:
        return np.ones_like(self.duty) if stuck_on else self.duty

    def _column(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values.reshape(-1, *[1] * (self.radiance.ndim - 1))


def led_exposures(leds: Sequence[Led], points: ArrayLike) -> LedExposures:
    """LEDs as flat discs of diameter `source_m`, seen from points (*batch, 3), m, device frame.

    Radiance is intensity over the disc's foreshortened area: a Lambertian chip is as bright from all sides. Where a
    wider beam would make it brighter from the side than from the front, the package's walls shine, not the chip, and
    the front's radiance stays. The subtense is the disc's diameter, not foreshortened.

    Raises:
        HeadsetError: no LED, or one whose wavelength the limits do not cover.
    """
    if not leds:
        raise HeadsetError("`leds` must not be empty for an exposure, got none")
    weight = []
    for led in leds:
        try:
            weight.append(burn_weight(led.wavelength_nm))
        except HeadsetError as error:
            raise HeadsetError(f"{error} (LED {led.name!r})") from None
    p = np.asarray(points, dtype=np.float64)
    distance, irradiance, radiance, alpha, direction = [], [], [], [], []
    for led in leds:
        to_point = p - led.position
        # Nearer than its own radius a disc is no point: there, irradiance stays at pi times radiance.
        r = np.maximum(np.linalg.norm(to_point, axis=-1), 0.5 * led.source_m)
        away = to_point / r[..., None]
        cosine = np.clip(away @ led.axis, -1.0, 1.0)
        intensity = led.radiant_intensity_w_sr * led.profile.relative(np.arccos(cosine))
        distance.append(r)
        irradiance.append(intensity / r**2)
        seen_flat = intensity / np.maximum(np.abs(cosine), 1e-6)
        highest = np.maximum(led.radiant_intensity_w_sr, intensity)
        radiance.append(np.minimum(seen_flat, highest) / (0.25 * np.pi * led.source_m**2))
        alpha.append(led.source_m / r)
        direction.append(-away)
    return LedExposures(
        tuple(led.name for led in leds),
        np.array([led.pulse_us * 1e-6 for led in leds]),
        np.array([led.pulse_us * led.rate_hz * 1e-6 for led in leds]),
        np.array(weight),
        np.stack(distance),
        np.stack(irradiance),
        np.stack(radiance),
        np.stack(alpha),
        np.stack(direction),
    )
