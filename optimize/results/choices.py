"""Which layouts of a study are worth a look: the existing one, the best of each objective, a compromise, and the best
of each number of cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from headsets.schema.file import HeadsetFile
from optimize.objectives.objective import MAXIMIZE, Objective
from optimize.results.front import pareto_front
from optimize.space.space import Space
from optimize.study.evaluate import scored_in_full
from optimize.study.fidelity import dominated

COMPROMISE = "compromise"
COUNT = "cameras"
"""The objective that stands for the number of cameras."""


@dataclass(frozen=True, eq=False)
class Choices:
    """Attributes:
    existing: the trial of the layout that the search started from; None: it has not been tried.
    scored: whether that was scored in full.
    roles: number of a chosen trial -> what it is chosen for: names of objectives, `COMPROMISE`.
    compromise: number of the trial; None where the front is empty.
    by_count: cameras -> the best layout with so many.
    trials: by number, all of these.
    """

    existing: FrozenTrial | None
    scored: bool
    roles: dict[int, list[str]]
    compromise: int | None
    by_count: dict[int, FrozenTrial]
    trials: dict[int, FrozenTrial]

    @property
    def shown(self) -> list[int]:
        """Numbers of the existing layout, where it has been tried, and of the chosen ones."""
        first = [self.existing.number] if self.existing is not None else []
        return list(dict.fromkeys([*first, *self.roles]))


def choose(study: Study, space: Space, objectives: Sequence[Objective]) -> Choices:
    """The choices of a study; the same study gives the same."""
    trials = study.get_trials(deepcopy=False)
    full = scored_in_full(trials)
    existing = existing_trial(trials, space)
    start = existing if existing is not None and any(t.number == existing.number for t in full) else None
    front = [trial for trial in pareto_front(study) if start is None or trial.number != start.number]
    signs = signs_of(objectives)
    roles: dict[int, list[str]] = {}
    seeing = [trial for trial in front if not _blind(trial, objectives)] or front
    for k, objective in enumerate(objectives):
        if objective.name == COUNT or not front:  # fewest cameras stand in a table of their own
            continue
        best = max(seeing, key=lambda trial: (signs[k] * trial.values[k], -trial.number))
        if start is None or objective.better(best.values[k], start.values[k]):
            roles.setdefault(best.number, []).append(objective.name)
    middle = compromise(front, signs, start)
    if middle is not None:
        roles.setdefault(middle.number, []).append(COMPROMISE)
    ordered = {middle.number: roles[middle.number], **roles} if middle is not None else roles
    counts = _by_count(full, space, objectives, [t for t in (middle, start) if t is not None])
    mine = {*ordered, *(trial.number for trial in counts.values())} | ({existing.number} if existing else set())
    known = {trial.number: trial for trial in trials if trial.number in mine}
    return Choices(existing, start is not None, ordered, None if middle is None else middle.number, counts, known)


def compromise(
    trials: Sequence[FrozenTrial], signs: NDArray[np.float64], start: FrozenTrial | None
) -> FrozenTrial | None:
    """The layout nearest to the best of every objective, each in units of its range over these layouts (compromise
    programming, Zeleny 1973); of those that are nowhere worse than the existing one, if there are such."""
    if not trials:
        return None
    values = signs * np.array([trial.values for trial in trials])
    best, spread = values.max(axis=0), np.ptp(values, axis=0)
    distance = np.linalg.norm((best - values) / np.where(spread > 0, spread, 1.0), axis=1)
    if start is not None:
        kept = (values >= signs * np.array(start.values)).all(axis=1)
        if kept.any():
            distance = np.where(kept, distance, np.inf)
    return trials[int(distance.argmin())]


def existing_trial(trials: Sequence[FrozenTrial], space: Space) -> FrozenTrial | None:
    """The first finished trial with the parameters of the existing layout."""
    params, _ = space.existing()
    for trial in trials:
        if trial.state == TrialState.COMPLETE and dict(trial.params) == params:
            return trial
    return None


def camera_count(spec: HeadsetFile) -> int:
    """Cameras of a layout, twins counted."""
    return sum(1 + (camera.mirror is not None) for camera in spec.cameras.values())


def signs_of(objectives: Sequence[Objective]) -> NDArray[np.float64]:
    """(K,) +1 where more is better, -1 where less is."""
    return np.array([1.0 if objective.direction == MAXIMIZE else -1.0 for objective in objectives])


def _by_count(
    full: Sequence[FrozenTrial], space: Space, objectives: Sequence[Objective], known: Sequence[FrozenTrial]
) -> dict[int, FrozenTrial]:
    """Cameras -> the compromise among layouts with so many.

    Args:
        known: the compromise of all, which is that of its number, and the existing layout.
    """
    groups: dict[int, list[FrozenTrial]] = {}
    for trial in full:
        groups.setdefault(camera_count(space.layout(trial.params)), []).append(trial)
    signs = signs_of(objectives)
    found = {}
    for count, trials in sorted(groups.items()):
        values = [np.array(trial.values) for trial in trials]
        best = [t for t, v in zip(trials, values, strict=True) if not dominated(v, values, signs)]
        own = [trial for trial in known if camera_count(space.layout(trial.params)) == count]
        middle = own[0] if own and own[0] in best else compromise(best, signs, own[-1] if own else None)
        assert middle is not None
        found[count] = middle
    return found


def _blind(trial: FrozenTrial, objectives: Sequence[Objective]) -> bool:
    """Whether there is something that no camera of the layout sees."""
    return any(o.faces and value == o.worst for o, value in zip(objectives, trial.values, strict=True))
