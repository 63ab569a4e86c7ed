"""Samples of a data set with their labels drawn over them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from hmcsim.label_pictures import region_colours
from sim.counted import counted
from sim.dataset.frame import SEG_SHELL
from sim.dataset.shards import read_samples
from sim.dataset.storage import Storage
from sim.dataset.verify import read_record
from sim.errors import SimError
from sim.seeding import generator

CELL, MARGIN, HEADER = 300, 6, 34
SEEN, HIDDEN, BOX = (60, 255, 120), (255, 90, 70), (255, 210, 60)
TINT = 0.35
"""Share of a region's colour in its pixels."""
GAMMA = 0.6
"""Of the pictures alone, which are dark where the light is linear."""


def sample_sheet(data: str | Path, count: int, split: str | None, seed: int) -> Image.Image:
    """Frames in rows, cameras in columns; keypoints green where seen and red where hidden, boxes of scored regions.

    Raises:
        SimError: there is no data set, or no frame in the split.
    """
    record = read_record(data)
    chosen = _chosen(data, record, count, split, seed)
    cameras = list(record["cameras"])
    width = len(cameras) * (CELL + MARGIN) + MARGIN
    tallest = max(_size(camera["lens"])[1] for camera in record["cameras"].values())
    pitch = tallest + HEADER + MARGIN
    sheet = Image.new("RGB", (width, len(chosen) * pitch + MARGIN), (24, 24, 28))
    draw = ImageDraw.Draw(sheet)
    for row, (key, files) in enumerate(chosen):
        label = json.loads(files["label.json"])
        top = MARGIN + row * pitch
        draw.text((MARGIN, top), _title(key, label), fill=(230, 230, 230))
        for column, name in enumerate(cameras):
            cell = draw_labels(files, label, name, record)
            left = MARGIN + column * (CELL + MARGIN)
            sheet.paste(cell, (left, top + HEADER))
            draw.text((left, top + 16), name, fill=(170, 170, 180))
    return sheet


def draw_labels(files: dict[str, bytes], label: dict[str, Any], name: str, record: dict[str, Any]) -> Image.Image:
    """One camera's image (CELL x CELL or smaller) with its labels."""
    image = np.array(Image.open(io.BytesIO(files[f"{name}.png"])))
    sixteen = record["config"].get("images", {}).get("bits", 8) == 16
    image = image / (2.0 ** label["cameras"][name]["bits"] - 1.0 if sixteen else 255.0)
    rgb = np.repeat(image[..., None] ** GAMMA * 255.0, 3, axis=2)
    if f"{name}.seg.png" in files:
        seg = np.array(Image.open(io.BytesIO(files[f"{name}.seg.png"])))
        table = region_colours(tuple(record["region_labels"]))
        known = seg < min(SEG_SHELL, len(table))
        rgb[known] = (1 - TINT) * rgb[known] + TINT * table[seg[known]]
    camera = label["cameras"][name]
    size = _size(camera)
    scale = size[0] / camera["width_px"]
    cell = Image.fromarray(rgb.astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(cell)
    for region in record["sees"][name]:
        if region in camera["boxes"]:
            left, top, right, bottom = camera["boxes"][region]
            corners = [(scale * left, scale * top), (scale * (right + 1), scale * (bottom + 1))]
            draw.rectangle(corners, outline=BOX)
    for pixel, seen in zip(camera["keypoints_px"], camera["visible"], strict=True):
        if pixel is not None:
            x, y = scale * (pixel[0] + 0.5), scale * (pixel[1] + 0.5)
            radius = 2.0 if seen else 1.0
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=SEEN if seen else HIDDEN)
    return cell


def _size(part: dict[str, Any]) -> tuple[int, int]:
    """Width and height of a camera's cell."""
    scale = CELL / max(part["width_px"], part["height_px"])
    return round(scale * part["width_px"]), round(scale * part["height_px"])


def _chosen(
    data: str | Path, record: dict[str, Any], count: int, split: str | None, seed: int
) -> list[tuple[str, dict[str, bytes]]]:
    """Frames drawn without repetition, in order; only shards that hold one are read."""
    shards = [shard for shard in record["shards"] if split in (None, shard["split"])]
    total = sum(shard["frames"] for shard in shards)
    if not total:
        raise SimError(f"no frames in split {split!r} ({data})")
    rng = generator(seed, "dataset show")
    wanted = np.sort(rng.choice(total, min(count, total), replace=False))
    storage, out, start = Storage(data), [], 0
    for shard in shards:
        mine = {int(k) - start for k in wanted if start <= k < start + shard["frames"]}
        if mine:
            with storage.open(shard["name"]) as file:
                out += [sample for k, sample in enumerate(read_samples(file)) if k in mine]
        start += shard["frames"]
    return out


def _title(key: str, label: dict[str, Any]) -> str:
    look = label["wearer"]["look"]
    glasses = look["glasses"]["shape"] if look["glasses"] else "no glasses"
    lost = sum(led["failed"] for led in label["illumination"]["leds"].values())
    light = "ambient light" if label["illumination"]["ambient"] else "dark"
    return (
        f"{key}  {label['split']}  identity {label['wearer']['identity']}, beard {look['hair']['beard']}, {glasses}   "
        f"{label['expression']}   {light}, {counted(lost, 'LED')} failed"
    )
