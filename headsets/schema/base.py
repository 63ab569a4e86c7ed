"""What all parts of a headset file share: strictness, vectors, names, poses."""

from __future__ import annotations

from typing import Annotated, Self

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Length = Annotated[float, Field(ge=-2000, le=2000)]
"""A coordinate in mm. Two metres from the eyes there is no headset: a larger number is a slip of units."""
Vector = Annotated[list[Length], Len(3, 3)]
Range = Annotated[list[Annotated[float, Field(ge=0)]], Len(2, 2)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Positive = Annotated[float, Field(gt=0, le=1e7)]
"""Ten million of any unit of the file (µs, electrons, mW/sr) is beyond hardware: a larger number is a slip."""
NotNegative = Annotated[float, Field(ge=0, le=1e7)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Angle = Annotated[float, Field(ge=-360, le=360)]


class Part(BaseModel):
    """A mapping of the file: unknown keys, wrong types, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Posed(Part):
    """A part with a pose in the device frame: a position, and where it points.

    The direction is given in exactly one way: a point to look at (with a roll about that direction),
    a unit quaternion in wxyz order, or a rotation matrix whose columns are the part's axes.
    """

    position_mm: Vector
    look_at_mm: Vector | None = None
    roll_deg: Angle = 0.0
    quaternion_wxyz: Annotated[list[float], Len(4, 4)] | None = None
    rotation_matrix: Annotated[list[Annotated[list[float], Len(3, 3)]], Len(3, 3)] | None = None
    mirror: Name | None = None

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        ways = ("look_at_mm", "quaternion_wxyz", "rotation_matrix")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(ways)} must be given, got {' and '.join(given) or 'none'}")
        if self.look_at_mm is None and self.roll_deg != 0:
            raise ValueError(f"`roll_deg` goes with look_at_mm only, got roll_deg={self.roll_deg:g} with {given[0]}")
        return self


def increasing(values: list[float]) -> list[float]:
    """Validator of [low, high] pairs."""
    if values[0] > values[1]:
        raise ValueError(f"`low <= high` must hold, got {values[0]:g} > {values[1]:g}")
    return values
