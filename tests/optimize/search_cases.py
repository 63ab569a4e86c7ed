"""A small search that takes seconds: an ellipsoid for a head, few wearers, and worker jobs that can be slowed down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from optuna.trial import Trial

from headsets import Headset, load_headset
from headsets.schema.search import SearchPart
from optimize.constraints.check import Checker
from optimize.constraints.worn_faces import WornFaces, wear_faces
from optimize.errors import OptimizeError
from optimize.space.space import Space, space_of
from optimize.study.job import SearchJob
from optimize.study.settings import SearchSettings
from sim.metrics.config import ScoreConfig
from tests.faces.ellipsoid_head import EllipsoidHead

Job = TypeVar("Job", bound=SearchJob)
HEAD = EllipsoidHead()
ROOM = ScoreConfig(identities=2, donnings=3, seed=3)
SCORE = ScoreConfig(identities=2, donnings=1, expressions="neutral,smile,jaw_drop", regions=(), points_per_region=16,
                    heat_map_samples=0)  # fmt: skip
REGIONS = ("eye_left", "eye_right", "mouth", "glabella")
SMALL: dict[str, Any] = {
    "mounts": {"above": {"box": {"low_mm": [0, 30, 38], "high_mm": [0, 44, 50]}}},
    "cameras": {"glabella": {"mount": "above", "tilt_deg": [-20, 20]}},
    "leds": {"eye_left_a": {"current": [0.5, 2]}},
}
"""Of refa_green: four numbers."""


@cache
def green() -> Headset:
    return load_headset("refa_green")


@cache
def faces() -> WornFaces:
    return wear_faces(HEAD, green().donning, REGIONS, ROOM)


def part(**changed: Any) -> SearchPart:
    return SearchPart.model_validate(SMALL | changed)


def space(**changed: Any) -> Space:
    return space_of(green(), part(**changed))


def checker(**changed: Any) -> Checker:
    return Checker(space(**changed), faces())


def settings(*objectives: str, **changed: Any) -> SearchSettings:
    return SearchSettings(objectives or ("power_mw", "leds"), **{"score": SCORE, "room": ROOM, **changed})


def job_as(kind: type[Job], job: SearchJob, **more: Any) -> Job:
    """The same job of another kind."""
    return kind(**{f.name: getattr(job, f.name) for f in fields(job)}, **more)


@dataclass(frozen=True, eq=False)
class SlowJob(SearchJob):
    """Every trial takes this much longer."""

    pause_s: float = 0.0

    def set_up(self) -> Any:
        sampler, evaluator = super().set_up()
        return sampler, _Slow(evaluator, self.pause_s)


@dataclass(frozen=True, eq=False)
class OneGivesUp(SearchJob):
    """The first worker that sets up fails."""

    mark: Path = Path()

    def set_up(self) -> Any:
        try:
            self.mark.touch(exist_ok=False)
        except FileExistsError:
            return super().set_up()
        raise OptimizeError("the storage is gone")


@dataclass(frozen=True, eq=False)
class _Slow:
    evaluator: Callable[[Trial], tuple[float, ...]]
    pause_s: float

    def __call__(self, trial: Trial) -> tuple[float, ...]:
        values = self.evaluator(trial)
        time.sleep(self.pause_s)
        return values
