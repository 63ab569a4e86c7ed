"""Turns pydantic's first complaint about a headset file into one line: rule, part, value, file and key path."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError

PARTS = {
    "lenses": "lens",
    "sensors": "sensor",
    "emitters": "emitter",
    "cameras": "camera",
    "leds": "LED",
    "cover_glasses": "cover glass",
}
WHOLE = {"value_error", "union_tag_invalid", "union_tag_not_found", "model_attributes_type", "model_type"}
"""Errors about a part as a whole, whose path ends with the part's name."""
TYPES = {
    "float_type": "a number",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a name or a mapping",
    "union_tag_not_found": "a mapping",
    "finite_number": "finite",
}
Path = list[str | int]


def explain(error: ValidationError, data: object, root: type[BaseModel], source: str) -> str:
    """One line for the first of the errors; the number of further ones stands at its end."""
    details = error.errors(include_url=False)
    # An unknown key is usually the misspelt twin of a missing one, and says more.
    first = next((d for d in details if d["type"] == "extra_forbidden"), details[0])
    path = _path_in_data(first["loc"], data, missing=first["type"] == "missing")
    candidates = _declared(root, first["loc"])
    more = f"; {len(details) - 1} more" if len(details) > 1 else ""
    return f"{_sentence(first, path, candidates)} ({source}: {path_text(path) or 'top level'}{more})"


def path_text(path: Path) -> str:
    """Key path as `cameras.mouth_left.position_mm[1]`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def owner_text(path: Path) -> str:
    """Which part a path belongs to: " for camera 'mouth_left'", or nothing."""
    if len(path) >= 2 and path[0] in PARTS:
        return f" for {PARTS[str(path[0])]} {path[1]!r}"
    return ""


def nearest(name: str, valid: list[str]) -> str:
    """What to say after an unknown name: the nearest valid one, or all of them."""
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(valid) or 'none'}"


def value_text(value: object) -> str:
    """A value in a message: short, on one line."""
    text = f"{value:g}" if isinstance(value, float) else " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _sentence(detail: Any, path: Path, candidates: list[Any]) -> str:
    kind, got = detail["type"], value_text(detail["input"])
    key = _key_text(path)
    owner = owner_text(path if len(path) > 2 or kind in WHOLE else [])
    if kind == "missing":
        return f"key {key!r} is missing{owner}"
    if kind == "extra_forbidden":
        return f"unknown key {key!r}{owner}; {nearest(key, known_keys(candidates))}"
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
        return f"`{_bounds(key, candidates, detail)}` must hold{owner}, got {got}"
    if kind in {"too_short", "too_long"}:
        return f"`{_length(key, candidates, detail)}` must hold{owner}, got {detail['ctx']['actual_length']}"
    if kind == "value_error":
        rule, comma, value = str(detail["ctx"]["error"]).partition(", got ")
        return f"{rule}{owner}{comma}{value}"
    if kind == "literal_error":
        expected = detail["ctx"]["expected"]
        return f"`{key}` must be {'one of ' * (' or ' in expected)}{expected}{owner}, got {got}"
    if kind == "union_tag_invalid":
        return f"`model` must be one of {detail['ctx']['expected_tags']}{owner}, got {detail['ctx']['tag']!r}"
    if kind == "union_tag_not_found" and isinstance(detail["input"], dict):
        return f"key 'model' is missing{owner}"
    if kind == "string_pattern_mismatch":
        return f"names must be lower-case letters, digits and _, and start with a letter{owner}, got {got}"
    what = TYPES.get(kind) or detail["msg"].removeprefix("Input should be ")
    return f"`{key}` must be {' '.join(what.split())}{owner}, got {got}"


def _key_text(path: Path) -> str:
    """The last name of a path with the indices behind it."""
    start = max((i for i, key in enumerate(path) if isinstance(key, str)), default=0)
    return path_text(path[start:]) or "file"


def _path_in_data(loc: tuple[int | str, ...], data: object, missing: bool) -> Path:
    """pydantic's location without the tags of unions and "[key]" marks, which are not in the file."""
    path: Path = []
    for i, step in enumerate(loc):
        mapped = isinstance(data, Mapping) and step in data
        if mapped or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]  # type: ignore[index]  # one of the two, by the line before
        elif not (missing and i == len(loc) - 1):
            number = next((k for k in data if str(k) == str(step)), None) if isinstance(data, Mapping) else None
            if number is None:
                continue
            data = data[number]  # type: ignore[index]  # a mapping, by the line before
        path.append(step)
    return path


def _declared(root: type[BaseModel], loc: tuple[int | str, ...]) -> list[Any]:
    """Annotations that may describe the value at a location; for an unknown key those of the mapping it is in."""
    current: list[Any] = [root]
    for step in loc:
        following: list[Any] = []
        for option in (o for c in current for o in union_members(c)):
            origin = get_origin(option)
            if isinstance(option, type) and issubclass(option, BaseModel):
                if isinstance(step, str) and step in option.model_fields:
                    field = option.model_fields[step]
                    annotation: Any = field.annotation
                    for item in field.metadata:
                        annotation = Annotated[annotation, item]
                    following.append(annotation)
                elif "model" in option.model_fields and get_args(option.model_fields["model"].annotation) == (step,):
                    following.append(option)
            elif origin is dict:
                following.append(get_args(option)[1])
            elif origin is list and isinstance(step, int):
                following.append(get_args(option)[0])
        current = following or current
    return current


def union_members(annotation: Any) -> list[Any]:
    """The members of a union, metadata stripped."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return union_members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [o for a in get_args(annotation) for o in union_members(a)]
    return [annotation] if origin is not Literal else []


def known_keys(candidates: list[Any]) -> list[str]:
    models = [o for c in candidates for o in union_members(c) if isinstance(o, type) and issubclass(o, BaseModel)]
    return sorted({name for model in models for name in model.model_fields})


def _bounds(key: str, candidates: list[Any], detail: Any) -> str:
    """`0 < key < 220` from the declaration; the one bound that was broken where that cannot be found."""
    low = high = ""
    for item in (m for c in candidates for m in _metadata(c)):
        for bound in getattr(item, "metadata", [item]):
            if isinstance(bound, annotated_types.Gt):
                low = f"{bound.gt:g} < "
            elif isinstance(bound, annotated_types.Ge):
                low = f"{bound.ge:g} <= "
            elif isinstance(bound, annotated_types.Lt):
                high = f" < {bound.lt:g}"
            elif isinstance(bound, annotated_types.Le):
                high = f" <= {bound.le:g}"
    if low or high:
        return f"{low}{key}{high}"
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    name, limit = next(iter(detail["ctx"].items()))
    return f"{key} {signs[name]} {limit:g}"


def _length(key: str, candidates: list[Any], detail: Any) -> str:
    """`len(key) = 4` where the declaration fixes it, else the one bound that was broken."""
    items = [m for c in candidates for m in _metadata(c)]
    low = {m.min_length for m in items if isinstance(m, annotated_types.MinLen | annotated_types.Len)}
    high = {m.max_length for m in items if isinstance(m, annotated_types.MaxLen | annotated_types.Len)}
    if len(low) == 1 and low == high:
        return f"len({key}) = {low.pop()}"
    if detail["type"] == "too_short":
        return f"len({key}) >= {detail['ctx']['min_length']}"
    return f"len({key}) <= {detail['ctx']['max_length']}"


def _metadata(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *items = get_args(annotation)
        return [*items, *_metadata(inner)]
    if origin in (Union, types.UnionType):
        return [m for a in get_args(annotation) for m in _metadata(a)]
    return []
