"""One objective, and what it is measured on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.metrics.config import ScoreConfig
from sim.metrics.result import HeadsetScores

MAXIMIZE, MINIMIZE = "maximize", "minimize"


@dataclass(frozen=True, eq=False)
class Scored:
    """A layout and what it is scored over.

    Attributes:
        scores: None where no objective asks for faces.
    """

    headset: Headset
    head: HeadModel
    config: ScoreConfig
    scores: HeadsetScores | None


@dataclass(frozen=True, eq=False)
class Objective:
    """Attributes:
    name: as it was asked for, which also names it in results.
    direction: "maximize" or "minimize".
    unit: "" for pure numbers.
    worst: what a layout gets that cannot be measured: no camera sees the region, or no headset has such parts.
    faces: whether it depends on faces, so that few of them give an estimate; the others are exact at once.
    scores: whether it reads `Scored.scores`.
    measure: the value; NaN counts as `worst`.
    light: whether it can be measured only where an LED shines.
    motion: whether it can be measured only over expressions that move.
    """

    name: str
    direction: str
    unit: str
    worst: float
    faces: bool
    scores: bool
    measure: Callable[[Scored], float]
    light: bool = False
    motion: bool = False

    def better(self, a: float, b: float) -> bool:
        """Whether a beats b."""
        return a > b if self.direction == MAXIMIZE else a < b
