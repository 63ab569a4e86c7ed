"""Lenses of a headset file: a projection model with its intrinsics, and what the lens does to light."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Len
from pydantic import AfterValidator, Field, model_validator

from headsets.schema.base import Fraction, Part, Positive, Range, increasing

Pixels = Annotated[int, Field(ge=1, le=8192)]
FocalLength = Annotated[float, Field(gt=0, le=100_000)]
PlaneAngle = Annotated[float, Field(gt=0, lt=170)]
FisheyeAngle = Annotated[float, Field(gt=0, lt=220)]
Coefficient = Annotated[float, Field(ge=-1e6, le=1e6)]


class VignettingPart(Part):
    """A round opening of the housing in front of the entrance pupil, centred on the optical axis."""

    opening_radius_mm: Positive
    opening_distance_mm: Positive


class LensPart(Part):
    """Keys of every lens. The focal length is given in pixels, or by the field of view.

    `fov_deg` is the full angle across the image's width, edge to edge, for a centred principal point.
    `cx_px`, `cy_px` default to the image centre; the centre of the top-left pixel is (0, 0).
    """

    width_px: Pixels
    height_px: Pixels
    fx_px: FocalLength | None = None
    fy_px: FocalLength | None = None
    cx_px: Coefficient | None = None
    cy_px: Coefficient | None = None
    f_number: Annotated[float, Field(gt=0, le=64)]
    focus_mm: Positive
    transmission: Fraction
    band_pass_nm: Annotated[Range, AfterValidator(increasing)] | None = None
    psf_sigma_px: Annotated[float, Field(ge=0, le=8)] = 0.6
    veiling_glare: Annotated[float, Field(ge=0, lt=1)] = 0.015
    vignetting: VignettingPart | None = None

    @model_validator(mode="after")
    def _one_focal_length(self) -> Self:
        fov = getattr(self, "fov_deg", None)
        if (fov is None) != (self.fx_px is not None):
            raise ValueError(f"exactly one of fx_px and fov_deg must be given, got {'both' if fov else 'none'}")
        if fov is not None and self.fy_px is not None:
            raise ValueError("`fy_px` goes with fx_px, not with fov_deg")
        return self


class PinholePart(LensPart):
    """u = fx x/z + cx."""

    model: Literal["pinhole"]
    fov_deg: PlaneAngle | None = None


class BrownConradyPart(LensPart):
    """OpenCV's default model; k: k1, k2, k3 and, for the rational form, k4, k5, k6; p: p1, p2."""

    model: Literal["brown_conrady"]
    fov_deg: PlaneAngle | None = None
    k: Annotated[list[Coefficient], Len(0, 6)] = Field(default_factory=list)
    p: Annotated[list[Coefficient], Len(2, 2)] = Field(default_factory=lambda: [0.0, 0.0])


class KannalaBrandt4Part(LensPart):
    """OpenCV's fisheye model; k: k1..k4."""

    model: Literal["kannala_brandt4"]
    fov_deg: FisheyeAngle | None = None
    k: Annotated[list[Coefficient], Len(4, 4)]


class DoubleSpherePart(LensPart):
    """Usenko's model."""

    model: Literal["double_sphere"]
    fov_deg: FisheyeAngle | None = None
    xi: Annotated[float, Field(gt=-1, lt=1)]
    alpha: Annotated[float, Field(ge=0, le=1)]


AnyLens = Annotated[
    PinholePart | BrownConradyPart | KannalaBrandt4Part | DoubleSpherePart, Field(discriminator="model")
]
