"""Work in pieces over processes: each worker makes its tools once, then takes task after task."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, TypeVar, cast

from sim.errors import SimError
from sim.interrupts import workers_ignore_interrupts

Task = TypeVar("Task")
Piece = TypeVar("Piece")
Job = TypeVar("Job")

_run: Callable[[Any], Any] | None = None
"""Of this worker process; set once by `_start`."""


def worker_count(workers: int | None) -> int:
    """Processes: those asked for, or one for each usable core.

    Raises:
        SimError: fewer than one.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise SimError(f"`workers >= 1` must hold, got {workers}")
    return count


def spread(
    make: Callable[[Job], Callable[[Task], Piece]], job: Job, tasks: Sequence[Task], workers: int
) -> Iterator[Piece]:
    """Results of all tasks, in the order in which they are done.

    Args:
        make: from the job, what works on a task; importable by name. Called once a process.
        job: all that a worker needs, sent to it once.
        tasks: to be shared out.
        workers: processes; 1: this one does it. With more, a script must guard its entry point
            (`if __name__ == "__main__":`), as `multiprocessing` spawns anew.
    """
    count = min(workers, len(tasks))
    if count <= 1:
        run = make(job)
        for task in tasks:
            yield run(task)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _start, (make, job)) as pool:
        try:
            with workers_ignore_interrupts():
                futures = [pool.submit(_work, task) for task in tasks]
            for future in as_completed(futures):
                yield cast(Piece, future.result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start(make: Callable[[Any], Callable[[Any], Any]], job: object) -> None:
    global _run
    _run = make(job)


def _work(task: object) -> object:
    assert _run is not None
    return _run(task)
