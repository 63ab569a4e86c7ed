"""Shards by processes of this machine."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

from sim.dataset.engines.job import Job, make_worker
from sim.dataset.plan import Shard
from sim.dataset.shards import ShardRecord
from sim.errors import SimError
from sim.parallel import in_processes, worker_count

_PR_SET_PDEATHSIG = 1


def make_locally(job: Job, shards: Sequence[Shard], workers: int | None) -> Iterator[ShardRecord]:
    """Records of shards as they get done; `workers` None: one a usable core.

    Raises:
        SimError: a worker was killed, or one of them could not do its work.
    """
    count = worker_count(workers)
    try:
        start = _make if min(count, len(shards)) > 1 else make_worker
        yield from in_processes(start, job, shards, count, ordered=False)
    except BrokenProcessPool as error:
        raise SimError("a worker process was killed; --resume goes on from what is finished") from error


def _make(job: Job) -> Callable[[Shard], ShardRecord]:
    """In a worker process: end with the parent, however that ends."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    return make_worker(job)
