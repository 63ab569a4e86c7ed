"""How much room a data set takes, guessed before it is made."""

from __future__ import annotations

from headsets.headset import Headset
from sim.counted import counted
from sim.dataset.config import DatasetConfig
from sim.dataset.storage import Storage
from sim.errors import SimError

IMAGE, SEG = 0.62, 0.06
"""Bytes a pixel of an image and of an image of regions: noisy 8-bit images measured 0.42 to 0.55 at 400 x 400."""
LABEL, LABEL_CAMERA, MESH = 14_000, 9_000, 240_000
"""Bytes of a label, of each camera's part in it, and of a mesh."""
SPARE = 1.05


def bytes_per_frame(headset: Headset, config: DatasetConfig) -> float:
    """A guess, on the large side."""
    out = config.outputs
    each = IMAGE + SEG * out.regions + 4 * out.depth + 6 * out.normals
    pixels = sum(camera.width_px * camera.height_px for camera in headset.cameras.values())
    return pixels * each + LABEL + LABEL_CAMERA * len(headset.cameras) + MESH * out.mesh


def check_room(storage: Storage, frames: int, each: float) -> None:
    """Too little room is noticed before the work begins.

    Raises:
        SimError: the data set will not fit.
    """
    free, needed = storage.free_bytes(), SPARE * frames * each
    if free is not None and needed > free:
        raise SimError(
            f"about {needed / 1e9:.3g} GB are needed for {counted(frames, 'frame')}, and {free / 1e9:.3g} GB are free "
            f"({storage.url})"
        )
