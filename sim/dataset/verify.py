"""Whether a data set is what it says: checksums, shards, labels, index."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sim.counted import counted
from sim.dataset.generate import DATASET, INDEX
from sim.dataset.png import png_form
from sim.dataset.schema import SCHEMA_VERSION, CameraLabel, check_label
from sim.dataset.shards import read_samples
from sim.dataset.storage import Storage, sha256_of
from sim.errors import SimError


def read_record(out: str | Path) -> dict[str, Any]:
    """What dataset.json holds.

    Raises:
        SimError: there is none, it is no JSON, or of a version that this code does not know.
    """
    storage = Storage(out)
    if not storage.exists(DATASET):
        raise SimError(f"no data set: {DATASET} is missing ({storage.url})")
    try:
        record = json.loads(storage.read(DATASET))
        version = record["schema_version"]
    except (ValueError, TypeError, KeyError) as error:
        raise SimError(f"{DATASET} must be the record of a data set, got {error} ({storage.url})") from None
    if version != SCHEMA_VERSION:
        raise SimError(f"`schema_version = {SCHEMA_VERSION}` must hold, got {version} ({storage.url}: {DATASET})")
    return dict(record)


def verify(out: str | Path, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """All that is wrong, one line each; none: the data set is sound.

    Raises:
        SimError: there is no data set.
    """
    record = read_record(out)
    storage = Storage(out)
    wrong: list[str] = []
    keys: set[str] = set()
    for number, shard in enumerate(record["shards"]):
        wrong += _shard(storage, shard, record, keys)
        if progress is not None:
            progress(number + 1, len(record["shards"]))
    wrong += _index(storage, record, keys)
    extra = set(storage.names()) - {DATASET, INDEX, *(shard["name"] for shard in record["shards"])}
    wrong += [f"{name}: does not belong to the data set" for name in sorted(extra) if name.endswith(".tar")]
    return wrong


def _shard(storage: Storage, shard: dict[str, Any], record: dict[str, Any], keys: set[str]) -> list[str]:
    name = shard["name"]
    if not storage.exists(name):
        return [f"{name}: missing"]
    wrong = []
    with storage.open(name) as file:
        found = sha256_of(file)
    if found != shard["sha256"]:
        wrong.append(f"{name}: its SHA-256 must be {shard['sha256'][:12]}…, got {found[:12]}…")
    count = 0
    try:
        with storage.open(name) as file:
            for key, files in read_samples(file):
                count += 1
                wrong += _repeated(key, keys, name) + _sample(f"{name}: {key}", files, shard["split"], record)
    except SimError as error:
        wrong.append(f"{name}: {error}")
    if count != shard["frames"]:
        wrong.append(f"{name}: it must hold {counted(shard['frames'], 'frame')}, got {count}")
    return wrong


def _repeated(key: str, keys: set[str], name: str) -> list[str]:
    again = key in keys
    keys.add(key)
    return [f"{name}: {key} comes twice"] if again else []


def _sample(place: str, files: dict[str, bytes], split: str, record: dict[str, Any]) -> list[str]:
    if "label.json" not in files:
        return [f"{place}: label.json is missing"]
    wrong = []
    try:
        label = check_label(
            files["label.json"],
            f"{place}.label.json",
            len(record["keypoint_names"]),
            len(record["expression_names"]),
        )
    except SimError as error:
        return [str(error)]
    if label.split != split:
        wrong.append(f"{place}: its split must be {split}, got {label.split}")
    if label.key != place.rpartition(" ")[2]:
        wrong.append(f"{place}: its label says {label.key}")
    for camera in record["cameras"]:
        if camera not in label.cameras:
            wrong.append(f"{place}: camera {camera} has no label")
        else:
            wrong += _pictures(f"{place}.{camera}", camera, files, label.cameras[camera], record["config"])
    return wrong


def _pictures(
    place: str, camera: str, files: dict[str, bytes], label: CameraLabel, config: dict[str, Any]
) -> list[str]:
    """Whether a camera's pictures have the size and the bits that label and configuration state."""
    bits = config.get("images", {}).get("bits", 8)
    expected = {"png": (label.width_px, label.height_px, bits)}
    if config["outputs"].get("lights", False):
        if not label.lights:
            return [f"{place}: its label must state `lights`, got none"]
        expected["lights.png"] = (label.width_px, label.height_px * len(label.lights), 16)
    wrong = []
    for name, form in expected.items():
        try:
            found = png_form(files.get(f"{camera}.{name}", b""))
        except SimError as error:
            wrong.append(f"{place}.{name}: {error}")
            continue
        if found != form:
            wrong.append(f"{place}.{name}: width, height and bits must be {form}, got {found}")
    return wrong


def _index(storage: Storage, record: dict[str, Any], keys: set[str]) -> list[str]:
    if not storage.exists(INDEX):
        return [f"{INDEX}: missing"]
    data = storage.read(INDEX)
    wrong = []
    if sha256_of(io.BytesIO(data)) != record["index_sha256"]:
        wrong.append(f"{INDEX}: its SHA-256 must be {record['index_sha256'][:12]}…")
    try:
        rows = set(pq.read_table(io.BytesIO(data), columns=["key"]).column("key").to_pylist())
    except (OSError, ValueError, KeyError) as error:  # pyarrow's errors derive from these
        return [*wrong, f"{INDEX}: cannot be read: {' '.join(str(error).split())[:80]}"]
    if rows != keys:
        wrong.append(f"{INDEX}: it must list the {len(keys)} frames of the shards, got {len(rows & keys)} of them")
    return wrong
