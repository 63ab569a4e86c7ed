"""Depth, normals and regions as pictures, for eyes; numbers are in frame.npz."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sim.render import CameraFrame

BACKGROUND = (24, 24, 28)
SHELL = (70, 70, 78)
GOLDEN_ANGLE_DEG = 137.508


def region_colours(labels: tuple[str, ...]) -> NDArray[np.uint8]:
    """(L, 3) distinct colours in label order; the first label, skin without a name, is grey."""
    count = len(labels)
    hue = np.deg2rad(np.arange(count) * GOLDEN_ANGLE_DEG)[:, None]
    wave = 0.5 + 0.5 * np.cos(hue - np.deg2rad([0.0, 120.0, 240.0]))
    colours = np.rint(70 + 175 * wave).astype(np.uint8)
    colours[0] = 130
    return colours


def region_picture(region: NDArray[np.int32], labels: tuple[str, ...]) -> NDArray[np.uint8]:
    """(H, W, 3) of a region buffer; the shell and empty pixels are dark."""
    table = np.concatenate([region_colours(labels), np.array([SHELL, BACKGROUND], np.uint8)])
    return table[region]  # -1, nothing, and -2, shell, count from the end


def depth_picture(depth: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W) near is bright, over the picture's own range; nothing is black."""
    seen = np.isfinite(depth)
    if not seen.any():
        return np.zeros(depth.shape, np.uint8)
    near, far = np.percentile(depth[seen], (1, 99))
    scaled = 255 - 215 * np.clip((depth - near) / max(far - near, 1e-9), 0, 1)
    return np.rint(np.where(seen, scaled, 0)).astype(np.uint8)


def normal_picture(normal: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 3) camera-frame normals: red right, green up, blue towards the camera."""
    seen = np.linalg.norm(normal, axis=-1, keepdims=True) > 0
    return np.where(seen, np.rint(127.5 + 127.5 * normal * (1, -1, -1)), BACKGROUND).astype(np.uint8)


def write_label_pictures(folder: Path, frames: Mapping[str, CameraFrame], labels: tuple[str, ...]) -> None:
    """`{camera}.depth.png`, `.normal.png` and `.region.png` for every buffer a frame has."""
    for name, frame in frames.items():
        if frame.depth is not None:
            Image.fromarray(depth_picture(frame.depth)).save(folder / f"{name}.depth.png")
        if frame.normal is not None:
            Image.fromarray(normal_picture(frame.normal)).save(folder / f"{name}.normal.png")
        if frame.region is not None:
            Image.fromarray(region_picture(frame.region, labels)).save(folder / f"{name}.region.png")
