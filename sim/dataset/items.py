"""A frame as a reader gets it: plain arrays, alike from shards and from the stream."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from sim.dataset.frame import Frame, seg_image
from sim.dataset.light_code import unstacked

Image = NDArray[np.uint8] | NDArray[np.uint16]
"""Of frames that stay on their device it is a tensor."""
Item = dict[str, Any]
"""key (str); images {camera: (H, W) uint8, uint16 of data sets with 16-bit images} and bits {camera: int}, 2^bits - 1
being white; weights (E,), gaze (2, 2) rad, T_device_head (4, 4) and keypoints_m (K, 3) float32; keypoints_px {camera:
(K, 2) float32, NaN where the lens has no image}; visible {camera: (K,) bool}; regions, depth, normals {camera: …},
lights {camera: {light: (H, W) float32}} (`sim.sensor.basis`) and vertices where the data set has them; label:
everything, as plain data, on request. Of a stream whose frames stay on their device (`sim.dataset.stream(…,
resident=True)`), images, regions, depth and normals are PyTorch's tensors there, of the same shapes and types."""


def item_of(key: str, label: Mapping[str, Any], images: Mapping[str, Any], whole: bool) -> Item:
    """What every frame has; `whole`: with the label."""
    cameras = label["cameras"]
    nowhere = [float("nan"), float("nan")]
    item: Item = {
        "key": key,
        "images": dict(images),
        "bits": {name: camera["bits"] if images[name].itemsize == 2 else 8 for name, camera in cameras.items()},
        "weights": np.array(label["weights"], np.float32),
        "gaze": np.array(label["gaze_rad"], np.float32),
        "T_device_head": np.array(label["T_device_head"], np.float32),
        "keypoints_m": np.array(label["keypoints_m"], np.float32),
        "keypoints_px": {
            name: np.array([nowhere if p is None else p for p in camera["keypoints_px"]], np.float32)
            for name, camera in cameras.items()
        },
        "visible": {name: np.array(camera["visible"], bool) for name, camera in cameras.items()},
    }
    if whole:
        item["label"] = dict(label)
    return item


def item_from_files(key: str, files: Mapping[str, bytes], whole: bool = False) -> Item:
    """From a sample of a shard: names after the key -> bytes."""
    label = json.loads(files["label.json"])
    item = item_of(key, label, {name: _png(files[f"{name}.png"]) for name in label["cameras"]}, whole)
    for kind, ending, read in (
        ("regions", "seg.png", _png),
        ("depth", "depth.npy", _npy),
        ("normals", "normal.npy", _npy),
    ):
        found = {name: read(files[f"{name}.{ending}"]) for name in label["cameras"] if f"{name}.{ending}" in files}
        if found:
            item[kind] = found
    if any("lights" in camera for camera in label["cameras"].values()):
        item["lights"] = {
            name: unstacked(np.asarray(_png(files[f"{name}.lights.png"]), np.uint16), camera["lights"])
            for name, camera in label["cameras"].items()
        }
    if "mesh.npy" in files:
        item["vertices"] = _npy(files["mesh.npy"])
    return item


def item_from_frame(frame: Frame, outputs: Any, whole: bool = False) -> Item:
    """From a frame just made; `outputs`: see `sim.dataset.config.OutputsPart`."""
    item = item_of(frame.sample.key, frame.label, frame.images, whole)
    buffers = {name: shot.frame for name, shot in frame.captures.items()}
    if outputs.regions:
        item["regions"] = {name: seg_image(b.region) for name, b in buffers.items() if b.region is not None}
    if outputs.depth:
        item["depth"] = {name: np.array(b.depth) for name, b in buffers.items()}
    if outputs.normals:
        item["normals"] = {name: b.normal.astype(np.float16) for name, b in buffers.items() if b.normal is not None}
    if outputs.lights:
        tops = {name: camera["lights"] for name, camera in frame.label["cameras"].items()}
        item["lights"] = {name: unstacked(codes, tops[name]) for name, codes in frame.lights.items()}
    if outputs.mesh:
        item["vertices"] = frame.vertices
    return item


def _png(data: bytes) -> Image:
    with PIL.Image.open(io.BytesIO(data)) as image:
        # Pillow's mode for 16 bits has been I and I;16.
        return np.asarray(image, np.uint8) if image.mode == "L" else np.asarray(image, np.uint16)


def _npy(data: bytes) -> NDArray[Any]:
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
