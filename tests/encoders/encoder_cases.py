"""Small inputs of encoder tests: cameras, and frames whose pixels tell the label."""

from __future__ import annotations

from typing import Any

import numpy as np

from encoders.frames import Frames
from encoders.inputs import CameraInput
from faces.arkit import ARKIT_NAMES
from sim.seeding import generator

CAMERAS = (
    CameraInput("eye_left", 40, 40, ("eye_left",)),
    CameraInput("eye_right", 40, 40, ("eye_right",), "eye_left"),
    CameraInput("mouth", 40, 60, ("mouth",)),
)
NAMES = ARKIT_NAMES


def drawn_frames(count: int, size: int, seed: int = 0) -> Frames:
    """Frames of noise patterns, one a frame, with random labels: to be learnt by heart."""
    rng = generator(seed, "encoder test")
    images = {c.name: rng.integers(0, 256, (count, size, size), dtype=np.uint8) for c in CAMERAS}
    weights = np.where(rng.random((count, len(NAMES))) < 0.2, rng.random((count, len(NAMES))), 0).astype(np.float32)
    return Frames(images, weights, rng.uniform(-0.3, 0.3, (count, 2, 2)).astype(np.float32))


def label(shape: dict[str, Any], identity: int = 0, **changes: Any) -> dict[str, Any]:
    """What `encoders.frames.about` gives of a frame that stands by itself."""
    plain = {
        "key": "0", "identity": identity, "capture": 0, "shape": shape, "expression": "neutral", "task": "frames",
        "kind": "frames", "task_frame": 0, "time_s": 0.0, "wearing": 0, "groups": {"sex": "female"},
    }  # fmt: skip
    return plain | changes
