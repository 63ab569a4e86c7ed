"""The search space of a headset file, typed and checked against the parts it names (docs/search.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from headsets.errors import HeadsetError
from headsets.place import Place, display_path
from headsets.schema.explain import explain, nearest, value_text
from headsets.schema.file import HeadsetFile
from headsets.schema.parts import CameraPart, LedPart
from headsets.schema.search import (
    CountPart,
    MountPart,
    MovableCameraPart,
    MovableLedPart,
    MovablePart,
    SearchPart,
)
from headsets.yaml_text import parse_yaml

Point = tuple[float, float, float]
Interval = tuple[float, float]
"""Lowest and highest."""


@dataclass(frozen=True)
class Box:
    """Corners, mm, device frame."""

    low_mm: Point
    high_mm: Point


@dataclass(frozen=True)
class Rail:
    """Corners of a polyline, mm, device frame."""

    points_mm: tuple[Point, ...]


@dataclass(frozen=True)
class Patch:
    """A patch of the shell: rays from a point, mm, over azimuth and elevation, deg, and mm off the shell, inwards."""

    from_mm: Point
    azimuth_deg: Interval
    elevation_deg: Interval
    off_mm: Interval


Mount = Box | Rail | Patch


@dataclass(frozen=True)
class Movable:
    """What may change about one part of the file.

    Attributes:
        kind: "cameras" or "leds", its section.
        mount: None: it stays where it is.
        aim_mm: what it looks at where pan and tilt are 0; None: its direction stays, for it does not move.
        pan_deg, tilt_deg, roll_deg: None: as in the file (pan and tilt 0).
        optional: whether it may be left out.
        choices: "lens", "sensor", "emitter" -> names to choose from.
        current: of an LED, relative; None: as in the file.
        twin: whether a mirror twin moves with it.
    """

    kind: str
    name: str
    mount: Mount | None
    aim_mm: Point | None
    pan_deg: Interval | None
    tilt_deg: Interval | None
    roll_deg: Interval | None
    optional: bool
    choices: Mapping[str, tuple[str, ...]]
    current: Interval | None
    twin: bool

    @property
    def key(self) -> str:
        """Section and name: cameras and LEDs may share names."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Count:
    """How many cameras or LEDs there may be, twins counted; `most` None: any number."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Limits:
    """What every layout keeps (`headsets.schema.search.ConstraintsPart`), mm, mW and shares."""

    clearance_mm: float
    camera_diameter_mm: float
    led_diameter_mm: float
    open_view: float
    led_power_mw: float | None
    eye_safety_share: float
    stuck_on: bool
    ignore: frozenset[str]


@dataclass(frozen=True)
class SearchSpace:
    """A `search` section that fits its headset; `part` is the section as it was read."""

    part: SearchPart
    movables: tuple[Movable, ...]
    cameras: Count
    leds: Count
    limits: Limits


def build_search(spec: HeadsetFile, place: Place, part: SearchPart | None = None) -> SearchSpace:
    """The search space of a headset file.

    Args:
        spec: the file.
        place: where its section stands, for messages.
        part: a section from elsewhere, instead of the file's own.

    Raises:
        HeadsetError: no section, or one that names what the headset does not have.
    """
    part = part or spec.search
    if part is None:
        raise HeadsetError(f"headset {spec.name!r} has no `search` section ({place.source})")
    for name, mount in part.mounts.items():
        if mount.shell is not None and spec.shell is None:
            raise (place / "mounts" / name / "shell").error("a patch of the shell needs a `shell` in the file", "none")
    movables = [
        *(_movable("cameras", name, moved, spec, part, place) for name, moved in part.cameras.items()),
        *(_movable("leds", name, moved, spec, part, place) for name, moved in part.leds.items()),
    ]
    limits = part.constraints.model_dump() | {"ignore": frozenset(part.constraints.ignore)}
    return SearchSpace(part, tuple(movables), _count(part.camera_count), _count(part.led_count), Limits(**limits))


def read_search(path: Path) -> SearchPart:
    """Read a search section from a file of its own: its keys at the top level, or below `search`.

    Raises:
        HeadsetError: unreadable, not YAML, or against the schema.
    """
    source = display_path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise HeadsetError(f"cannot read the search space {source}: {reason}") from error
    data = parse_yaml(text, source)
    if isinstance(data, dict) and set(data) == {"search"}:
        data = data["search"]
    if not isinstance(data, dict):
        raise HeadsetError(f"a search space must be a mapping, got {value_text(data)} ({source})")
    try:
        return SearchPart.model_validate(data)
    except ValidationError as error:
        raise HeadsetError(explain(error, data, SearchPart, source)) from None


def _movable(kind: str, name: str, moved: MovablePart, spec: HeadsetFile, part: SearchPart, place: Place) -> Movable:
    at = place / kind / name
    parts: Mapping[str, CameraPart | LedPart] = spec.cameras if kind == "cameras" else spec.leds
    if name not in parts:
        twins = {p.mirror: original for original, p in parts.items() if p.mirror}
        hint = f"move {twins[name]!r}, its mirror twin" if name in twins else nearest(name, list(parts))
        raise at.error(f"a part to move must be defined under {kind} ({hint})", repr(name))
    own = parts[name]
    mount = None
    if moved.mount is not None:
        if moved.mount not in part.mounts:
            hint = nearest(moved.mount, list(part.mounts))
            raise (at / "mount").error(f"`mount` must be defined under search.mounts ({hint})", repr(moved.mount))
        mount = _mount(part.mounts[moved.mount])
    aim = moved.aim_at_mm or own.look_at_mm
    if aim is None and (mount is not None or moved.pan_deg or moved.tilt_deg or moved.roll_deg):
        raise (at / "aim_at_mm").error("`aim_at_mm` must be given for a part without `look_at_mm`", "none")
    return Movable(
        kind,
        name,
        mount,
        None if aim is None else _point(aim),
        _interval(moved.pan_deg),
        _interval(moved.tilt_deg),
        _interval(moved.roll_deg),
        moved.optional,
        MappingProxyType(_choices(moved, spec, at)),
        _interval(moved.current) if isinstance(moved, MovableLedPart) else None,
        own.mirror is not None,
    )


def _choices(moved: MovablePart, spec: HeadsetFile, at: Place) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[list[str] | None, Mapping[str, object]]] = {}
    if isinstance(moved, MovableCameraPart):
        wanted = {"lens": (moved.lens, spec.lenses), "sensor": (moved.sensor, spec.sensors)}
    elif isinstance(moved, MovableLedPart):
        wanted = {"emitter": (moved.emitter, spec.emitters)}
    chosen = {}
    for key, (names, table) in wanted.items():
        for i, name in enumerate(names or ()):
            if name not in table:
                raise (at / key / i).error(
                    f"`{key}` must list defined names ({nearest(name, list(table))})", repr(name)
                )
        if names:
            chosen[key] = tuple(dict.fromkeys(names))
    return chosen


def _mount(part: MountPart) -> Mount:
    if part.box is not None:
        return Box(_point(part.box.low_mm), _point(part.box.high_mm))
    if part.rail is not None:
        return Rail(tuple(_point(point) for point in part.rail.points_mm))
    assert part.shell is not None
    azimuth, elevation, off = part.shell.azimuth_deg, part.shell.elevation_deg, part.shell.off_mm
    return Patch(_point(part.shell.from_mm), (azimuth[0], azimuth[1]), (elevation[0], elevation[1]), (off[0], off[1]))


def _point(values: list[float]) -> Point:
    return (values[0], values[1], values[2])


def _interval(values: list[float] | None) -> Interval | None:
    return None if values is None else (values[0], values[1])


def _count(part: CountPart) -> Count:
    return Count(part.at_least, part.at_most)
