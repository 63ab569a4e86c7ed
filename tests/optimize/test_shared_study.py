"""Studies that several workers share: on a real PostgreSQL with one worker killed, and in the embedded file."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from postgres import MISSING, find_postgres, postgres

from optimize.errors import OptimizeError
from optimize.results.front import pareto_front
from optimize.study.run import Where, _raise_first, _worker, prepare, run
from optimize.study.storage import open_storage, storage_url
from optimize.study.work import work
from tests.optimize.search_cases import HEAD, OneGivesUp, SlowJob, faces, green, job_as, part, settings

TRIALS = 10


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    binaries = find_postgres()
    if binaries is None and os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(MISSING)
    if binaries is None:
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="hmcsim-pg-"))  # pytest's own folders are closed to other users
    try:
        with postgres(binaries, folder) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_killed_worker_loses_its_trial_and_the_study_goes_on(url: str, tmp_path: Path) -> None:
    where = Where(tmp_path, url=url, heartbeat_s=1, grace_s=3)
    found = prepare(green(), part(), HEAD, settings(sampler="random"), where, TRIALS, shared=True, faces=faces())
    job = job_as(SlowJob, found.job, pause_s=0.7)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(job,), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    deadline = time.monotonic() + 120

    def trials(state: TrialState) -> list[optuna.trial.FrozenTrial]:
        return found.study.get_trials(deepcopy=False, states=(state,))

    while len(trials(TrialState.RUNNING)) < 2 or not trials(TrialState.COMPLETE):
        assert time.monotonic() < deadline
        assert all(worker.is_alive() for worker in workers)
        time.sleep(0.02)
    os.kill(workers[0].pid or 0, signal.SIGKILL)
    workers[0].join()
    workers[1].join(120)
    assert workers[1].exitcode == 0
    done, lost = trials(TrialState.COMPLETE), trials(TrialState.FAIL)
    assert len(done) == TRIALS
    assert not trials(TrialState.RUNNING)
    assert len(lost) == 1  # its trial, and no other
    (again,) = [trial for trial in done if trial.system_attrs.get("failed_trial") == lost[0].number]
    for name, value in lost[0].params.items():
        assert again.params[name] == value
    assert pareto_front(found.study)
    # The same command on a machine that comes late finds the study finished; a changed one is refused.
    late = prepare(green(), part(), HEAD, settings(sampler="random"), where, TRIALS, shared=True, faces=faces())
    run(late)
    assert len(late.study.get_trials()) == TRIALS + 1
    with pytest.raises(ValueError, match=r"seed: 0 then, 5 now"):
        prepare(green(), part(), HEAD, settings(sampler="random", seed=5), where, TRIALS, faces=faces())


def test_two_workers_share_the_file_in_the_folder(tmp_path: Path) -> None:
    found = prepare(green(), part(), HEAD, settings("leds"), Where(tmp_path), 8, shared=True, faces=faces())
    seen: list[tuple[int, int]] = []
    run(found, workers=2, progress=lambda done, total: seen.append((done, total)))
    storage = open_storage(storage_url(None, tmp_path))
    study = optuna.load_study(study_name="refa_green", storage=storage)
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    assert len(complete) == 8
    assert len({tuple(trial.params.values()) for trial in complete}) == 8
    assert seen[-1] == (8, 8)


def test_a_worker_that_gives_up_does_not_spoil_a_study_that_others_finish(tmp_path: Path) -> None:
    found = prepare(green(), part(), HEAD, settings("leds"), Where(tmp_path), 4, shared=True, faces=faces())
    job = job_as(OneGivesUp, found.job, mark=tmp_path / "mark")
    run(replace(found, job=job), workers=2)
    assert len(found.study.get_trials(states=(TrialState.COMPLETE,))) == 4
    assert job.mark.exists()


def test_workers_errors_arrive_in_one_piece(tmp_path: Path) -> None:
    found = prepare(green(), part(), HEAD, settings(), Where(tmp_path), 4, shared=True, faces=faces())
    optuna.delete_study(study_name="refa_green", storage=open_storage(found.job.url))
    ours, theirs = multiprocessing.Pipe(duplex=False)
    _worker(found.job, theirs)
    with pytest.raises(OptimizeError, match="there is no study 'refa_green' in sqlite"):
        _raise_first([ours])
