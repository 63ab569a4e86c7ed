"""One trial: parameters to layout, geometry first, few faces next, all of them last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from faces.protocol import HeadModel
from headsets.headset import Headset
from optimize.constraints.check import Checker
from optimize.objectives.objective import MAXIMIZE, Objective, Scored
from optimize.space.axes import Axis, Number, Value
from optimize.study.fidelity import dominated, forecast
from optimize.study.settings import SearchSettings
from sim.metrics.config import ScoreConfig
from sim.metrics.score import score

ATTRIBUTE = "hmcsim"
"""User attribute of a trial: {"fidelity": …, "margins": {name: [value, unit, part]}, "few": [values]}."""
GEOMETRY, FEW, ALL = "geometry", "few", "all"
"""How far a layout got: turned down by a constraint, by few faces, or scored in full."""


def suggest(trial: Trial, axes: Sequence[Axis]) -> dict[str, Value]:
    """All parameters, always: what is off keeps its values, so that samplers see one space."""
    params: dict[str, Value] = {}
    for axis in axes:
        if isinstance(axis, Number):
            params[axis.name] = trial.suggest_float(axis.name, axis.low, axis.high)
        else:
            chosen = trial.suggest_categorical(axis.name, axis.options)
            assert isinstance(chosen, str | bool)
            params[axis.name] = chosen
    return params


class Evaluator:
    """What Optuna calls for every trial of a study."""

    def __init__(
        self, checker: Checker, objectives: tuple[Objective, ...], head: HeadModel, settings: SearchSettings
    ) -> None:
        self._checker, self._objectives = checker, objectives
        self._head, self._settings = head, settings
        self._few = settings.few(head) if any(o.faces for o in objectives) else None
        self._signs = np.array([1.0 if o.direction == MAXIMIZE else -1.0 for o in objectives])

    def __call__(self, trial: Trial) -> tuple[float, ...]:
        """Values of the objectives; constraints and `ATTRIBUTE` go to the trial."""
        checker, settings = self._checker, self._settings
        layout = checker.candidate(checker.space.layout(suggest(trial, checker.space.axes)))
        margins = checker.margins(layout)
        known: dict[str, object] = {
            "fidelity": ALL,
            "margins": {name: [margin.value, margin.unit, margin.part] for name, margin in margins.items()},
        }
        if settings.constrained:
            for name, violation in checker.violations(margins).items():
                trial.set_constraint(name, violation)
        broken = settings.constrained and not all(margin.feasible for margin in margins.values())
        if broken or layout.headset is None or not layout.headset.cameras:
            known["fidelity"] = GEOMETRY
            trial.set_user_attr(ATTRIBUTE, known)
            return self._worst(layout.headset)
        if self._few is not None:
            few = np.array(self._measure(layout.headset, self._few))
            known["few"] = few.tolist()
            expected = self._turned_down(trial.study, few)
            if expected is not None:
                known["fidelity"] = FEW
                trial.set_user_attr(ATTRIBUTE, known)
                return expected
        values = self._measure(layout.headset, settings.score)
        trial.set_user_attr(ATTRIBUTE, known)
        return values

    def _worst(self, headset: Headset | None) -> tuple[float, ...]:
        """What needs no face, as it is; the worst for all else."""
        if headset is None:
            return tuple(objective.worst for objective in self._objectives)
        layout = Scored(headset, self._head, self._settings.score, None)
        return tuple(o.worst if o.faces or o.scores else o.measure(layout) for o in self._objectives)

    def _measure(self, headset: Headset, config: ScoreConfig) -> tuple[float, ...]:
        return measure(headset, self._objectives, self._head, config)

    def _turned_down(self, study: Study, few: np.ndarray) -> tuple[float, ...] | None:
        """What all faces are expected to say, if even in the best case another layout beats it."""
        known = scored_in_full(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
        known = [trial for trial in known if "few" in trial.user_attrs[ATTRIBUTE]]
        if not known:
            return None
        on_few = np.array([trial.user_attrs[ATTRIBUTE]["few"] for trial in known])
        on_all = np.array([trial.values for trial in known])
        found = forecast(few, on_few, on_all, self._signs)
        if found is None or not dominated(found.best_case, on_all, self._signs):
            return None
        return tuple(found.expected.tolist())


def measure(
    headset: Headset, objectives: Sequence[Objective], head: HeadModel, config: ScoreConfig
) -> tuple[float, ...]:
    """Values of the objectives on a layout; the worst where there is nothing to measure."""
    scores = None
    if any(objective.scores for objective in objectives):
        scores = score([headset], head, config, workers=1).headsets[headset.name]
    layout = Scored(headset, head, config, scores)
    values = [objective.measure(layout) for objective in objectives]
    return tuple(o.worst if np.isnan(v) else float(v) for o, v in zip(objectives, values, strict=True))


def scored_in_full(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Those whose values are no estimates, and that break no constraint."""
    return [
        trial
        for trial in trials
        if trial.state == TrialState.COMPLETE
        and trial.user_attrs.get(ATTRIBUTE, {}).get("fidelity") == ALL
        and all(value <= 0 for value in trial.constraints.values())
    ]


optuna.logging.set_verbosity(optuna.logging.ERROR)
