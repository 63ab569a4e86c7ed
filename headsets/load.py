"""Headsets by name or file: `load_headset`, `list_headsets`, `validate`, `dump_headset`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from headsets.build import SHIPPED, build_headset
from headsets.errors import HeadsetError, UnknownHeadsetError
from headsets.headset import Headset
from headsets.override import MARK, overridden, setting_text, suffix
from headsets.place import display_path
from headsets.schema.explain import explain, value_text
from headsets.schema.file import HeadsetFile
from headsets.yaml_text import dump_yaml, parse_yaml

LARGEST_FILE = 5_000_000


def list_headsets() -> list[str]:
    """Names of the headsets that are shipped."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_headset(name_or_path: str | Path, overrides: Mapping[str, Any] | None = None) -> Headset:
    """Read a headset: the name of a shipped one, or a YAML file.

    Args:
        overrides: keys of the file to set otherwise, dotted, with their values: `{"lenses.wide.f_number": 2.0}`; see
            `headsets.override`. The headset's name gets them as a suffix, unless `name` is among them.

    Raises:
        UnknownHeadsetError: neither; the message lists the shipped names.
        HeadsetError: the file breaks a rule; one line names rule, value, file and key path.
    """
    path = _find(name_or_path)
    if not overrides:
        return build_headset(read_file(path), path)
    build_headset(read_file(path), path)  # a fault of the file itself is not one of the settings
    try:
        headset = build_headset(read_file(path, overrides), path)
    except HeadsetError as error:
        if MARK in str(error):
            raise
        told = ", ".join(setting_text(key, value) for key, value in overrides.items())
        raise type(error)(f"{error} ({MARK} {told})") from error
    return headset if "name" in overrides else replace(headset, name=headset.name + suffix(overrides))


def validate(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Headset:
    """Check a file wholly, meshes and profiles included; the headset if it is valid, `HeadsetError` if not."""
    return load_headset(path, overrides)


def read_file(path: Path, overrides: Mapping[str, Any] | None = None) -> HeadsetFile:
    """Read and check a file against the schema; references, poses and meshes are `build_headset`'s part.

    Args:
        overrides: keys set before the check; see `load_headset`.

    Raises:
        HeadsetError: unreadable, not YAML, or against the schema.
    """
    source = display_path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise HeadsetError(f"`size <= {LARGEST_FILE}` bytes must hold for a headset file ({source})")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise HeadsetError(f"cannot read the headset file {source}: {reason}") from error
    return parse_file(text, source, overrides)


def parse_file(text: str, source: str, overrides: Mapping[str, Any] | None = None) -> HeadsetFile:
    """Check the text of a headset file; `source` names it in errors.

    Raises:
        HeadsetError: not YAML, or against the schema.
    """
    data = parse_yaml(text, source)
    if not isinstance(data, dict):
        raise HeadsetError(f"a headset file must be a mapping, got {value_text(data)} ({source})")
    data = overridden(data, overrides) if overrides else data
    try:
        return HeadsetFile.model_validate(data)
    except ValidationError as error:
        raise HeadsetError(explain(error, data, HeadsetFile, source)) from None


def dump_headset(headset: Headset | HeadsetFile) -> str:
    """The YAML text of a headset; reading it back gives an equal `HeadsetFile`. Comments are not kept.

    Raises:
        HeadsetError: a headset that no file describes.
    """
    spec = headset.spec if isinstance(headset, Headset) else headset
    if spec is None:
        raise HeadsetError("`headset.spec` must be there to write a headset file, got None")
    return dump_yaml(spec.model_dump(mode="python", exclude_unset=True))


def _find(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    names = list_headsets()
    if text in names:
        return SHIPPED / f"{text}.yaml"
    path = Path(text)
    looks_like_a_file = path.suffix.lower() in {".yaml", ".yml"} or len(path.parts) > 1
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):
        looks_like_a_file = False
    if looks_like_a_file and path.exists():
        raise HeadsetError(f"cannot read the headset file {value_text(text)}: not a regular file")
    if looks_like_a_file:
        raise UnknownHeadsetError(f"no such headset file: {value_text(text)}. Shipped headsets: {', '.join(names)}")
    close = difflib.get_close_matches(text, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    raise UnknownHeadsetError(f"unknown headset {value_text(text)}{hint} Shipped headsets: {', '.join(names)}")
