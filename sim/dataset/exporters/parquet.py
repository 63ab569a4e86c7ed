"""Parquet in the layout that Hugging Face's `datasets` loads: one row a frame, one picture column a camera."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.dataset.exporters.frames import frames_of
from sim.dataset.sample import SPLITS
from sim.dataset.verify import read_record

ROWS = 100
"""Rows of a group, and frames held in memory at a time."""
NAMES = {"train": "train", "val": "validation", "test": "test"}
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def export_parquet(data: str | Path, out: Path) -> list[Path]:
    """Write `data/{split}-00000-of-00001.parquet` into an existing folder: `datasets.load_dataset(folder)` reads it.

    Columns: key, split, image_{camera}, weights, gaze_rad (left azimuth and elevation, right ones), T_device_head (row
    by row), keypoints_px_{camera} (x, y of each in turn, NaN where there is none), visible_{camera}, label (JSON).

    Raises:
        SimError: there is no data set.
    """
    record = read_record(data)
    cameras = list(record["cameras"])
    schema = _schema(cameras)
    written = []
    (out / "data").mkdir(exist_ok=True)
    for split in SPLITS:
        path = out / "data" / f"{NAMES[split]}-00000-of-00001.parquet"
        rows: list[dict[str, Any]] = []
        writer: pq.ParquetWriter | None = None
        for key, files, label in frames_of(data, record, split):
            writer = writer or pq.ParquetWriter(path, schema)
            rows.append(_row(key, files, label))
            if len(rows) == ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        if writer is not None:
            if rows:
                writer.write_table(pa.Table.from_pylist(rows, schema))
            writer.close()
            written.append(path)
    return written


def _row(key: str, files: dict[str, bytes], label: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": key,
        "split": label["split"],
        "weights": label["weights"],
        "gaze_rad": [angle for eye in label["gaze_rad"] for angle in eye],
        "T_device_head": [value for row in label["T_device_head"] for value in row],
        "label": files["label.json"].decode(),
    }
    for name, camera in label["cameras"].items():
        row[f"image_{name}"] = {"bytes": files[f"{name}.png"], "path": f"{key}.{name}.png"}
        pixels = [p or (float("nan"), float("nan")) for p in camera["keypoints_px"]]
        row[f"keypoints_px_{name}"] = [value for pixel in pixels for value in pixel]
        row[f"visible_{name}"] = [bool(v) for v in camera["visible"]]
    return row


def _schema(cameras: list[str]) -> pa.Schema:
    """With the note by which `datasets` knows that columns are pictures."""
    text, floats = {"dtype": "string", "_type": "Value"}, pa.list_(pa.float32())
    numbers = {"feature": {"dtype": "float32", "_type": "Value"}, "_type": "List"}
    flags = {"feature": {"dtype": "bool", "_type": "Value"}, "_type": "List"}
    fields: list[tuple[str, pa.DataType]] = [("key", pa.string()), ("split", pa.string())]
    features: dict[str, Any] = {"key": text, "split": text}
    for name in cameras:
        fields.append((f"image_{name}", _IMAGE))
        features[f"image_{name}"] = {"_type": "Image"}
    for column in ("weights", "gaze_rad", "T_device_head"):
        fields.append((column, floats))
        features[column] = numbers
    for name in cameras:
        fields += [(f"keypoints_px_{name}", floats), (f"visible_{name}", pa.list_(pa.bool_()))]
        features |= {f"keypoints_px_{name}": numbers, f"visible_{name}": flags}
    fields.append(("label", pa.string()))
    features["label"] = text
    note = json.dumps({"info": {"features": features}}).encode()
    return pa.schema(fields, metadata={b"huggingface": note})
