"""What a data set was made from, as plain data: `dataset.json`, and the difference that forbids to go on."""

from __future__ import annotations

import hashlib
import platform
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.dataset.arithmetic import arithmetic
from sim.dataset.config import DatasetConfig
from sim.dataset.labels import calibration
from sim.dataset.schema import SCHEMA_VERSION, Label
from sim.dataset.shards import ShardRecord
from sim.errors import SimError

SOFTWARE = ("hmcsim", "anny", "numpy", "scipy", "warp-lang", "pyarrow")
"""Packages whose version can change bytes."""
SHOWN = 4
"""Differences that an error lists."""


def run_record(
    headset: Headset, head: HeadModel, config: DatasetConfig, seed: int, frames: int, device: str
) -> dict[str, Any]:
    """All that decides a data set's bytes.

    Raises:
        SimError: a headset that no file describes.
    """
    if headset.spec is None:
        raise SimError("`headset.spec` must be there to make a data set, got a headset that no file describes")
    topology = head.topology
    labels = topology.region_labels
    return {
        "schema_version": SCHEMA_VERSION,
        "frames": frames,
        "seed": seed,
        "device": "cpu" if device == "cpu" else "cuda",
        "config": config.record(),
        "headset": headset.spec.model_dump(mode="json", exclude_unset=True),
        "cameras": {name: calibration(camera) for name, camera in headset.cameras.items()},
        "shell_sha256": _shell_hash(headset),
        "sees": {name: list(camera.sees) for name, camera in headset.cameras.items()},
        "head_model": head.name,
        "expression_names": list(head.expression_names),
        "keypoint_names": list(topology.keypoint_names),
        "region_labels": [*labels, *(["glasses"] if "glasses" not in labels else [])],
        "arithmetic": arithmetic(),
        "software": {
            "python": platform.python_version(),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
            **{name: version(name) for name in SOFTWARE},
        },
    }


def dataset_record(run: Mapping[str, Any], shards: Sequence[ShardRecord], index_sha256: str) -> dict[str, Any]:
    """The contents of dataset.json."""
    splits: dict[str, dict[str, Any]] = {}
    for shard in shards:
        split = splits.setdefault(shard.split, {"frames": 0, "shards": 0, "identities": set()})
        split["frames"] += shard.frames
        split["shards"] += 1
        split["identities"] |= {row["identity"] for row in shard.rows}
    return {
        **run,
        "splits": {name: {**split, "identities": sorted(split["identities"])} for name, split in splits.items()},
        "shards": [
            {"name": s.name, "split": s.split, "frames": s.frames, "bytes": s.bytes, "sha256": s.sha256} for s in shards
        ],
        "index_sha256": index_sha256,
        "label_schema": Label.model_json_schema(),
    }


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """Where two records differ, as "seed: 0 -> 1"."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        keys = dict.fromkeys((*before, *now))
        return [d for key in keys for d in differences(
            before.get(key, "nothing"), now.get(key, "nothing"), f"{path}.{key}" if path else str(key))]  # fmt: skip
    return [] if before == now else [f"{path}: {_short(before)} -> {_short(now)}"]


def refuse_changes(before: Mapping[str, Any], now: Mapping[str, Any], place: str) -> None:
    """A data set is gone on with as it was begun.

    Raises:
        SimError: it would not be; the message lists the differences.
    """
    found = differences(before, now)
    if found:
        more = f"; {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise SimError(
            f"a data set can be resumed only as it was begun, got {'; '.join(found[:SHOWN])}{more} ({place})"
        )


def _shell_hash(headset: Headset) -> str | None:
    """Of the housing's mesh, which the headset's file only names."""
    if headset.shell is None:
        return None
    vertices = np.ascontiguousarray(np.round(headset.shell.vertices, 9), "<f8")
    return hashlib.sha256(vertices.tobytes() + headset.shell.triangles.astype("<i4").tobytes()).hexdigest()


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
