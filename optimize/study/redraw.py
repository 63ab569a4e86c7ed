"""A sampler whose proposals are drawn again while they break a constraint, so that such do not use up the trials.

Constraints ask geometry alone and take some 50 ms; in a space where few layouts are feasible, most trials of a short
study would end at them. What no redraw cures is proposed as it is, the least broken of all, so that samplers learn
from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from optimize.constraints.check import Checker
from optimize.space.axes import Number, Params

FIXED = "fixed_params"
"""Optuna's system attribute of a trial that was queued with its parameters."""


class RedrawingSampler(BaseSampler):
    """Wraps another sampler; all parameters are drawn at once, for constraints ask about layouts as a whole."""

    def __init__(self, inner: BaseSampler, checker: Checker, redraws: int) -> None:
        """Wrap.

        Args:
            redraws: how often a proposal is drawn again at most.
        """
        self._inner, self._checker, self._redraws = inner, checker, redraws
        self._space: dict[str, BaseDistribution] = {
            axis.name: FloatDistribution(axis.low, axis.high)
            if isinstance(axis, Number)
            else CategoricalDistribution(axis.options)
            for axis in checker.space.axes
        }

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {} if FIXED in trial.system_attrs else self._space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if not search_space:
            return {}
        together = self._inner.infer_relative_search_space(study, trial)
        best: dict[str, Any] = {}
        least = float("inf")
        for _ in range(1 + self._redraws):
            drawn = dict(self._inner.sample_relative(study, trial, together))
            for name, distribution in search_space.items():
                if name not in drawn:
                    drawn[name] = self._inner.sample_independent(study, trial, name, distribution)
            broken = violation(self._checker, drawn)
            if broken < least:
                best, least = drawn, broken
            if broken == 0:
                break
        return best

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._inner.after_trial(study, trial, state, values)


def violation(checker: Checker, params: Params | Mapping[str, Any]) -> float:
    """By how much a layout breaks its constraints, all together, as samplers add them up; 0: it keeps them all."""
    margins = checker.margins(checker.candidate(checker.space.layout(params)))
    return sum(max(short, 0.0) for short in checker.violations(margins).values())
