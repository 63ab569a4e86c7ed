"""Keys of a headset file set from outside: `lenses.wide.f_number=2.0`, before the file is checked.

A key is a path through the file, dotted as error messages print it: `cameras.mouth_left.position_mm[1]`. Where a part
refers to another by name (`cameras.mouth_left.lens`), keys below that name change a copy for this part alone. Sections
and keys that the file leaves out may be set; what they must hold is the schema's part.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from headsets.errors import HeadsetError
from headsets.schema.explain import known_keys, nearest, path_text, union_members, value_text
from headsets.schema.file import HeadsetFile
from headsets.yaml_text import parse_yaml

REFERENCES = {"lens": "lenses", "sensor": "sensors", "emitter": "emitters"}
"""Keys that may name a part, and the section that defines it."""
TWINS = ("cameras", "leds")
MARK = "--set"
_STEP = re.compile(r"\[(-?\d+)\]|([^.\[\]]+)")
_PATH = re.compile(r"^[^.\[\]=\s]+(\.[^.\[\]=\s]+|\[-?\d+\])*$")


def parse_override(text: str) -> tuple[str, Any]:
    """Key and value of KEY=VALUE, the value read as YAML.

    Raises:
        HeadsetError: no key, or a value that is not YAML.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not _PATH.match(key):
        raise HeadsetError(
            f"`KEY=VALUE` must be given, such as lenses.wide.f_number=2.0, got {value_text(text)} ({MARK})"
        )
    return key, parse_yaml(value, f"{MARK} {key}")


def parse_overrides(texts: tuple[str, ...] | list[str]) -> dict[str, Any]:
    """Several of them, in order.

    Raises:
        HeadsetError: see `parse_override`; or a key given twice.
    """
    overrides: dict[str, Any] = {}
    for text in texts:
        key, value = parse_override(text)
        if key in overrides:
            raise HeadsetError(
                f"{key!r} must be set once, got {value_text(overrides[key])} and {value_text(value)} ({MARK})"
            )
        overrides[key] = value
    return overrides


def overridden(data: Mapping[Any, Any], overrides: Mapping[str, Any]) -> dict[Any, Any]:
    """A copy of a file's data with these keys set, one after the other; it is not checked yet.

    Raises:
        HeadsetError: a key that leads nowhere; the message lists the valid ones.
    """
    out = copy.deepcopy(dict(data))
    for key, value in overrides.items():
        _set(out, key, copy.deepcopy(value))
    return out


def suffix(overrides: Mapping[str, Any]) -> str:
    """What a headset's name gets so that it is told from the file's: `+lenses.wide.f_number=2.0`."""
    return "".join(f"+{key}={_short(value)}" for key, value in overrides.items() if key != "name")


def setting_text(key: str, value: Any) -> str:
    """KEY=VALUE as it would be typed."""
    return f"{key}={_short(value)}"


def _set(data: dict[Any, Any], key: str, value: Any) -> None:
    steps: list[str | int] = [int(index) if index else name for index, name in _STEP.findall(key)]
    _refuse_twin(data, steps, key)
    holder: Any = data
    options: list[Any] = [HeadsetFile]
    for depth, step in enumerate(steps):
        last = depth == len(steps) - 1
        path = steps[:depth]
        if isinstance(holder, list):
            index = _index(holder, step, path, key)
            if last:
                holder[index] = value
                return
            holder, options = holder[index], _item_options(options)
            continue
        if not isinstance(holder, dict):
            raise HeadsetError(
                f"{key!r} leads below {path_text(path)}, which holds {value_text(holder)}: set it whole ({MARK})"
            )
        name = _name(holder, step)
        below = _below(options, step)
        if last:
            if below is None and name not in holder:
                _unknown(step, holder, options, path, key)
            holder[name] = value
            return
        if name not in holder or holder[name] is None:
            if not _may_start(options, step):
                _unknown(step, holder, options, path, key)
            holder[name] = {}
        elif isinstance(holder[name], str) and str(name) in REFERENCES:
            holder[name] = _definition(data, str(name), holder[name], [*path, step], key)
        holder, options = holder[name], below or []


