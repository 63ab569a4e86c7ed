"""The `search` section: what an optimiser may move, where to, and what it must leave room for (docs/search.md)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from annotated_types import Len
from pydantic import AfterValidator, Field, model_validator

from headsets.schema.base import Fraction, Length, Name, NotNegative, Part, Positive, Range, Vector, increasing

HalfTurn = Annotated[float, Field(ge=-180, le=180)]
AngleRange = Annotated[list[HalfTurn], Len(2, 2), AfterValidator(increasing)]
LengthRange = Annotated[list[Length], Len(2, 2), AfterValidator(increasing)]
CurrentRange = Annotated[list[Annotated[float, Field(ge=0, le=100)]], Len(2, 2), AfterValidator(increasing)]
Names = Annotated[list[Name], Len(1)]
Constraint = Literal[
    "lens_barrels", "display", "glasses", "face", "shell", "parts", "view", "led_power", "eye_safety", "count"
]


class BoxPart(Part):
    """An axis-aligned box; an axis whose ends are equal is fixed."""

    low_mm: Vector
    high_mm: Vector

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for axis, low, high in zip("xyz", self.low_mm, self.high_mm, strict=True):
            if low > high:
                raise ValueError(f"`low_mm <= high_mm` must hold along {axis}, got {low:g} > {high:g}")
        return self


class RailPart(Part):
    """A polyline along which a part slides."""

    points_mm: Annotated[list[Vector], Len(2, 1000)]

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if any(a == b for a, b in zip(self.points_mm, self.points_mm[1:], strict=False)):
            raise ValueError("neighbouring `points_mm` must differ, got two that are equal")
        return self


class PatchPart(Part):
    """A patch of the shell: where rays from a point inside meet it, and how far inwards of it the part sits.

    Azimuth turns from +z towards +x (the wearer's left), elevation up.
    """

    from_mm: Vector
    azimuth_deg: AngleRange
    elevation_deg: Annotated[list[Annotated[float, Field(ge=-90, le=90)]], Len(2, 2), AfterValidator(increasing)]
    off_mm: Annotated[Range, AfterValidator(increasing)]


class MountPart(Part):
    """Where a part may sit; exactly one of the three."""

    box: BoxPart | None = None
    rail: RailPart | None = None
    shell: PatchPart | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [way for way in ("box", "rail", "shell") if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of box, rail, shell must be given, got {' and '.join(given) or 'none'}")
        return self


class MovablePart(Part):
    """What may change about a camera or LED; its mirror twin follows.

    It looks at `aim_at_mm` (default: its own look_at_mm) from wherever it sits, turned by pan and tilt, then rolled.
    """

    mount: Name | None = None
    aim_at_mm: Vector | None = None
    pan_deg: AngleRange | None = None
    tilt_deg: Annotated[list[Annotated[float, Field(ge=-89, le=89)]], Len(2, 2), AfterValidator(increasing)] | None = (
        None
    )
    roll_deg: AngleRange | None = None
    optional: bool = False


class MovableCameraPart(MovablePart):
    """Lenses and sensors to choose from, by name."""

    lens: Names | None = None
    sensor: Names | None = None


class MovableLedPart(MovablePart):
    """Currents, relative to the emitter's, and emitters to choose from, by name."""

    current: CurrentRange | None = None
    emitter: Names | None = None


class CountPart(Part):
    """How many there may be, mirror twins counted."""

    at_least: Annotated[int, Field(ge=0, le=1000)] = 0
    at_most: Annotated[int, Field(ge=0, le=1000)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"`at_least <= at_most` must hold, got {self.at_least} > {self.at_most}")
        return self


class ConstraintsPart(Part):
    """Limits that every layout keeps; priors unless the file says otherwise."""

    clearance_mm: Annotated[float, Field(ge=0, le=100)] = 3.0
    camera_diameter_mm: Annotated[float, Field(ge=0, le=100)] = 5.0
    led_diameter_mm: Annotated[float, Field(ge=0, le=100)] = 2.0
    open_view: Fraction = 0.8
    led_power_mw: Positive | None = None
    eye_safety_share: NotNegative = 1.0
    stuck_on: bool = False
    ignore: list[Constraint] = Field(default_factory=list)


class SearchPart(Part):
    """The section as a whole; parts it does not name stay as they are."""

    mounts: dict[Name, MountPart] = Field(default_factory=dict)
    cameras: dict[Name, MovableCameraPart] = Field(default_factory=dict)
    leds: dict[Name, MovableLedPart] = Field(default_factory=dict)
    camera_count: CountPart = CountPart(at_least=1)
    led_count: CountPart = CountPart()
    constraints: ConstraintsPart = ConstraintsPart()
