"""A YAML file that sets priors, of looks: `load_look_priors`. What it leaves out keeps its default.

It is read as YAML's nodes, which tell of quotes and duplicate keys, and checked against the dataclasses of the priors
themselves, so that file and code have one list of keys. `load_priors` reads those of any such dataclass.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from faces.errors import FaceError
from faces.priors import LookPriors

LARGEST_FILE = 1_000_000
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
T = TypeVar("T")


def load_look_priors(path: str | Path) -> LookPriors:
    """Read priors of looks from a file; docs/priors.md lists its keys.

    Raises:
        FaceError: unreadable, not YAML, an unknown or duplicate key, not a number, a number out of its range; one line
            names rule, value, file and key path.
    """
    return load_priors(LookPriors(), path, "look priors")


def parse_look_priors(text: str, source: str) -> LookPriors:
    """The priors that a file's text sets; `source` names it in errors.

    Raises:
        FaceError: see `load_look_priors`.
    """
    return parse_priors(LookPriors(), text, source, "look priors")


def load_priors(defaults: T, path: str | Path, what: str) -> T:
    """Read a dataclass of priors from a file; `what` they are stands in errors.

    Raises:
        FaceError: see `load_look_priors`.
    """
    source = str(path)
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            raise FaceError(f"`size <= {LARGEST_FILE}` bytes must hold for a file of {what} ({source})")
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        if isinstance(error, FaceError):
            raise
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise FaceError(f"cannot read the {what} {source}: {reason}") from error
    return parse_priors(defaults, text, source, what)


def parse_priors(defaults: T, text: str, source: str, what: str) -> T:
    """The priors that a file's text sets; `source` names the file and `what` the priors in errors.

    Raises:
        FaceError: see `load_look_priors`.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FaceError(f"wrong YAML: {' '.join(str(error.problem).split())} ({source}{place})") from error
    except yaml.YAMLError as error:
        raise FaceError(f"wrong YAML: {' '.join(str(error).split())} ({source})") from error
    except RecursionError:
        raise FaceError(f"wrong YAML: nested too deeply ({source})") from None
    if root is None:
        raise FaceError(f"a file of {what} must be a mapping, got nothing ({source})")
    return _read(defaults, root, source, ())


def _read(default: T, node: yaml.Node, source: str, path: tuple[str, ...]) -> T:
    """What a node makes of a default: a dataclass's, a pair's or a number's."""
    read: Any  # of its default's type
    if is_dataclass(default):
        read = _mapping(default, node, source, path)
    elif isinstance(default, tuple):
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        if len(items) != len(default):
            raise _wrong(f"a list of {len(default)} numbers", node, source, path)
        read = tuple(_number(item, source, (*path, f"[{i}]")) for i, item in enumerate(items))
    else:
        read = _number(node, source, path)
    return read


def _mapping(default: Any, node: yaml.Node, source: str, path: tuple[str, ...]) -> Any:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(f"a mapping with some of {', '.join(_names(default))}", node, source, path)
    changes: dict[str, Any] = {}
    for key_node, value in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        here = (*path, key)
        if key in changes:
            raise FaceError(f"duplicate key {key!r} ({_place(source, here)}, line {key_node.start_mark.line + 1})")
        if key not in _names(default):
            close = difflib.get_close_matches(key, _names(default), n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            valid = ", ".join(_names(default))
            raise FaceError(f"unknown key {_short(repr(key))}; {hint}Valid: {valid} ({_place(source, here)})")
        changes[key] = _read(getattr(default, key), value, source, here)
        if _grouped(default):  # each of its own, so that an error has its place; numbers of one distribution together
            _replaced(default, {key: changes[key]}, source, here)
    return _replaced(default, changes, source, path)


def _replaced(default: Any, changes: dict[str, Any], source: str, path: tuple[str, ...]) -> Any:
    try:
        return replace(default, **changes)
    except FaceError as error:
        rule = re.sub(r" \(\w+\)$", "", str(error))  # the file's place says more than the type's name
        raise FaceError(f"{rule} ({_place(source, path)})") from error


def _number(node: yaml.Node, source: str, path: tuple[str, ...]) -> float:
    if not isinstance(node, yaml.ScalarNode) or node.style is not None or not _NUMBER.fullmatch(node.value):
        raise _wrong("a finite number", node, source, path)
    value = float(node.value)
    if not math.isfinite(value):
        raise _wrong("a finite number", node, source, path)
    return value


def _grouped(part: Any) -> bool:
    return any(is_dataclass(getattr(part, name)) for name in _names(part))


def _names(part: Any) -> list[str]:
    return [field.name for field in fields(part)]


def _wrong(what: str, node: yaml.Node, source: str, path: tuple[str, ...]) -> FaceError:
    if isinstance(node, yaml.ScalarNode):
        got = _short(node.value if node.style is None else repr(node.value))
    else:
        got = f"a {'mapping' if isinstance(node, yaml.MappingNode) else 'list'} of {len(node.value)}"
    key = f"`{path[-1]}`" if path else "a file of priors"
    return FaceError(f"{key} must be {what}, got {got} ({_place(source, path)})")


def _place(source: str, path: tuple[str, ...]) -> str:
    return f"{source}: {'.'.join(path).replace('.[', '[') or 'top level'}"


def _short(value: str) -> str:
    text = " ".join(value.split()) or "nothing"
    return text if len(text) <= 60 else text[:57] + "..."
