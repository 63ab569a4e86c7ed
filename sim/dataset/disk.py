"""How much room a data set takes, guessed before it is made."""

from __future__ import annotations

from headsets.headset import Headset
from sim.counted import counted
from sim.dataset.config import DatasetConfig
from sim.dataset.storage import Storage
from sim.errors import SimError

IMAGE, IMAGE_16, SEG, LIGHT = 0.62, 1.4, 0.06, 0.95
"""Bytes a pixel of an image, of one of 16 bits, of an image of regions, and of the light of one LED alone: noisy 8-bit
images measured 0.42 to 0.55 at 400 x 400, 16-bit ones of 10-bit numbers 0.91 to 1.03, lights 0.6 to 0.7."""
LABEL, LABEL_CAMERA, MESH = 14_000, 9_000, 260_000
"""Bytes of a label, of each camera's part in it, and of a mesh."""
SPARE = 1.05


def bytes_per_frame(headset: Headset, config: DatasetConfig) -> float:
    """A guess, on the large side."""
    out = config.outputs
    image = IMAGE if config.images.bits == 8 else IMAGE_16
    lights = LIGHT * (len(headset.leds) + 2) * out.lights
    each = image + lights + SEG * out.regions + 4 * out.depth + 6 * out.normals
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
