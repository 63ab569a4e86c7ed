"""What an eye safety estimate is taken over, and what it finds (see `hmcsim.safety`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from headsets.eye_safety import CORNEA_CLAUSE, EXEMPT_CLAUSE, PULSE_CLAUSE, RETINA_CLAUSE, corneal_limit
from headsets.eye_safety.limits import ICNIRP_RETINAL, IEC_RETINAL
from hmcsim.errors import HmcsimError

ESTIMATE = "An estimate for design, not an assessment of conformity: a test laboratory measures the product."
EYES = ("left", "right")
MODES = ("normal", "stuck_on")
MOST = 100_000
"""Of each count: a larger number is a slip."""
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
