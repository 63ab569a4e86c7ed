"""What is known before any image is seen, and what no encoder can know: the stated priors of the bound."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from headsets.donning import DonningDistribution
from sim.errors import SimError

_POSITIVE = ("expression", "gaze_deg", "albedo_length_mm")


@dataclass(frozen=True)
class Priors:
    """Standard deviations, all priors of ours but where a source is named.

    Attributes:
        expression: of each blendshape weight, independent of each other; 0.29 is that of an even one on [0, 1].
        gaze_deg: of each eye's azimuth and elevation, independent of each other.
        donning: of how the headset sits; None: the headset's own.
        identity: of the face's shape, as a multiple of the population's.
        reflectance: of the skin's level from wearer to wearer, relative: 0.055 at 850 nm (NIST, doi 10.18434/M38597).
        albedo: of the skin's variation over one face, relative.
        albedo_length_mm: over which that is correlated, exp(−d²/2ℓ²).
        led: of each LED's power, relative; None: that of its bin, ln(spread)/√12.
        model_error: what an encoder cannot know of skin, hair and texture: relative to the light of a patch of skin of
            2πℓ² mm², once for each patch and camera.
        model_error_mm: ℓ of these patches, the length over which that error is correlated, exp(−d²/2ℓ²).
        detail_px: images are told apart after a Gaussian of this σ, in pixels of the camera: an encoder does not know
            where finer details of a new face lie.

    Raises:
        SimError: a value that is negative or not finite, or 0 where the bound needs a prior.
    """

    expression: float = 0.29
    gaze_deg: float = 10.0
    donning: DonningDistribution | None = None
    identity: float = 1.0
    reflectance: float = 0.055
    albedo: float = 0.08
    albedo_length_mm: float = 12.0
    led: float | None = None
    model_error: float = 0.1
    model_error_mm: float = 1.5
    detail_px: float = 3.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, float | int):
                continue
            if not 0.0 <= value < 1e3:
                raise SimError(f"`0 <= {name} < 1000` must hold for the priors of observability, got {value}")
            if name in _POSITIVE and value == 0.0:
                raise SimError(f"`{name} > 0` must hold for the priors of observability, got {value}")

    def describe(self) -> dict[str, object]:
        """Plain data, for records."""
        return asdict(self)
