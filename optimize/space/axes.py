"""One parameter of a search: a number within bounds, or a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = float | str | bool
Params = Mapping[str, Value]
"""Parameter name -> value; names stay the same from run to run."""


@dataclass(frozen=True)
class Number:
    """A number in [low, high], low < high; its name ends in its unit."""

    name: str
    low: float
    high: float

    def clip(self, value: float) -> float:
        """The nearest value there is."""
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Choice:
    """One of at least two options."""

    name: str
    options: tuple[str | bool, ...]


Axis = Number | Choice


def number(name: str, interval: tuple[float, float]) -> list[Number]:
    """The axis of an interval; none where it holds one value."""
    low, high = interval
    return [Number(name, low, high)] if low < high else []
