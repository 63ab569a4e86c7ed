"""The Pareto front of a study: layouts scored in full that keep all constraints and that no other beats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optimize.constraints.margin import Margin
from optimize.study.evaluate import ALL, ATTRIBUTE, scored_in_full
from optimize.study.fidelity import dominated
from sim.counted import counted


def pareto_front(study: Study) -> list[FrozenTrial]:
    """Best first in the first objective; of layouts with equal values the earliest alone."""
    signs = np.array([1.0 if d == StudyDirection.MAXIMIZE else -1.0 for d in study.directions])
    known: dict[tuple[float, ...], FrozenTrial] = {}
    for trial in scored_in_full(study.get_trials(deepcopy=False)):
        known.setdefault(tuple(trial.values), trial)
    values = [np.array(v) for v in known]
    front = [t for t in known.values() if not dominated(np.array(t.values), values, signs)]
    return sorted(front, key=lambda trial: (-signs[0] * trial.values[0], trial.number))


def margins_of(trial: FrozenTrial) -> dict[str, Margin]:
    """Constraint -> margin, as they were measured."""
    stored = trial.user_attrs.get(ATTRIBUTE, {}).get("margins", {})
    return {name: Margin(name, value, unit, part) for name, (value, unit, part) in stored.items()}


def fidelity_of(trial: FrozenTrial) -> str:
    """How far it got: "geometry", "few", "all"; "" for one that did not end."""
    return str(trial.user_attrs.get(ATTRIBUTE, {}).get("fidelity", ""))


def why_none(trials: Sequence[FrozenTrial]) -> str:
    """What kept layouts off the front, in words: constraints by how many trials each broke."""
    ended = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    broken = Counter(name for trial in ended for name, margin in margins_of(trial).items() if not margin.feasible)
    most = ", ".join(f"{name} in {count}" for name, count in broken.most_common(4))
    scored = sum(fidelity_of(trial) == ALL for trial in ended)
    were = "was" if scored == 1 else "were"
    return f"{scored} of {counted(len(ended), 'trial')} {were} scored in full; constraints broken: {most or 'none'}"
