"""A list of tasks over processes that share one job; the results do not depend on how many there are."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from typing import Any, TypeVar

from headsets.headset import Headset
from sim.errors import SimError
from sim.interrupts import workers_ignore_interrupts

Job = TypeVar("Job")
Task = TypeVar("Task")
Result = TypeVar("Result")

_run: Callable[[Any], Any] | None = None
"""Of this worker process; set once by `_begin`."""


def in_processes(
    start: Callable[[Job], Callable[[Task], Result]],
    job: Job,
    tasks: Sequence[Task],
    workers: int | None = None,
    alike: bool = True,
    ordered: bool = True,
) -> Iterator[Result]:
    """Results of all tasks, in their order, or in that in which they are done.

    Args:
        start: importable; makes of the job, once a process, what runs a task.
        job: picklable.
        tasks: picklable, small.
        workers: processes; None: one for each usable core; 1: none, everything happens here.
        ordered: False: what is done first comes first.
        alike: pickle the job in any case, as some numbers in it (a RigidTransform's) are rounded on the way.

    Raises:
        SimError: `workers` is below 1.
    """
    count = min(worker_count(workers), len(tasks))
    if count <= 1:
        run = start(pickle.loads(pickle.dumps(job)) if alike else job)
        for task in tasks:
            yield run(task)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _begin, (start, pickle.dumps(job))) as pool:
        try:
            with workers_ignore_interrupts():
                futures = [pool.submit(_call, task) for task in tasks]
            for future in futures if ordered else as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def worker_count(workers: int | None) -> int:
    """Processes: those asked for, or one for each usable core.

    Raises:
        SimError: fewer than one.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise SimError(f"`workers >= 1` must hold, got {workers}")
    return count


def portable(headset: Headset) -> Headset:
    """The headset in plain mappings, which other processes can be sent."""
    cameras = {
        name: replace(c, sensor=replace(c.sensor, quantum_efficiency=dict(c.sensor.quantum_efficiency)))
        for name, c in headset.cameras.items()
    }
    return replace(headset, cameras=cameras, leds=dict(headset.leds), cover_glasses=dict(headset.cover_glasses))


def _begin(start: Callable[[Any], Callable[[Any], Any]], sent: bytes) -> None:
    global _run
    _run = start(pickle.loads(sent))


def _call(task: Any) -> Any:
    assert _run is not None
    return _run(task)