def _refuse_twin(data: dict[Any, Any], steps: list[str | int], key: str) -> None:
    """Twins are made from their definitions: say which key to set instead."""
    section = data.get(steps[0]) if len(steps) > 1 and steps[0] in TWINS else None
    if not isinstance(section, dict) or steps[1] in section:
        return
    for name, part in section.items():
        if isinstance(part, dict) and part.get("mirror") == steps[1]:
            rest = path_text([steps[0], name, *steps[2:]])
            raise HeadsetError(
                f"{steps[1]!r} is the mirror twin of {name!r} and follows it: set {rest}, or define the twin by itself "
                f"in the file, got {key!r} ({MARK})"
            )


def _definition(data: dict[Any, Any], key: str, name: str, path: list[str | int], full: str) -> Any:
    section = data.get(REFERENCES[key])
    defined = section if isinstance(section, dict) else {}
    if name not in defined:
        raise HeadsetError(
            f"{full!r} leads below {path_text(path)}, and {name!r} is not defined under {REFERENCES[key]} "
            f"({nearest(name, [str(k) for k in defined])}) ({MARK})"
        )
    return copy.deepcopy(defined[name])


def _index(holder: list[Any], step: str | int, path: list[str | int], key: str) -> int:
    if isinstance(step, str) and re.fullmatch(r"-?\d+", step):
        step = int(step)
    if not isinstance(step, int) or not 0 <= step < len(holder):
        raise HeadsetError(
            f"`0 <= index < {len(holder)}` must hold for {path_text(path)}, got {step!r} in {key!r} ({MARK})"
        )
    return step


def _name(holder: dict[Any, Any], step: str | int) -> Any:
    """The mapping's own key for a step: wavelengths are numbers in the file, text in a path."""
    found = next((k for k in holder if str(k) == str(step)), None)
    if found is not None:
        return found
    return int(step) if isinstance(step, str) and re.fullmatch(r"\d+", step) else step


def _below(options: list[Any], step: str | int) -> list[Any] | None:
    """What may stand under a key, by the schema; None: the key is not known, [] anything goes."""
    found: list[Any] | None = None
    for option in (o for c in options for o in union_members(c)):
        if option is Any:
            return []
        if isinstance(option, type) and issubclass(option, BaseModel) and str(step) in option.model_fields:
            found = [*(found or []), option.model_fields[str(step)].annotation]
        elif get_origin(option) is dict:
            found = [*(found or []), get_args(option)[1]]
    return found if options else []


def _item_options(options: list[Any]) -> list[Any]:
    return [get_args(o)[0] for c in options for o in union_members(c) if get_origin(o) is list]


def _may_start(options: list[Any], step: str | int) -> bool:
    """Whether a missing key may be begun by a key below it: sections may, parts that need a name may not."""
    if not options:
        return True
    for option in (o for c in options for o in union_members(c)):
        if option is Any:
            return True
        if isinstance(option, type) and issubclass(option, BaseModel) and str(step) in option.model_fields:
            return any(
                o is Any or get_origin(o) is dict or (isinstance(o, type) and issubclass(o, BaseModel))
                for o in union_members(option.model_fields[str(step)].annotation)
            )
    return False


def _unknown(step: str | int, holder: dict[Any, Any], options: list[Any], path: list[str | int], key: str) -> None:
    members = [o for c in options for o in union_members(c)]
    named = any(get_origin(o) is dict for o in members)
    valid = [str(k) for k in holder] if named else known_keys(options)
    close = nearest(str(step), valid)
    said = f"{close} Valid: {', '.join(valid)}" if close.startswith("did you") else close
    where = f" in {path_text(path)}" if path else ""
    raise HeadsetError(f"unknown key {step!r}{where}; {said or 'valid: none'} ({MARK} {key})")


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{','.join(_short(v) for v in value)}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{k}: {_short(v)}" for k, v in value.items()) + "}"
    return repr(value)
