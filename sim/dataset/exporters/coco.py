"""COCO keypoints: one picture a camera and frame, one face in it (https://cocodataset.org/#format-data)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.dataset.exporters.frames import frames_of
from sim.dataset.sample import SPLITS
from sim.dataset.verify import read_record

CATEGORY = 1


def export_coco(data: str | Path, out: Path) -> list[Path]:
    """Write `images/{split}/{key}.{camera}.png` and `annotations/{split}.json` into an existing folder.

    A keypoint's flag is 2 if it is seen, 1 if it is hidden but within the image, 0 (and x = y = 0) if it lies outside.

    Raises:
        SimError: there is no data set.
    """
    record = read_record(data)
    written = []
    for split in SPLITS:
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        folder = out / "images" / split
        for key, files, label in frames_of(data, record, split):
            folder.mkdir(parents=True, exist_ok=True)
            for camera, seen in label["cameras"].items():
                name = f"{key}.{camera}.png"
                (folder / name).write_bytes(files[f"{camera}.png"])
                number = len(images) + 1
                images.append(
                    {"id": number, "file_name": name, "width": seen["width_px"], "height": seen["height_px"],
                     "key": key, "camera": camera}
                )  # fmt: skip
                annotations.append(_annotation(number, seen))
        if not images:
            continue
        path = out / "annotations" / f"{split}.json"
        path.parent.mkdir(exist_ok=True)
        content = {
            "info": {"description": f"hmcsim, headset {record['headset']['name']}, seed {record['seed']}"},
            "images": images,
            "annotations": annotations,
            "categories": [
                {"id": CATEGORY, "name": "face", "supercategory": "person", "keypoints": record["keypoint_names"],
                 "skeleton": []}
            ],
        }  # fmt: skip
        path.write_text(json.dumps(content, allow_nan=False))
        written.append(path)
    return written


def _annotation(number: int, seen: dict[str, Any]) -> dict[str, Any]:
    points = list(_keypoints(seen))
    left, top, right, bottom = _face(seen["boxes"])
    return {
        "id": number,
        "image_id": number,
        "category_id": CATEGORY,
        "keypoints": [value for point in points for value in point],
        "num_keypoints": sum(point[2] > 0 for point in points),
        "bbox": [left, top, right - left, bottom - top],
        "area": float((right - left) * (bottom - top)),
        "iscrowd": 0,
    }


def _keypoints(seen: dict[str, Any]) -> Iterator[tuple[float, float, int]]:
    for pixel, visible in zip(seen["keypoints_px"], seen["visible"], strict=True):
        inside = (
            pixel is not None
            and -0.5 <= pixel[0] < seen["width_px"] - 0.5
            and -0.5 <= pixel[1] < seen["height_px"] - 0.5
        )
        yield (pixel[0], pixel[1], 2 if visible else 1) if inside else (0.0, 0.0, 0)


def _face(boxes: dict[str, list[int]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all regions; COCO's boxes reach to the pixels' far edges."""
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    left, top = (float(min(box[k] for box in boxes.values())) for k in (0, 1))
    right, bottom = (float(max(box[k] for box in boxes.values()) + 1) for k in (2, 3))
    return left, top, right, bottom
