"""Eye safety of a headset over wearers, donnings and gaze: the library's `headsets.eye_safety` put on people.

An estimate for design, not a certificate; docs/eye_safety.md says what is assumed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS, IRIS_RADIUS, gaze_rotation
from faces.protocol import HeadModel
from headsets import Headset
from headsets.errors import HeadsetError
from headsets.eye_safety import (
    CORNEA_CLAUSE,
    EXEMPT_CLAUSE,
    PULSE_CLAUSE,
    RETINA_CLAUSE,
    LedExposures,
    burn_weight,
    corneal_limit,
    led_exposures,
    retinal_limit,
)
from headsets.eye_safety.limits import ICNIRP_RETINAL, IEC_RETINAL
from hmcsim.errors import HmcsimError
from sim.seeding import generator

ESTIMATE = "An estimate for design, not an assessment of conformity: a test laboratory measures the product."
EYES = ("left", "right")
MODES = ("normal", "stuck_on")
MOST = 100_000
"""Of each count: a larger number is a slip."""
AZIMUTHS_DEG = (-45.0, -22.5, 0.0, 22.5, 45.0)
ELEVATIONS_DEG = (-40.0, -20.0, 0.0, 17.5, 35.0)
"""Gaze directions looked at, both eyes alike: the range that eyes have, evenly covered."""
GAZES = len(AZIMUTHS_DEG) * len(ELEVATIONS_DEG)
RING = 8
"""Points round the edge of the cornea that are looked at besides its apex."""
DONNINGS_AT_ONCE = 64  # bounds the memory
TIE = 1e-9
"""Shares that differ by less are one: chips of one kind are as bright from all sides."""


@dataclass(frozen=True)
class SafetyConfig:
    """Who wears the headset, and how often.

    Attributes:
        identities: wearers drawn; those that scores of the same seed draw.
        donnings: re-wearings of each.
        seed: of every draw, >= 0.

    Raises:
        HmcsimError: a number out of range.
    """

    identities: int = 24
    donnings: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("identities", 1), ("donnings", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise HmcsimError(f"`{name} >= {least}`, a whole number, must hold for eye safety, got {value!r}")
            if name != "seed" and value > MOST:
                raise HmcsimError(f"`{name} <= {MOST}` must hold for eye safety, got {value}")


@dataclass(frozen=True)
class Source:
    """The LED, or LEDs seen within 100 mrad of each other, with the largest share of the retinal limit.

    Attributes:
        leds: names.
        radiance_w_m2_sr: burn-weighted, of the first LED; averaged over its strobe unless it is stuck or one flash.
        limit_w_m2_sr: for the first LED's subtense.
        share: of the limit, all of them together.
        distance_mm: from the first LED to the cornea there.
        irradiance_w_m2: of the first LED there, while lit; decides between LEDs of one share.
    """

    leds: tuple[str, ...]
    radiance_w_m2_sr: float
    limit_w_m2_sr: float
    share: float
    distance_mm: float
    irradiance_w_m2: float

    def worse_than(self, other: Source) -> bool:
        """A larger share, or the same one from nearer."""
        if abs(self.share - other.share) <= TIE * other.share:
            return self.irradiance_w_m2 > other.irradiance_w_m2
        return self.share > other.share


NOTHING = Source((), 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class EyeExposure:
    """One eye in one mode, over all wearers, donnings and gazes.

    Attributes:
        eye: "left" or "right".
        mode: "normal", averaged over the strobe, or "stuck_on", the fault in which LEDs stay lit.
        mean_w_m2: corneal irradiance, the highest on the cornea, mean over the poses.
        worst_w_m2: the highest of all.
        source: the worst single LED.
        group: the worst LEDs together.
        pulse: the worst LEDs together in a single flash; None where they stay lit.
    """

    eye: str
    mode: str
    mean_w_m2: float
    worst_w_m2: float
    source: Source
    group: Source
    pulse: Source | None

    @property
    def corneal_share(self) -> float:
        """Of the exempt group's limit."""
        return self.worst_w_m2 / corneal_limit()

    @property
    def shares(self) -> dict[str, float]:
        """Clause -> share of its limit."""
        shares = {CORNEA_CLAUSE: self.corneal_share, RETINA_CLAUSE: self.group.share}
        return shares if self.pulse is None else {**shares, PULSE_CLAUSE: self.pulse.share}

    @property
    def share(self) -> float:
        """The largest of them."""
        return max(self.shares.values())


