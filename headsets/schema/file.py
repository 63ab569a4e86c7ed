"""The headset file as a whole, and its sections about the housing and the wearer."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator, Field

from headsets.schema.base import Fraction, Name, Part, Positive, Range, increasing
from headsets.schema.lenses import AnyLens
from headsets.schema.parts import CameraPart, CoverGlassPart, EmitterPart, LedPart, SensorPart
from headsets.schema.search import SearchPart


class ShellPart(Part):
    """The housing: a mesh file (STL, OBJ, GLB) beside the headset file, or shipped with the package."""

    mesh: str
    units: Literal["mm", "m"] = "mm"
    reflectance: Fraction = 0.1


Gap = Annotated[float, Field(ge=0, le=200)]
"""A distance about the face in mm; beyond it, it is a slip of units."""


class BarrelSurfacePart(Part):
    """The viewing lenses' tubes; `keep_out.lens_barrels` says where they are."""

    reflectance: Fraction = 0.06


class ViewingLensPart(Part):
    """The viewing lenses in them: what they scatter, and the mirror that their front surface is."""

    reflectance: Fraction = 0.03
    ghost_reflectance: Fraction = 0.04
    index: Annotated[float, Field(gt=1, le=3)] = 1.5
    radius_mm: Annotated[float, Field(ge=5, le=1e6)] = 60.0
    mount_mm: Gap = 3.0


class InterfacePart(Part):
    """Foam between the shell's rear edge and the face, and the skin that yields to it."""

    reflectance: Fraction = 0.06
    reach_above_mm: Gap = 35.0
    reach_below_mm: Gap = 15.0
    beside_mm: Gap = 50.0
    pressed_mm: Annotated[float, Field(ge=0, le=10)] = 1.5
    yields_mm: Annotated[float, Field(ge=0, le=10)] = 1.2
    yields_over_mm: Annotated[float, Field(gt=0, le=50)] = 4.0


class HousingPart(Part):
    """Surfaces about the face besides the shell's; all are priors."""

    barrel: BarrelSurfacePart = BarrelSurfacePart()
    viewing_lens: ViewingLensPart = ViewingLensPart()
    interface: InterfacePart = InterfacePart()


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
    cover_glasses: dict[Name, CoverGlassPart] = Field(default_factory=dict)
    shell: ShellPart | None = None
    housing: HousingPart = HousingPart()
    fit: FitPart
    keep_out: KeepOutPart = KeepOutPart()
    search: SearchPart | None = None
