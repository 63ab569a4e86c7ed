"""Make a data set: plan, shards, index, and the file that says it is complete."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from faces.protocol import HeadModel
from headsets.headset import Headset
from headsets.load import dump_headset
from sim.dataset.config import DatasetConfig
from sim.dataset.disk import bytes_per_frame, check_room
from sim.dataset.engines.cluster import load_ray, make_on_cluster
from sim.dataset.engines.job import Job
from sim.dataset.engines.local import make_locally
from sim.dataset.load_config import check_against
from sim.dataset.motion import tasks_of
from sim.dataset.plan import plan_shards
from sim.dataset.run_record import dataset_record, refuse_changes, run_record
from sim.dataset.shards import WORK, ShardRecord, finished
from sim.dataset.storage import Storage, sha256_of
from sim.errors import SimError
from sim.render.device import open_device

DATASET, INDEX, RUN = "dataset.json", "index.parquet", f"{WORK}/run.json"


@dataclass(frozen=True)
class Engine:
    """Who works.

    Attributes:
        name: "local" or "ray".
        workers: None: one a core.
        address: of a Ray cluster.
        device: "cpu" or "cuda".
    """

    name: Literal["local", "ray"] = "local"
    workers: int | None = None
    address: str | None = None
    device: str = "cpu"


def generate(
    headset: Headset,
    head: HeadModel,
    config: DatasetConfig,
    frames: int,
    out: str | Path,
    *,
    seed: int = 0,
    engine: Engine = Engine(),
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Make a data set of so many frames in a folder or at a URL; returns what dataset.json holds.

    The bytes depend on headset, configuration, seed and number of frames alone. What is killed and resumed ends with
    the same ones.

    Args:
        resume: go on with what is there; without it, the folder must hold no data set.
        progress: called with frames done and frames in all.

    Raises:
        SimError: a rule is broken, the place cannot be written or has too little room, there is a data set already, or
            one that was begun otherwise.
        UnknownPartError: the configuration names an LED that the headset lacks.
    """
    check_against(config, headset)
    open_device(engine.device)
    if engine.name == "ray":
        load_ray()
    rate = max(camera.sensor.frame_rate_hz for camera in headset.cameras.values())
    tasks_of(config.wearers.script, config.wearers.frames_each, rate)
    shards = plan_shards(config, frames)
    run = json.loads(json.dumps(run_record(headset, head, config, seed, frames, engine.device)))
    storage = Storage(out)
    complete = _begin(storage, run, resume)
    if complete is not None:
        return complete
    done = {shard.name: record for shard in shards if (record := finished(shard, storage))}
    missing = [shard for shard in shards if shard.name not in done]
    check_room(storage, sum(shard.frames for shard in missing), bytes_per_frame(headset, config))
    storage.write(RUN, _text(run))
    total = sum(record.frames for record in done.values())
    if progress is not None:
        progress(total, frames)
    for record in _work(_job(headset, config, seed, storage, engine), missing, engine):
        done[record.name] = record
        total += record.frames
        if progress is not None:
            progress(total, frames)
    return _finish(storage, run, [done[shard.name] for shard in shards])


def _begin(storage: Storage, run: dict[str, Any], resume: bool) -> dict[str, Any] | None:
    """Make the place ready; the record of a data set that is complete already."""
    for name in (DATASET, RUN):
        if storage.exists(name):
            if not resume:
                raise SimError(f"there is a data set already; --resume goes on with it ({storage.url})")
            before = json.loads(storage.read(name))
            refuse_changes({key: before.get(key) for key in run}, run, f"{storage.url}: {name}")
            if name == DATASET:
                storage.remove(WORK)
                return dict(before)
    storage.make()
    storage.remove_partial()
    return None


def _job(headset: Headset, config: DatasetConfig, seed: int, storage: Storage, engine: Engine) -> Job:
    source = None if headset.source is None else str(headset.source.absolute())
    url = storage.url if storage.local is None else str(storage.local.absolute())
    return Job(dump_headset(headset), source, config.record(), seed, engine.device, url)


def _work(job: Job, missing: list[Any], engine: Engine) -> Any:
    if engine.name == "ray":
        return make_on_cluster(job, missing, engine.workers, engine.address)
    return make_locally(job, missing, engine.workers)


def _finish(storage: Storage, run: dict[str, Any], records: list[ShardRecord]) -> dict[str, Any]:
    rows = [row for record in records for row in record.rows]
    rows.sort(key=lambda row: int(row["index"]))
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer, compression="zstd")
    storage.remove_partial()  # of workers that were lost on the way
    storage.write(INDEX, buffer.getvalue())
    buffer.seek(0)
    record = dataset_record(run, records, sha256_of(buffer))
    storage.write(DATASET, _text(record))
    storage.remove(WORK)
    return record


def _text(data: object) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
