"""How many times the trials of one worker do two give?

python benchmarks/search_workers.py [--trials 12] [--out outputs/search_workers]

A random search of `refa_green` with the objectives of `search_refa.py`, draws that break a constraint drawn again, and
every layout scored in full, so that trials weigh alike. A study's time is from the start of its first trial to the end
of its last: wearers are posed before. Beside it stands what the machine itself gives: the same layouts scored in one
process, and at once in two that know nothing of each other. Run it with OMP_NUM_THREADS=1 on a quiet machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

from optuna.trial import TrialState
from search_refa import HEADSET, OBJECTIVES

from faces import load_head_model
from faces.protocol import HeadModel
from headsets import load_headset
from optimize.objectives.registry import find_objectives
from optimize.study.evaluate import measure
from optimize.study.posed_heads import PosedHeads
from optimize.study.run import Search, Where, prepare, run
from optimize.study.settings import SearchSettings

ALONE = 4
"""Layouts that the machine's own ratio is measured on."""


def main() -> None:
    """Run both studies, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--out", type=Path, help="default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = given.out or Path(scratch)
        head = load_head_model()
        seconds = {workers: _study(out / str(workers), workers, given.trials, head) for workers in (1, 2)}
    one, two = _alone(1), _alone(2)
    for workers, took in seconds.items():
        print(f"{workers} worker{'s' * (workers > 1)}: {given.trials} trials in {took:.0f} s")
    print(f"two workers give {seconds[1] / seconds[2]:.2f} times the trials of one")
    print(f"two processes that share nothing score {2 * one / two:.2f} times the layouts of one")


def _study(folder: Path, workers: int, trials: int, head: HeadModel) -> float:
    folder.mkdir(parents=True)
    settings = SearchSettings(OBJECTIVES, sampler="random", redraws=1000, early=False)
    search: Search = prepare(load_headset(HEADSET), None, head, settings, Where(folder), trials, workers > 1)
    run(search, workers)
    done = search.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    starts = [trial.datetime_start for trial in done if trial.datetime_start]
    ends = [trial.datetime_complete for trial in done if trial.datetime_complete]
    return (max(ends) - min(starts)).total_seconds()


def _alone(processes: int) -> float:
    """Seconds in which each of so many processes scores `ALONE` layouts."""
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(processes + 1), context.Barrier(processes + 1)
    workers = [context.Process(target=_score, args=(ready, go)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.monotonic()
    go.wait()
    for worker in workers:
        worker.join()
    return time.monotonic() - start


def _score(ready: multiprocessing.Barrier, go: multiprocessing.Barrier) -> None:  # type: ignore[valid-type]
    head, headset = PosedHeads(load_head_model()), load_headset(HEADSET)
    objectives, config = find_objectives(OBJECTIVES, headset), SearchSettings(OBJECTIVES).score
    measure(headset, objectives, head, config)  # compiles kernels and poses wearers
    ready.wait()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    for _ in range(ALONE):
        measure(load_headset(HEADSET), objectives, head, config)


if __name__ == "__main__":
    main()
