"""Layouts drawn evenly from a search space until they keep every constraint."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from faces.protocol import HeadModel
from headsets import Headset
from headsets.schema.search import SearchPart
from optimize.constraints.check import Checker
from optimize.constraints.worn_faces import wear_faces
from optimize.space.axes import Choice, Number, Params, Value
from optimize.space.space import space_of
from optimize.study.redraw import violation
from optimize.study.settings import SearchSettings

MOST_DRAWS = 20_000


def checker_of(headset: Headset, part: SearchPart | None, head: HeadModel) -> Checker:
    """Of a headset's own search section, or of another; over the wearers that a search checks by default."""
    regions = tuple(dict.fromkeys(region for camera in headset.cameras.values() for region in camera.sees))
    faces = wear_faces(head, headset.donning, regions, SearchSettings(("cameras",)).room)
    return Checker(space_of(headset, part), faces)


def feasible(checker: Checker, rng: np.random.Generator, choose: Callable[[Choice], Value]) -> tuple[Params, int]:
    """A layout's parameters, and how many draws it took; `choose` takes options, the generator draws numbers."""
    for draws in range(1, MOST_DRAWS + 1):
        params: dict[str, Value] = {
            axis.name: float(rng.uniform(axis.low, axis.high)) if isinstance(axis, Number) else choose(axis)
            for axis in checker.space.axes
        }
        if violation(checker, params) == 0.0:
            return params, draws
    raise SystemExit(f"no feasible layout in {MOST_DRAWS} draws")
