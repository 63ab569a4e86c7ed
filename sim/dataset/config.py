"""What a data set varies, and how: the strict YAML file behind `hmcsim generate --config` (docs/dataset.md).

Numbers without a source are priors; docs/dataset.md says which. Everything here ends up in `dataset.json`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import Field, model_validator

from headsets.schema.base import Fraction, Name, Part, Positive
from sim.dataset.distributions import Distribution, constant, log_normal, normal, uniform, within

Share = Annotated[float, Field(ge=0, le=1e6)]


class SplitsPart(Part):
    """Shares of identities; all frames of one belong to one split."""

    train: Share = 0.8
    val: Share = 0.1
    test: Share = 0.1

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.train + self.val + self.test <= 0:
            raise ValueError("`train + val + test > 0` must hold, got 0")
        return self


class WearersPart(Part):
    """Who wears it, how many frames each gives, and how often they put it on.

    `captures`: how often the same wearer comes again, with another headset, donning, light and beard.
    `script`: what they are asked to do, a script of `faces.motion`, made to fill `frames_each`; without one every frame
    stands by itself. `spread`: how far each wearer's shape is from the mean wearer's, times what was drawn: 0 is the
    mean wearer, 1 the population, 1.5 somebody rare, 2 a caricature. `looks`: a mapping as in a file of look priors
    (docs/priors.md).
    """

    frames_each: Annotated[int, Field(ge=1, le=10_000_000)] = 20
    wearings_each: Annotated[int, Field(ge=1, le=100_000)] = 4
    captures: Annotated[int, Field(ge=1, le=1000)] = 1
    script: Name | None = None
    spread: Annotated[Distribution, within(0, 2)] = constant(1)
    splits: SplitsPart = SplitsPart()
    looks: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _wearings(self) -> Self:
        if self.wearings_each > self.frames_each:
            raise ValueError(f"`wearings_each <= frames_each` must hold, got {self.wearings_each} > {self.frames_each}")
        return self


class MixPart(Part):
    """Relative weights of the kinds of expression that a frame by itself may have."""

    neutral: Share = 0.05
    peak: Share = 0.35
    combination: Share = 0.35
    action: Share = 0.1
    rare: Share = 0.15

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not any(vars(self).values()):
            raise ValueError("at least one weight must be above 0, got none")
        return self


class ExpressionPart(Part):
    """Expressions of frames by themselves; sequences come from the wearers' `script`.

    `intensity` multiplies a whole expression; `parts` is how many a combination has; `background` is a weight added
    to each of `background_actions` random actions; `blink_share` of frames are taken in the middle of a blink.
    """

    mix: MixPart = MixPart()
    intensity: Annotated[Distribution, within(0, 1)] = uniform(0.3, 1.0)
    parts: Annotated[list[Annotated[int, Field(ge=1, le=6)]], Len(2, 2)] = Field(default_factory=lambda: [2, 3])
    background: Annotated[Distribution, within(0, 1)] = uniform(0.0, 0.1)
    background_actions: Annotated[int, Field(ge=0, le=52)] = 6
    blink_share: Fraction = 0.08

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.parts[0] > self.parts[1]:
            raise ValueError(f"`parts` must be [least, most], got {self.parts}")
        return self


class GazePart(Part):
    """Of the optical axes: the direction of the point looked at, in deg, and its distance, to which both converge."""

    azimuth_deg: Annotated[Distribution, within(-40, 40)] = normal(13.0, low=-35.0, high=35.0)
    elevation_deg: Annotated[Distribution, within(-35, 30)] = normal(9.0, mean=-3.0, low=-30.0, high=25.0)
    distance_m: Annotated[Distribution, within(0.1, 1e6)] = log_normal(1.0, 0.6)


class DonningPart(Part):
    """How the headset sits: per degree of freedom, the headset file's own spread where nothing is said.

    `scale` multiplies those of the file. Slip is added frame by frame about each wearing: along each axis, and about
    each; in sequences it drifts from one draw to the next within `slip_every_s`.
    """

    scale: Annotated[float, Field(ge=0, le=10)] = 1.0
    lateral_mm: Annotated[Distribution, within(-50, 50)] | None = None
    up_mm: Annotated[Distribution, within(-50, 50)] | None = None
    depth_mm: Annotated[Distribution, within(-50, 50)] | None = None
    pitch_deg: Annotated[Distribution, within(-45, 45)] | None = None
    yaw_deg: Annotated[Distribution, within(-45, 45)] | None = None
    roll_deg: Annotated[Distribution, within(-45, 45)] | None = None
    slip_mm: Annotated[Distribution, within(-20, 20)] = normal(0.6)
    slip_deg: Annotated[Distribution, within(-20, 20)] = normal(0.4)
    slip_every_s: Positive = 2.0


class HardwarePart(Part):
    """The headset as it left the line: each wearer (and capture) gets one of its own.

    Camera poses take the headset file's tolerance where it states one, else `position_mm` and `rotation_deg`, and so do
    LEDs always; both times `scale`. Lenses come in `lens_sets` sets, for a new lens takes the renderer as long as some
    twenty images; 0: all are nominal.
    """

    scale: Annotated[float, Field(ge=0, le=20)] = 1.0
    position_mm: Annotated[float, Field(ge=0, le=5)] = 0.15
    rotation_deg: Annotated[float, Field(ge=0, le=10)] = 0.5
    lens_sets: Annotated[int, Field(ge=0, le=10_000)] = 4
    focal_percent: Annotated[float, Field(ge=0, le=5)] = 0.3
    principal_px: Annotated[float, Field(ge=0, le=20)] = 1.0
    led_bins: bool = True


class AmbientPart(Part):
    """Light beside the LEDs', in band: in `share` of the wearings; of these `sun_share` with sun that leaks in.

    `uneven` is how much brighter the brightest side of the surroundings is than their mean.
    """

    share: Fraction = 0.2
    irradiance_w_m2: Annotated[Distribution, within(0, 1e4)] = log_normal(0.05, 0.8)
    uneven: Annotated[Distribution, within(0, 1)] = uniform(0.0, 0.6)
    sun_share: Fraction = 0.1
    sun_w_m2: Annotated[Distribution, within(0, 1e4)] = log_normal(0.5, 0.8)


class LightPart(Part):
    """LED current and temperature of a wearing, failed LEDs, and ambient light."""

    current: Annotated[Distribution, within(0, 1000)] = log_normal(1.0, 0.15)
    warming_k: Annotated[Distribution, within(-50, 150)] = uniform(0.0, 30.0)
    failure_share: Fraction = 0.01
    failed: list[Name] = Field(default_factory=list)
    ambient: AmbientPart = AmbientPart()


class ExposurePart(Part):
    """`mode`: as the headset file says, automatic in any case, or fixed at `us`; `bias_stops` is by how much a frame
    is taken brighter (+) or darker (−) than that."""

    mode: Literal["headset", "auto", "fixed"] = "headset"
    us: Positive | None = None
    bias_stops: Annotated[Distribution, within(-6, 6)] = normal(0.2)

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        if (self.mode == "fixed") != (self.us is not None):
            raise ValueError(f"`us` goes with mode 'fixed', got us={self.us} with mode {self.mode!r}")
        return self


class ImagesPart(Part):
    """`bits` 8: the upper 8 bits of the digital numbers; 16: the numbers as the sensor gives them, 10 or 12 bits, in
    16-bit files."""

    bits: Literal[8, 16] = 8


class OutputsPart(Part):
    """What is stored besides images and labels; each costs disk: lights most, then depth and normals.

    `lights`: of each LED alone an image without noise, from which frames are lit anew; it also costs as much time as
    a frame for each LED.
    """

    regions: bool = False
    depth: bool = False
    normals: bool = False
    mesh: bool = False
    lights: bool = False


class DatasetConfig(Part):
    """A data-set configuration; docs/dataset.md explains each key."""

    hmcsim_dataset: Literal[1] = 1
    render: Literal["fast", "full"] = "full"
    images: ImagesPart = ImagesPart()
    outputs: OutputsPart = OutputsPart()
    wearers: WearersPart = WearersPart()
    expression: ExpressionPart = ExpressionPart()
    gaze: GazePart = GazePart()
    donning: DonningPart = DonningPart()
    hardware: HardwarePart = HardwarePart()
    light: LightPart = LightPart()
    exposure: ExposurePart = ExposurePart()

    def record(self) -> dict[str, Any]:
        """Plain data, defaults written out."""
        return self.model_dump(mode="json")
