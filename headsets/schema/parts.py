"""Sensors, emitters, cameras and LEDs of a headset file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import Discriminator, Field, Tag, model_validator

from headsets.schema.base import Fraction, Name, NotNegative, Part, Posed, Positive
from headsets.schema.lenses import AnyLens

Region = Literal["eye_left", "eye_right", "glabella", "mouth", "lips", "nose", "cheeks", "chin", "forehead"]
"""Scored regions; left and right are the wearer's."""
Wavelength = Annotated[float, Field(ge=400, le=1700)]


class AutoExposurePart(Part):
    """How a camera finds its exposure: the share of its range that the mean, or a percentile, shall reach."""

    target: Annotated[float, Field(gt=0, lt=1)] = 0.18
    percentile: Annotated[float, Field(gt=0, le=100)] | None = None
    min_us: Positive = 20.0
    max_us: Positive
    lag: Annotated[float, Field(ge=0, lt=1)] = 0.7
    max_gain: Annotated[float, Field(ge=1, le=1000)] = 1.0

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.min_us > self.max_us:
            raise ValueError(f"`min_us <= max_us` must hold, got {self.min_us:g} > {self.max_us:g}")
        return self


class SensorPart(Part):
    """An image sensor in EMVA 1288 terms; `quantum_efficiency` maps wavelength in nm to electrons per photon."""

    pixel_um: Annotated[float, Field(gt=0, le=100)]
    quantum_efficiency: Annotated[dict[Wavelength, Fraction], Len(1)]
    full_well_e: Positive
    read_noise_e: NotNegative
    dark_e_per_s: NotNegative
    bits: Annotated[int, Field(ge=1, le=16)]
    exposure_us: Positive
    frame_rate_hz: Positive = 30.0
    prnu: Fraction = 0.01
    dsnu_e: NotNegative = 2.0
    offset_dn: NotNegative | None = None
    gain_dn_per_e: Positive | None = None
    auto_exposure: AutoExposurePart | None = None

    @model_validator(mode="after")
    def _offset_leaves_range(self) -> Self:
        if self.offset_dn is not None and self.offset_dn >= 2**self.bits - 1:
            raise ValueError(f"`offset_dn < 2^bits - 1` must hold, got {self.offset_dn:g} at {self.bits} bits")
        return self


class ProfilePart(Part):
    """A measured profile: intensity (any unit) at angles from the axis."""

    angle_deg: Annotated[list[Annotated[float, Field(ge=0, le=180)]], Len(2, 10_000)]
    intensity: Annotated[list[NotNegative], Len(2, 10_000)]


class EmitterPart(Part):
    """An LED type. The shape of its beam is given in one way; `profile` is a table or the name of an IES file."""

    wavelength_nm: Wavelength
    fwhm_nm: Annotated[float, Field(gt=0, le=500)]
    radiant_intensity_mw_sr: Positive
    half_angle_deg: Annotated[float, Field(gt=0, lt=90)] | None = None
    lambertian_order: Annotated[float, Field(gt=0, le=10_000)] | None = None
    profile: (
        Annotated[
            Annotated[str, Tag("file")] | Annotated[ProfilePart, Tag("inline")],
            Discriminator(lambda value: "file" if isinstance(value, str) else "inline"),
        ]
        | None
    ) = None
    source_mm: Annotated[float, Field(gt=0, le=100)]
    pulse_us: Positive
    rate_hz: Positive
    bin_spread: Annotated[float, Field(ge=1, le=100)] = 2.0
    droop_per_k: Annotated[float, Field(ge=-0.1, le=0.1)] = -0.005
    shift_nm_per_k: Annotated[float, Field(ge=-2, le=2)] = 0.3

    @model_validator(mode="after")
    def _one_beam(self) -> Self:
        ways = ("half_angle_deg", "lambertian_order", "profile")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(ways)} must be given, got {' and '.join(given) or 'none'}")
        duty = self.pulse_us * self.rate_hz * 1e-6
        if duty > 1:
            raise ValueError(f"`pulse_us * rate_hz <= 1e6` must hold (a duty cycle of 1), got a duty cycle of {duty:g}")
        return self


class TolerancePart(Part):
    """Placement tolerance, one standard deviation per axis."""

    position_mm: NotNegative
    rotation_deg: NotNegative


def _named_or_inline(value: Any) -> str:
    return "name" if isinstance(value, str) else "inline"


class CameraPart(Posed):
    """A camera; `lens` and `sensor` are names defined above, or the definition itself."""

    lens: Annotated[Annotated[str, Tag("name")] | Annotated[AnyLens, Tag("inline")], Discriminator(_named_or_inline)]
    sensor: Annotated[
        Annotated[str, Tag("name")] | Annotated[SensorPart, Tag("inline")], Discriminator(_named_or_inline)
    ]
    sees: Annotated[list[Region], Len(1)]
    tolerance: TolerancePart | None = None

    @model_validator(mode="after")
    def _each_region_once(self) -> Self:
        if len(set(self.sees)) != len(self.sees):
            raise ValueError(f"`sees` must name each region once, got {', '.join(self.sees)}")
        return self


class LedPart(Posed):
    """An LED; `emitter` is a name defined above, or the definition itself; `current` is relative to the emitter's."""

    emitter: Annotated[
        Annotated[str, Tag("name")] | Annotated[EmitterPart, Tag("inline")], Discriminator(_named_or_inline)
    ]
    current: Annotated[float, Field(ge=0, le=100)] = 1.0


class CoverGlassPart(Posed):
    """A flat window before cameras and LEDs; `position_mm` is the middle of its outer surface, which it looks out of.

    Its outline is a disc (`radius_mm`), or a rectangle (`width_mm` along its x axis and `height_mm` along y).
    """

    radius_mm: Positive | None = None
    width_mm: Positive | None = None
    height_mm: Positive | None = None
    thickness_mm: Annotated[float, Field(gt=0, le=20)]
    index: Annotated[float, Field(ge=1.3, le=2.5)] = 1.5
    surface_reflectance: Annotated[float, Field(ge=0, lt=1)] | None = None
    transmission: Annotated[float, Field(gt=0, le=1)] = 1.0

    @model_validator(mode="after")
    def _one_outline(self) -> Self:
        given = [key for key in ("radius_mm", "width_mm", "height_mm") if getattr(self, key) is not None]
        if given not in (["radius_mm"], ["width_mm", "height_mm"]):
            got = " and ".join(given) or "none"
            raise ValueError(f"either radius_mm, or both width_mm and height_mm, must be given, got {got}")
        return self


__all__ = [
    "AutoExposurePart",
    "CameraPart",
    "CoverGlassPart",
    "EmitterPart",
    "LedPart",
    "Name",
    "ProfilePart",
    "Region",
    "SensorPart",
    "TolerancePart",
]
