"""The search space of a headset: parameters to layout and, for a warm start, layout to parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.spatial.transform import RigidTransform

from headsets.build import build_headset
from headsets.errors import HeadsetError
from headsets.headset import Headset
from headsets.place import Place, display_path
from headsets.poses import look_at
from headsets.schema.file import HeadsetFile
from headsets.schema.parts import CameraPart, LedPart
from headsets.schema.search import SearchPart
from headsets.search import Movable, SearchSpace, build_search
from optimize.errors import OptimizeError
from optimize.space.aim import aimed_point, pan_tilt_roll
from optimize.space.axes import Axis, Choice, Number, Params, Value, number
from optimize.space.mount import PlacedMount, place_mount

MM = 1e-3
DIGITS = 3
"""Lengths in mm and angles in deg are rounded to so many places: what is scored is what the file says."""
P = TypeVar("P", CameraPart, LedPart)
ON_MOUNT_MM, TURNED_DEG, ON_AXIS = 0.1, 0.1, 1e-6
"""An existing part this far off its mount or turned, or a number off its bounds, is off the space."""


@dataclass(frozen=True, eq=False)
class Space:
    """Attributes:
    base: the headset as its file has it.
    search: what may change.
    axes: the parameters, in a fixed order.
    mounts: `Movable.key` -> where the part may sit.
    """

    base: Headset
    search: SearchSpace
    axes: tuple[Axis, ...]
    mounts: Mapping[str, PlacedMount]

    @property
    def spec(self) -> HeadsetFile:
        """The file."""
        assert self.base.spec is not None
        return self.base.spec

    def layout(self, params: Params) -> HeadsetFile:
        """The file of the layout that these parameters name; parts that are off are left out."""
        cameras, leds = dict(self.spec.cameras), dict(self.spec.leds)
        for moved in self.search.movables:
            if moved.kind == "cameras":
                camera = _moved(moved, cameras.pop(moved.name), params, self.mounts.get(moved.key))
                if camera is not None:
                    cameras[moved.name] = camera
            else:
                led = _moved(moved, leds.pop(moved.name), params, self.mounts.get(moved.key))
                if led is not None:
                    leds[moved.name] = led
        # Parts keep the file's order, so that equal layouts are equal files.
        changed: dict[str, object] = {
            "cameras": {name: cameras[name] for name in self.spec.cameras if name in cameras},
            "leds": {name: leds[name] for name in self.spec.leds if name in leds},
        }
        return self.spec.model_copy(update=changed)

    def build(self, spec: HeadsetFile) -> Headset:
        """The headset of a layout; the shell, which does not change, is the base's.

        Raises:
            HeadsetError: a part inside the head.
        """
        bare = build_headset(spec.model_copy(update={"shell": None, "search": None}), self.base.source)
        return replace(bare, shell=self.base.shell, spec=spec)

    def existing(self) -> tuple[dict[str, Value], list[str]]:
        """Parameters of the layout in the file, and, in words, where it lies outside the space (it is moved in)."""
        params: dict[str, Value] = {}
        off: list[str] = []
        for moved in self.search.movables:
            parts: Mapping[str, CameraPart | LedPart] = self.spec.cameras if moved.kind == "cameras" else self.spec.leds
            here = parts[moved.name]
            params |= _own_params(moved, here, self._pose(moved), self.mounts.get(moved.key), off)
        wanted: dict[str, Value] = {}
        for axis in self.axes:
            value = params[axis.name]
            if isinstance(axis, Number):
                inside = axis.clip(float(value))
                if abs(inside - float(value)) > ON_AXIS:
                    off.append(f"{axis.name} = {value:g} outside [{axis.low:g}, {axis.high:g}]")
                wanted[axis.name] = inside
            elif value not in axis.options:
                off.append(f"{axis.name} = {value!r} is not among its options")
                wanted[axis.name] = axis.options[0]
            else:
                wanted[axis.name] = value
        return wanted, [*off, *self._changed(self.layout(wanted), off)]

    def _changed(self, spec: HeadsetFile, known: list[str]) -> list[str]:
        """What the layout does not keep of the file's parts, in words; of parts that are `known` to lie outside no
        more is said."""
        found = []
        for moved in self.search.movables:
            if any(text.startswith((f"{moved.key} ", f"{moved.key}.")) for text in known):
                continue
            before: Mapping[str, CameraPart | LedPart] = getattr(self.spec, moved.kind)
            after: Mapping[str, CameraPart | LedPart] = getattr(spec, moved.kind)
            old, new = before[moved.name], after[moved.name]
            lost = [key for key in moved.choices if getattr(old, key) != getattr(new, key)]
            if isinstance(old, LedPart) and isinstance(new, LedPart) and abs(old.current - new.current) > ON_AXIS:
                lost.append("current")
            if new.look_at_mm is not None:
                turned = look_at(new.position_mm, new.look_at_mm, np.deg2rad(new.roll_deg)).rotation
                if (turned * self._pose(moved).rotation.inv()).magnitude() > np.deg2rad(TURNED_DEG):
                    lost.append("orientation")
            found += [f"{moved.key} does not keep its {key}" for key in lost]
        return found

    def _pose(self, moved: Movable) -> RigidTransform:
        if moved.kind == "cameras":
            return self.base.cameras[moved.name].T_device_camera
        return self.base.leds[moved.name].T_device_led


def space_of(headset: Headset, part: SearchPart | None = None, source: str | None = None) -> Space:
    """The space of a headset's own `search` section, or of another one.

    Raises:
        HeadsetError: no section, or one that does not fit the headset.
        OptimizeError: a patch that misses the shell, or nothing that may change.
    """
    if headset.spec is None:
        raise HeadsetError("`headset.spec` must be there to search, got None")
    own = display_path(headset.source) if headset.source else f"headset {headset.name!r}"
    search = build_search(headset.spec, Place(source or own, ("search",) if part is None else ()), part)
    mounts = {}
    axes: list[Axis] = []
    for moved in search.movables:
        if moved.mount is not None:
            try:
                mounts[moved.key] = place_mount(moved.mount, headset.shell)
            except OptimizeError as error:
                raise OptimizeError(f"{error} ({source or own}: search.{moved.key}.mount)") from None
        axes += _axes(moved, mounts.get(moved.key))
    if not axes:
        raise OptimizeError(f"the search space must leave something free, got none ({source or own}: search)")
    return Space(headset, search, tuple(axes), mounts)


def _axes(moved: Movable, mount: PlacedMount | None) -> list[Axis]:
    start = f"{moved.key}."
    axes: list[Axis] = [Choice(f"{start}on", (True, False))] if moved.optional else []
    if mount is not None:
        for name, interval in mount.intervals.items():
            axes += number(start + name, interval)
    for key in ("pan_deg", "tilt_deg", "roll_deg"):
        axes += number(start + key, getattr(moved, key) or (0.0, 0.0))
    if moved.current is not None:
        axes += number(f"{start}current", moved.current)
    axes += [Choice(start + key, options) for key, options in moved.choices.items() if len(options) > 1]
    return axes


def _moved(moved: Movable, part: P, params: Params, mount: PlacedMount | None) -> P | None:
    """The part as the parameters have it; None where it is off."""
    start = f"{moved.key}."

    def of(key: str, fixed: float) -> float:
        return float(params.get(start + key, fixed))

    if moved.optional and not params[f"{start}on"]:
        return None
    changed: dict[str, object] = {key: params.get(start + key, options[0]) for key, options in moved.choices.items()}
    if moved.current is not None:
        changed["current"] = round(of("current", moved.current[0]), DIGITS + 1)
    if moved.aim_mm is not None and (mount or moved.pan_deg or moved.tilt_deg or moved.roll_deg):
        position = np.array(part.position_mm)
        if mount is not None:
            position = np.round(mount.place({k: of(k, low) for k, (low, _) in mount.intervals.items()}), DIGITS)
        pan, tilt = (of(key, (getattr(moved, key) or (0.0, 0.0))[0]) for key in ("pan_deg", "tilt_deg"))
        aim = np.round(aimed_point(position, np.array(moved.aim_mm), pan, tilt), DIGITS)
        roll = part.roll_deg if moved.roll_deg is None else of("roll_deg", moved.roll_deg[0])
        changed |= {"position_mm": (position + 0.0).tolist(), "look_at_mm": (aim + 0.0).tolist()}
        changed |= {"roll_deg": round(roll, DIGITS), "quaternion_wxyz": None, "rotation_matrix": None}
    return _copy(part, changed)


def _copy(part: P, changed: Mapping[str, object]) -> P:
    """A validated copy without keys that are at their default, so that the file stays short."""
    data = part.model_dump(mode="python", exclude_unset=True) | dict(changed)
    data = {key: value for key, value in data.items() if value is not None}
    if data.get("roll_deg") == 0:
        del data["roll_deg"]
    return type(part).model_validate(data)


def _own_params(
    moved: Movable, part: CameraPart | LedPart, pose: RigidTransform, mount: PlacedMount | None, off: list[str]
) -> dict[str, Value]:
    start = f"{moved.key}."
    params: dict[str, Value] = {f"{start}on": True}
    position = np.array(part.position_mm)
    if mount is not None:
        found = mount.locate(position)
        params |= {start + key: value for key, value in found.items()}
        away = float(np.linalg.norm(mount.place(found) - position))
        if away > ON_MOUNT_MM:
            off.append(f"{moved.key} is {away:.1f} mm off its mount")
    if moved.aim_mm is not None:
        in_mm = RigidTransform.from_components(position, pose.rotation)
        angles = dict(
            zip(("pan_deg", "tilt_deg", "roll_deg"), pan_tilt_roll(in_mm, np.array(moved.aim_mm)), strict=True)
        )
        params |= {start + key: angle for key, angle in angles.items()}
        fixed = [key for key in ("pan_deg", "tilt_deg") if getattr(moved, key) is None and abs(angles[key]) > 1e-3]
        if fixed and mount is not None:
            off.append(f"{moved.key} does not look at its aim_at_mm")
    params |= {start + key: getattr(part, key) for key in moved.choices}
    if isinstance(part, LedPart):
        params[f"{start}current"] = part.current
    return params
