"""The headset file as a whole, and its sections about the housing and the wearer."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator, Field

from headsets.schema.base import Fraction, Name, Part, Positive, Range, increasing
from headsets.schema.lenses import AnyLens
from headsets.schema.parts import CameraPart, EmitterPart, LedPart, SensorPart
from headsets.schema.search import SearchPart


class ShellPart(Part):
    """The housing: a mesh file (STL, OBJ, GLB) beside the headset file, or shipped with the package."""

    mesh: str
    units: Literal["mm", "m"] = "mm"
    reflectance: Fraction = 0.1


Spread = Annotated[float, Field(ge=0, le=50)]
"""A headset that shifts by more than 50 mm has fallen off."""


class DonningPart(Part):
    """One standard deviation of how the headset sits from one wearing to the next."""

    lateral_mm: Spread
    up_mm: Spread
    depth_mm: Spread
    pitch_deg: Annotated[float, Field(ge=0, le=45)]
    yaw_deg: Annotated[float, Field(ge=0, le=45)]
    roll_deg: Annotated[float, Field(ge=0, le=45)]


class FitPart(Part):
    """How it fits heads: eye relief is from the corneal apex to the viewing lens."""

    eye_relief_mm: Positive
    ipd_mm: Annotated[Range, AfterValidator(increasing)]
    donning: DonningPart


class LensBarrelsPart(Part):
    """The tubes of the viewing lenses; `from_eye_mm` is from the corneal apex to their rim."""

    radius_mm: Positive
    from_eye_mm: Positive
    length_mm: Positive = 25.0


class DisplayPart(Part):
    """The wearer's view: full angle of the cone that must stay free."""

    fov_deg: Annotated[float, Field(gt=0, lt=170)]


class GlassesPart(Part):
    """Glasses to leave room for; vertex distance is from the corneal apex to the back of the pane."""

    width_mm: Positive
    vertex_distance_mm: Annotated[Range, AfterValidator(increasing)]
    lens_width_mm: Positive = 50.0
    lens_height_mm: Positive = 35.0
    bridge_mm: Positive = 18.0
    thickness_mm: Positive = 3.0
    rim_mm: Positive = 2.5
    drop_mm: Annotated[float, Field(ge=-20, le=20)] = 3.0
    temple_length_mm: Positive = 135.0
    worn: bool = False


class KeepOutPart(Part):
    """Room left to others."""

    lens_barrels: LensBarrelsPart | None = None
    display: DisplayPart | None = None
    glasses: GlassesPart | None = None


class HeadsetFile(Part):
    """A headset file; docs/headset_file.md explains each key."""

    hmcsim: Literal[1]
    name: Name
    note: str
    lenses: dict[Name, AnyLens] = Field(default_factory=dict)
    sensors: dict[Name, SensorPart] = Field(default_factory=dict)
    emitters: dict[Name, EmitterPart] = Field(default_factory=dict)
    cameras: Annotated[dict[Name, CameraPart], Len(1)]
    leds: dict[Name, LedPart] = Field(default_factory=dict)
    shell: ShellPart | None = None
    fit: FitPart
    keep_out: KeepOutPart = KeepOutPart()
    search: SearchPart | None = None
