"""Optuna's samplers, what each of them can take, and seeding that depends on the trial alone."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from optimize.errors import OptimizeError
from optimize.space.axes import Axis, Choice
from sim.seeding import generator


@dataclass(frozen=True)
class SamplerKind:
    """Attributes:
    several: whether it serves several objectives at once.
    constraints: whether it takes constraints.
    choices: whether it takes parameters that are no numbers.
    needs: a package that must be installed for it, or None.
    make: from seed, population and whether several workers share the study.
    """

    several: bool
    constraints: bool
    choices: bool
    needs: str | None
    make: Callable[[int, int, bool], BaseSampler]


SAMPLERS = {
    "tpe": SamplerKind(
        True, True, True, None, lambda seed, _, shared: optuna.samplers.TPESampler(seed=seed, constant_liar=shared)
    ),
    "nsga2": SamplerKind(
        True, True, True, None, lambda seed, n, _: optuna.samplers.NSGAIISampler(seed=seed, population_size=n)
    ),
    "nsga3": SamplerKind(
        True, True, True, None, lambda seed, n, _: optuna.samplers.NSGAIIISampler(seed=seed, population_size=n)
    ),
    "gp": SamplerKind(
        True, True, True, "torch",
        lambda seed, _, __: optuna.samplers.GPSampler(seed=seed, deterministic_objective=True),
    ),
    "cmaes": SamplerKind(
        False, False, False, "cmaes",
        lambda seed, _, __: optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
    ),
    # Random search learns nothing, from constraints neither: layouts that break them are thrown away.
    "random": SamplerKind(True, True, True, None, lambda seed, _, __: optuna.samplers.RandomSampler(seed=seed)),
}  # fmt: skip


EXTRAS = ("gp",)
"""Samplers whose package comes with an extra of that name; the others' come with hmcsim."""


def check_sampler(name: str, objectives: int, constraints: Sequence[str], axes: Sequence[Axis]) -> SamplerKind:
    """The sampler of that name, if it can do what is asked.

    Raises:
        OptimizeError: it cannot, or there is none of that name.
    """
    if name not in SAMPLERS:
        raise OptimizeError(f"unknown sampler {name!r}; valid: {', '.join(SAMPLERS)}")
    kind = SAMPLERS[name]
    if objectives > 1 and not kind.several:
        able = ", ".join(n for n, k in SAMPLERS.items() if k.several)
        raise OptimizeError(f"sampler {name!r} takes one objective, got {objectives}; several: {able}")
    if constraints and not kind.constraints:
        able = ", ".join(n for n, k in SAMPLERS.items() if k.constraints)
        raise OptimizeError(
            f"sampler {name!r} takes no constraints, got {len(constraints)} ({', '.join(constraints)}); take one of "
            f"{able}, or search with --no-constraints"
        )
    choices = [axis.name for axis in axes if isinstance(axis, Choice)]
    if choices and not kind.choices:
        raise OptimizeError(f"sampler {name!r} takes numbers alone, got choices: {', '.join(choices)}")
    if kind.needs is not None and importlib.util.find_spec(kind.needs) is None:
        get = f"hmcsim[{name}]" if name in EXTRAS else kind.needs
        raise OptimizeError(
            f"sampler {name!r} needs the package {kind.needs!r}, which is not installed: pip install {get}"
        )
    return kind


class SeededSampler(BaseSampler):
    """A sampler that starts every trial afresh, seeded by (seed, trial): what it suggests depends on these and on the
    trials in the storage alone, not on how many trials this process has seen.

    A trial counts by how many before it have not failed, so that one that was killed leaves no gap.
    """

    def __init__(
        self,
        kind: SamplerKind,
        seed: int,
        population: int,
        shared: bool,
        wrap: Callable[[BaseSampler], BaseSampler] | None = None,
    ) -> None:
        self._kind, self._seed, self._population, self._shared = kind, seed, population, shared
        self._wrap = wrap
        self._inner = self._make(0)

    def _make(self, index: int) -> BaseSampler:
        seed = int(generator(self._seed, "sampler", index).integers(2**31))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            made = self._kind.make(seed, self._population, self._shared)
        return made if self._wrap is None else self._wrap(made)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        earlier = (t for t in study.get_trials(deepcopy=False) if t.number < trial.number)
        self._inner = self._make(sum(t.state != TrialState.FAIL for t in earlier))
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._inner.after_trial(study, trial, state, values)
