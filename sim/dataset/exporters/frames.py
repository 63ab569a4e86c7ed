"""What exporters go through: the frames of one split, shard by shard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.dataset.shards import read_samples
from sim.dataset.storage import Storage


def frames_of(
    data: str | Path, record: dict[str, Any], split: str
) -> Iterator[tuple[str, dict[str, bytes], dict[str, Any]]]:
    """Key, files and label of each frame of a split."""
    storage = Storage(data)
    for shard in record["shards"]:
        if shard["split"] != split:
            continue
        with storage.open(shard["name"]) as file:
            for key, files in read_samples(file):
                yield key, files, json.loads(files["label.json"])
