"""What a data set holds, in lines to print."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from sim.counted import counted
from sim.dataset.generate import INDEX
from sim.dataset.storage import Storage
from sim.dataset.verify import read_record


def info_lines(data: str | Path) -> Iterator[str]:
    """Size, splits, what varies, and what it was made from.

    Raises:
        SimError: there is no data set.
    """
    record = read_record(data)
    shards = record["shards"]
    size = sum(shard["bytes"] for shard in shards)
    cameras = record["cameras"]
    frames, each = counted(record["frames"], "frame"), counted(len(cameras), "camera")
    yield f"{frames} of headset {record['headset']['name']}, {each} each"
    yield f"{size / 1e6:.1f} MB in {counted(len(shards), 'shard')}; seed {record['seed']}, device {record['device']}"
    for name, split in record["splits"].items():
        people = len(split["identities"])
        yield f"  {name:6}{split['frames']:8} frames  {people:6} identities  {split['shards']:5} shards"
    lenses = [
        f"{name} {c['lens']['width_px']}x{c['lens']['height_px']} {c['lens']['model']}" for name, c in cameras.items()
    ]
    yield f"cameras: {', '.join(lenses)}"
    config = record["config"]
    stored = [name for name, wanted in config["outputs"].items() if wanted]
    yield f"images: {config.get('images', {}).get('bits', 8)} bits; besides: {', '.join(stored) or 'nothing'}"
    rows = pq.read_table(io.BytesIO(Storage(data).read(INDEX))).to_pylist()
    for column in ("kind", "glasses", "beard", "ambient", "failed_leds"):
        counts = Counter(str(row[column] if row[column] != "" else "none") for row in rows)
        yield f"{column}: {', '.join(f'{name} {count}' for name, count in counts.most_common(8))}"
    words = Counter(row["expression"].partition(":")[0] for row in rows)
    yield f"expressions: {', '.join(f'{name} {count}' for name, count in words.most_common(8))}"
    yield f"render: {record['config']['render']}; {', '.join(f'{k} {v}' for k, v in record['software'].items())}"
