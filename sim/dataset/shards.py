"""Shards: WebDataset tars, the same bytes for the same frames, and what is recorded of each."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from sim.dataset.frame import Frame, FrameMaker, files_of
from sim.dataset.plan import Shard
from sim.dataset.storage import Hashing, Storage
from sim.errors import SimError

WORK = ".work"
"""Folder of what is needed to go on; gone once the data set is complete."""


@dataclass(frozen=True)
class ShardRecord:
    """What is known of a finished shard; `rows` are those of the index."""

    name: str
    split: str
    frames: int
    bytes: int
    sha256: str
    rows: tuple[dict[str, Any], ...]


def write_shard(maker: FrameMaker, shard: Shard, storage: Storage) -> ShardRecord:
    """Make a shard's frames and write them, then the record that says it is done.

    Raises:
        SimError: it cannot be written.
    """
    rows = []
    with storage.writing(shard.name) as file:
        hashing = Hashing(file)
        with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.USTAR_FORMAT) as tar:  # type: ignore[call-overload]
            for index in shard.indices:
                frame = maker.frame(index)
                for name, data in files_of(frame, maker.config.outputs):
                    tar.addfile(_header(f"{frame.sample.key}.{name}", len(data)), io.BytesIO(data))
                rows.append(index_row(frame, shard.name))
    record = ShardRecord(shard.name, shard.split, shard.frames, hashing.length, hashing.hexdigest(), tuple(rows))
    storage.write(_record_name(shard.name), json.dumps(asdict(record), separators=(",", ":")).encode())
    return record


def finished(shard: Shard, storage: Storage) -> ShardRecord | None:
    """The record of a shard that is there as a whole; None: it must be made."""
    if not storage.exists(_record_name(shard.name)):
        return None
    try:
        plain = json.loads(storage.read(_record_name(shard.name)))
        record = ShardRecord(**{**plain, "rows": tuple(plain["rows"])})
    except (ValueError, TypeError, KeyError):
        return None
    whole = record.frames == shard.frames == len(record.rows) and storage.size(shard.name) == record.bytes
    return record if whole else None


def index_row(frame: Frame, shard: str) -> dict[str, Any]:
    """A frame's row of index.parquet."""
    sample, label = frame.sample, frame.label
    look = sample.wearer.look
    return {
        "key": sample.key,
        "index": sample.index,
        "split": sample.split,
        "shard": shard,
        "identity": sample.identity,
        "capture": sample.capture,
        "wearing": sample.wearing,
        "task": sample.task.name,
        "kind": sample.task.kind,
        "anchor": sample.task.anchor,
        "time_s": label["task"]["time_s"],
        "expression": sample.expression,
        "sex": str(getattr(sample.wearer.identity, "sex", "")),
        "age_years": float(getattr(sample.wearer.identity, "age_years", -1.0)),
        "glasses": look.glasses.shape if look.glasses else "",
        "beard": look.hair.beard,
        "lens_set": sample.lens_set,
        "failed_leds": sum(led["failed"] for led in label["illumination"]["leds"].values()),
        "ambient": sample.ambient is not None,
        "visible_keypoints": sum(sum(camera["visible"]) for camera in label["cameras"].values()),
    }


def read_samples(file: IO[bytes]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Key and files (name after the key -> bytes) of each sample of a tar, in order.

    Raises:
        SimError: it is not a whole tar.
    """
    try:
        with tarfile.open(fileobj=file, mode="r|") as tar:
            key, files = "", dict[str, bytes]()
            for member in tar:
                stem, _, name = member.name.partition(".")
                if stem != key and files:
                    yield key, files
                    files = {}
                key = stem
                content = tar.extractfile(member)
                files[name] = b"" if content is None else content.read()
            if files:
                yield key, files
    except tarfile.TarError as error:
        raise SimError(f"a shard must be a whole tar file: {error}") from error


def _record_name(shard: str) -> str:
    return f"{WORK}/{shard}.json"


def _header(name: str, size: int) -> tarfile.TarInfo:
    """Of a file without time and owner."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o644, 0
    return info
