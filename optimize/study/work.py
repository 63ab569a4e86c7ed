"""A worker's loop: ask the study for trials until it has enough, and wait for those of others to end."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import optuna
from optuna.study import Study
from optuna.trial import Trial, TrialState

from optimize.errors import OptimizeError
from optimize.study.evaluate import Evaluator
from optimize.study.job import SearchJob
from optimize.study.storage import close_storage, open_storage, storage_errors, without_password

PAUSE_S = 0.2
SURPLUS = "surplus"
"""User attribute of a trial that was begun when others were already enough; it is none that failed."""
Done = Callable[[int, int], None]
"""Called with the number of finished trials and of all."""


class _SurplusError(Exception):
    """Another worker began the last trial a moment earlier."""


def work(job: SearchJob, progress: Done | None = None) -> None:
    """Run trials until the study has enough.

    A trial that another worker began and never ends is queued again once its heartbeat has stopped for long enough.

    Raises:
        OptimizeError: the storage is gone, or the study in it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna's: experimental parts, constraints set twice on a trial queued again
        with storage_errors(job.url):
            _work(job, progress)


def _work(job: SearchJob, progress: Done | None) -> None:
    sampler, evaluator = job.set_up()
    storage = open_storage(job.url, job.heartbeat_s, job.grace_s)
    try:
        study = optuna.load_study(study_name=job.study, storage=storage, sampler=sampler)
    except KeyError:
        raise OptimizeError(f"there is no study {job.study!r} in {without_password(job.url)} any more") from None
    try:
        while True:
            finished = count(study, TrialState.COMPLETE)
            if progress is not None:
                progress(min(finished, job.trials), job.trials)
            if finished >= job.trials:
                return
            if finished + count(study, TrialState.RUNNING) >= job.trials:
                optuna.storages.fail_stale_trials(study)
                time.sleep(PAUSE_S)
                continue
            study.optimize(_Claimed(evaluator, job.trials), n_trials=1, catch=(_SurplusError,))
    finally:
        close_storage(study)


def count(study: Study, state: TrialState) -> int:
    """Trials in a state."""
    return len(study.get_trials(deepcopy=False, states=(state,)))


class _Claimed:
    """The evaluator, for trials that are among the first `most`."""

    def __init__(self, evaluator: Evaluator, most: int) -> None:
        self._evaluator, self._most = evaluator, most

    def __call__(self, trial: Trial) -> tuple[float, ...]:
        others = trial.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING))
        if sum(other.number < trial.number for other in others) >= self._most:
            trial.set_user_attr(SURPLUS, True)
            raise _SurplusError
        return self._evaluator(trial)
