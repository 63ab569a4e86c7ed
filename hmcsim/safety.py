"""Eye safety of a headset over wearers, donnings and gaze: the library's `headsets.eye_safety` put on people.

An estimate for design, not a certificate; docs/eye_safety.md says what is assumed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets import Headset
from headsets.errors import HeadsetError
from headsets.eye_safety import LedExposures, burn_weight, led_exposures, retinal_limit
from hmcsim.safety_result import EYES, MODES, NOTHING, TIE, EyeExposure, SafetyConfig, SafetyEstimate, Source
from sim.metrics.corneas import corneas_of
from sim.seeding import generator

DONNINGS_AT_ONCE = 64  # bounds the memory


def wearers_corneas(head: HeadModel, config: SafetyConfig) -> NDArray[np.float64]:
    """(I, 2, G, K, 3) m, head frame: every wearer's left and right corneal points in every gaze."""
    centres = [
        head.mesh(head.sample_identity(generator(config.seed, "identity", i))).T_head_eye[:, :3, 3]
        for i in range(config.identities)
    ]
    return corneas_of(np.stack(centres))


def estimate_safety(headset: Headset, corneas: NDArray[np.float64], config: SafetyConfig) -> SafetyEstimate:
    """Both hazards over wearers, donnings and gaze.

    Args:
        corneas: from `wearers_corneas` with the same configuration.

    Raises:
        HeadsetError: an LED whose wavelength the limits do not cover.
    """
    leds = tuple(headset.leds.values())
    for led in leds:
        try:
            burn_weight(led.wavelength_nm)
        except HeadsetError as error:
            raise HeadsetError(f"{error} (headset {headset.name!r}: leds.{led.name})") from None
    nearest = float("inf")
    tallies = {(eye, mode): _Tally() for mode in MODES for eye in EYES} if leds else {}
    for i, wearer in enumerate(corneas if leds else ()):
        poses = headset.donning.sample(generator(config.seed, "donning", i), config.donnings).as_matrix()
        for start in range(0, config.donnings, DONNINGS_AT_ONCE):
            T_device_head = poses[start : start + DONNINGS_AT_ONCE]
            for eye, points in zip(EYES, wearer, strict=True):
                placed = np.einsum("dij,gkj->dgki", T_device_head[:, :3, :3], points)
                exposures = led_exposures(leds, placed + T_device_head[:, None, None, :3, 3])
                nearest = min(nearest, float(exposures.distance.min()))
                for mode in MODES:
                    tallies[eye, mode].add(exposures, mode == "stuck_on")
    return SafetyEstimate(
        headset.name,
        config,
        len(leds),
        tuple(tally.result(eye, mode) for (eye, mode), tally in tallies.items()),
        tuple(sorted({led.radiant_intensity_w_sr * 1e3 for led in leds})),
        nearest * 1e3,
    )


class _Tally:
    """Mean and worst of one eye in one mode, over batches."""

    def __init__(self) -> None:
        self.total, self.count, self.worst = 0.0, 0, 0.0
        self.source = self.group = self.pulse = NOTHING

    def add(self, exposures: LedExposures, stuck_on: bool) -> None:
        """Points (D, G, K) of one wearer."""
        per_pose = exposures.corneal_irradiance(stuck_on).max(axis=-1)
        self.total += float(per_pose.sum())
        self.count += per_pose.size
        self.worst = max(self.worst, float(per_pose.max()))
        radiance = exposures.weighted_radiance(stuck_on)
        limit = retinal_limit(exposures.alpha_rad)
        self.source = _worse(self.source, _worst_source(exposures, radiance, limit, together=False))
        self.group = _worse(self.group, _worst_source(exposures, radiance, limit, together=True))
        if not stuck_on:
            flash = exposures.weighted_radiance(stuck_on=True)
            limit = exposures.pulse_limits()
            self.pulse = _worse(self.pulse, _worst_source(exposures, flash, limit, together=True))

    def result(self, eye: str, mode: str) -> EyeExposure:
        """What was found."""
        pulse = self.pulse if mode == "normal" else None
        return EyeExposure(eye, mode, self.total / self.count, self.worst, self.source, self.group, pulse)


def _worse(a: Source, b: Source) -> Source:
    return b if b.worse_than(a) else a


def _worst_source(
    exposures: LedExposures, radiance: NDArray[np.float64], limit: NDArray[np.float64], together: bool
) -> Source:
    """The largest share of radiance in its limit, both (L, *batch); of equal ones that of the highest irradiance."""
    shares = radiance / limit
    if together:
        shares = exposures.grouped(shares)
    largest = shares >= (1 - TIE) * shares.max()
    at = tuple(map(int, np.unravel_index(np.where(largest, exposures.irradiance, -1.0).argmax(), shares.shape)))
    led, point = at[0], at[1:]
    others = [j for j, near in enumerate(exposures.near(led)) if near[point]] if together else []
    return Source(
        (exposures.names[led], *(exposures.names[j] for j in others if j != led)),
        float(radiance[at]),
        float(limit[at]),
        float(shares[at]),
        float(exposures.distance[at]) * 1e3,
        float(exposures.irradiance[at]),
    )
