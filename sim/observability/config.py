"""What the bound is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from faces.priors import LookPriors
from faces.protocol import HeadModel
from sim.errors import SimError
from sim.observability.parameters import Steps
from sim.observability.priors import Priors

REGIONS = ("eye_left", "eye_right", "glabella", "mouth")


@dataclass(frozen=True)
class ObservabilityConfig:
    """Wearers and states of a bound; equal configurations give equal results.

    Attributes:
        identities: wearers drawn; those of scores with the same seed.
        expressions: peak expressions of the head model, in each of which every wearer is taken, in one donning each.
        intensity: share of the peak.
        gaze_sd_deg: of the gaze drawn for each state; both eyes alike.
        seed: of every draw, >= 0.
        regions: whose surface counts; `observability_mm` as the one score of a layout is taken over all of them
            together.
        binning: pixels are read binning × binning as one: 1 for a report; a search takes more.
        identity_modes: of the population's shape that the encoder does not know.
        albedo_modes: of the skin's reflectance.
        priors: see there.
        steps: of the differences.
        look_priors: what wearers' looks are drawn from.

    Raises:
        SimError: a number outside its range.
    """

    identities: int = 4
    expressions: tuple[str, ...] = ("neutral", "smile", "jaw_drop", "pucker")
    intensity: float = 0.5
    gaze_sd_deg: float = 8.0
    seed: int = 0
    regions: tuple[str, ...] = REGIONS
    binning: int = 1
    identity_modes: int = 12
    albedo_modes: int = 48
    priors: Priors = Priors()
    steps: Steps = Steps()
    look_priors: LookPriors = LookPriors()

    def __post_init__(self) -> None:
        ranges: Mapping[str, tuple[float, float]] = {
            "identities": (1, 10_000),
            "intensity": (0.0, 1.0),
            "gaze_sd_deg": (0.0, 15.0),
            "seed": (0, 2**63),
            "binning": (1, 8),
            "identity_modes": (0, 60),
            "albedo_modes": (0, 400),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SimError(f"`{low:g} <= {name} <= {high:g}` must hold for observability, got {value}")
        if not self.expressions or not self.regions:
            raise SimError("`expressions` and `regions` must not be empty for observability")

    def check(self, head: HeadModel) -> None:
        """Hold names against a head model.

        Raises:
            SimError: an expression it does not have.
            FaceError: a region it does not have.
        """
        for name in self.expressions:
            if name not in head.peaks:
                known = ", ".join(head.peaks)
                raise SimError(f"unknown expression {name!r} for observability. Expressions: {known}")
        for region in self.regions:
            head.topology.region_triangles(region)

    def describe(self) -> dict[str, object]:
        """Plain data, for records."""
        plain = asdict(self)
        if self.look_priors == LookPriors():
            del plain["look_priors"]
        return plain
