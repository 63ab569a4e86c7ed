"""What a worker needs to know to make any shard of a data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faces import load_head_model
from faces.protocol import HeadModel
from headsets.build import build_headset
from headsets.headset import Headset
from headsets.load import parse_file
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import FrameMaker
from sim.dataset.plan import Shard
from sim.dataset.shards import ShardRecord, write_shard
from sim.dataset.storage import Storage


@dataclass(frozen=True)
class Job:
    """Plain and small: it is sent to every worker.

    Attributes:
        headset, source: text of the headset's file and where it lies, for the meshes beside it.
        config: record of the configuration.
        url: where the data set goes.
    """

    headset: str
    source: str | None
    config: dict[str, Any] = field(hash=False)
    seed: int = 0
    device: str = "cpu"
    url: str = ""

    def open_headset(self) -> Headset:
        """Build the headset."""
        return build_headset(
            parse_file(self.headset, "a worker's headset"), None if self.source is None else Path(self.source)
        )


def make_worker(job: Job, head: HeadModel | None = None) -> Callable[[Shard], ShardRecord]:
    """From the job, what makes shards."""
    config = DatasetConfig.model_validate(job.config)
    maker = FrameMaker(job.open_headset(), head or load_head_model(), config, job.seed, job.device)
    storage = Storage(job.url)
    return lambda shard: write_shard(maker, shard, storage)