@dataclass(frozen=True)
class SafetyEstimate:
    """What `estimate_safety` finds.

    Attributes:
        exposures: left and right, normal and stuck on; empty where the headset has no LEDs.
        intensities_mw_sr: axial radiant intensities in the file, each once, rising.
        nearest_mm: smallest distance from an LED to a cornea.
    """

    headset: str
    config: SafetyConfig
    leds: int
    exposures: tuple[EyeExposure, ...]
    intensities_mw_sr: tuple[float, ...]
    nearest_mm: float

    def of(self, mode: str) -> tuple[EyeExposure, ...]:
        """Both eyes in one mode."""
        return tuple(e for e in self.exposures if e.mode == mode)

    def share(self, mode: str) -> float:
        """The largest share of an exempt limit; 0 without LEDs."""
        return max((e.share for e in self.of(mode)), default=0.0)

    def largest_factor(self, mode: str) -> float:
        """By how much all currents may grow until a limit of the exempt group is met, intensity in proportion."""
        share = self.share(mode)
        return 1 / share if share > 0 else float("inf")

    def limited_by(self, mode: str) -> str:
        """The clause that sets `largest_factor`."""
        shares = max(self.of(mode), key=lambda e: e.share).shares
        return max(shares, key=lambda clause: shares[clause])

    def to_json(self) -> dict[str, object]:
        """Plain data, units in the names."""
        return {
            "schema_version": 1,
            "note": ESTIMATE,
            "headset": self.headset,
            "config": asdict(self.config),
            "leds": self.leds,
            "nearest_mm": self.nearest_mm if self.leds else None,
            "clauses": {
                "cornea": CORNEA_CLAUSE,
                "retina": RETINA_CLAUSE,
                "single_flash": PULSE_CLAUSE,
                "exempt_group": EXEMPT_CLAUSE,
            },
            "corneal_limit_w_m2": corneal_limit(),
            "exposures": [
                {
                    **asdict(e),
                    "corneal_share": e.corneal_share,
                    "retinal_share": e.group.share,
                    "retinal_share_icnirp_2013": e.group.share * IEC_RETINAL / ICNIRP_RETINAL,
                }
                for e in self.exposures
            ],
            "largest_current": {
                mode: {
                    "factor": self.largest_factor(mode),
                    "radiant_intensity_mw_sr": [i * self.largest_factor(mode) for i in self.intensities_mw_sr],
                    "limited_by": self.limited_by(mode),
                }
                for mode in MODES
                if self.share(mode) > 0
            },
        }


def corneal_points() -> NDArray[np.float64]:
    """(1 + `RING`, 3) m: apex and edge of the cornea in an eye's own frame."""
    turn = np.arange(RING) * 2 * np.pi / RING
    root = np.sqrt(1 - (1 + CORNEA_ASPHERICITY) * (IRIS_RADIUS / CORNEA_RADIUS) ** 2)
    edge = CORNEA_APEX - IRIS_RADIUS**2 / (CORNEA_RADIUS * (1 + root))
    ring = np.stack([IRIS_RADIUS * np.cos(turn), IRIS_RADIUS * np.sin(turn), np.full(RING, edge)], axis=1)
    return np.concatenate([[[0.0, 0.0, CORNEA_APEX]], ring])


def wearers_corneas(head: HeadModel, config: SafetyConfig) -> NDArray[np.float64]:
    """(I, 2, G, K, 3) m, head frame: every wearer's left and right corneal points in every gaze."""
    azimuth, elevation = np.meshgrid(AZIMUTHS_DEG, ELEVATIONS_DEG, indexing="ij")
    turns = gaze_rotation(np.deg2rad(np.stack([azimuth.ravel(), elevation.ravel()], axis=1)))
    turned = np.einsum("gij,kj->gki", turns, corneal_points())
    centres = [
        head.mesh(head.sample_identity(generator(config.seed, "identity", i))).T_head_eye[:, :3, 3]
        for i in range(config.identities)
    ]
    return np.stack(centres)[:, :, None, None] + turned


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
