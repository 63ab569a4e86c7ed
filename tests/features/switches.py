"""Ways to switch a feature of the product off from outside, for tests of the tests; the product knows nothing of them.

They act on modules and classes before any test is imported, so that default, constructor and `dataclasses.replace` are
all reached. Whatever a test imports by name afterwards is the patched one.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Callable
from typing import Any

Off = Callable[[], None]


def setting(cls_path: str, name: str) -> Off:
    """The field is False in every instance: those made from now on, and those that the class's module holds."""

    def off() -> None:
        owner, cls_name = cls_path.rsplit(".", 1)
        module = importlib.import_module(owner)
        cls = getattr(module, cls_name)
        made = cls.__init__

        @functools.wraps(made)
        def init(self: Any, *values: Any, **named: Any) -> None:
            made(self, *values, **named)
            object.__setattr__(self, name, False)

        cls.__init__ = init
        for one in vars(module).values():
            if dataclasses.is_dataclass(one) and type(one) is cls:
                object.__setattr__(one, name, False)

    return off


def value(path: str, new: Any) -> Off:
    """A module's global, or an attribute of something in it ("module:Class.name"), is `new`."""

    def off() -> None:
        owner, name = _find(path)
        setattr(owner, name, new)

    return off


def wrapped(path: str, make: Callable[[Any], Any]) -> Off:
    """The same, as `make` of what was there."""

    def off() -> None:
        owner, name = _find(path)
        setattr(owner, name, make(getattr(owner, name)))

    return off


def both(*offs: Off) -> Off:
    """One after the other."""

    def off() -> None:
        for one in offs:
            one()

    return off


def with_changes(**changes: Any) -> Callable[[Any], Any]:
    """For `wrapped`: the function's first argument, a dataclass, has these fields changed."""

    def make(function: Any) -> Any:
        def changed(first: Any, *rest: Any, **named: Any) -> Any:
            return function(dataclasses.replace(first, **changes), *rest, **named)

        return changed

    return make


def afterwards(act: Callable[..., None]) -> Callable[[Any], Any]:
    """For `wrapped`: `act(result, *arguments)` once the function is done."""

    def make(function: Any) -> Any:
        def changed(*values: Any, **named: Any) -> Any:
            result = function(*values, **named)
            act(result, *values)
            return result

        return changed

    return make


def _find(path: str) -> tuple[Any, str]:
    module, _, inside = path.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = inside.split(".")
    for part in outer:
        owner = getattr(owner, part)
    if not hasattr(owner, name):
        raise AttributeError(f"there is no {path}: the product has changed, and the table of features must follow")
    return owner, name
