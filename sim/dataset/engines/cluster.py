"""Shards by a Ray cluster: the same bytes as made locally; shards of workers that are lost are made again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from sim.dataset.arithmetic import VARIABLES
from sim.dataset.engines.job import Job, make_worker
from sim.dataset.plan import Shard
from sim.dataset.shards import ShardRecord
from sim.errors import SimError

AHEAD = 4
"""Shards handed out at a time for each worker: a long list of tasks would weigh on the cluster."""


def load_ray() -> Any:
    """Ray.

    Raises:
        SimError: it is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise SimError("`--engine ray` needs Ray: pip install 'hmcsim[ray]'") from error
    return ray


def make_on_cluster(
    job: Job, shards: Sequence[Shard], workers: int | None, address: str | None
) -> Iterator[ShardRecord]:
    """Records of shards as they get done.

    Args:
        workers: shards at a time; None: one for each of the cluster's cores (or GPUs).
        address: of the cluster, "auto", or None: a cluster of this machine's own, for the time being.

    Raises:
        SimError: Ray is missing, or the cluster is not to be reached.
    """
    ray = load_ray()
    ours = not ray.is_initialized()
    if ours:
        try:
            ray.init(address=address, num_cpus=workers if address is None else None, log_to_driver=False,
                     include_dashboard=False, logging_level="ERROR")  # fmt: skip
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise SimError(f"no Ray cluster at {address!r}: {error}") from error
    try:
        on_gpu = job.device.startswith("cuda")
        needs = {"num_gpus": 1, "num_cpus": 1} if on_gpu else {"num_cpus": 1}
        work = ray.remote(_work).options(max_retries=-1, runtime_env=_environment(), **needs)
        have = ray.cluster_resources().get("GPU" if on_gpu else "CPU", 1)
        most = AHEAD * (workers or max(1, int(have))) if workers is None else workers
        waiting = list(shards)
        pending = [work.remote(job, waiting.pop(0)) for _ in range(min(most, len(waiting)))]
        while pending:
            done, pending = ray.wait(pending, num_returns=1)
            pending += [work.remote(job, waiting.pop(0)) for _ in done[: len(waiting)]]
            for one in done:
                yield _result(ray, one)
    finally:
        if ours:
            ray.shutdown()


def _environment() -> dict[str, Any]:
    """Workers compute as this process does."""
    return {"env_vars": {name: os.environ[name] for name in VARIABLES if name in os.environ}}


def _result(ray: Any, one: Any) -> ShardRecord:
    try:
        record: ShardRecord = ray.get(one)
    except ray.exceptions.RayTaskError as error:
        cause = error.as_instanceof_cause()
        if isinstance(cause, SimError):
            raise SimError(str(error.cause)) from error
        raise
    return record


_kept: list[tuple[Job, Any]] = []
"""Of this worker process: the job it worked on last, and its tools."""


def _work(job: Job, shard: Shard) -> ShardRecord:
    """On a worker, which keeps its tools from task to task."""
    if not _kept or _kept[0][0] != job:
        _kept[:] = [(job, make_worker(job))]
    record: ShardRecord = _kept[0][1](shard)
    return record
