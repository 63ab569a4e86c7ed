"""What a frame would be of the mirrored wearer: for a symmetric headset a frame like any other, with known labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.frames import Frames
from encoders.inputs import CameraInput


@dataclass(frozen=True, eq=False)
class Mirror:
    """How a headset's frames are mirrored.

    Attributes:
        twins: of each camera the one whose flipped image it gets; of one in the plane of symmetry itself.
        swapped: (E,) of each expression the index of the one on the other side; of one without sides its own.
    """

    twins: dict[str, str]
    swapped: NDArray[np.intp]

    def __call__(self, frames: Frames) -> Frames:
        """Mirrored frames, without the labels that only evaluation needs."""
        images = {name: _flipped(frames.images[twin]) for name, twin in self.twins.items()}
        gaze = frames.gaze[:, ::-1] * np.array([-1.0, 1.0], np.float32)
        return Frames(images, frames.weights[:, self.swapped], gaze)

    def some(self, frames: Frames, chosen: NDArray[np.integer]) -> Frames:
        """Frames of which the chosen are mirrored."""
        mirrored = self(frames.rows(chosen))
        images = {name: _with(batch, chosen, mirrored.images[name]) for name, batch in frames.images.items()}
        weights, gaze = (
            _with(one, chosen, other)
            for one, other in ((frames.weights, mirrored.weights), (frames.gaze, mirrored.gaze))
        )
        return Frames(images, weights, gaze)


def find_mirror(cameras: Sequence[CameraInput], expression_names: Sequence[str]) -> Mirror | None:
    """Of a headset's cameras; None if one has no twin and is not its own, or an expression's other side is missing.

    LEDs are not looked at: where they are not symmetric, mirrored frames show light that the headset does not have.
    """
    twins = {c.name: c.mirror_of for c in cameras if c.mirror_of}
    twins |= {original: twin for twin, original in twins.items()} | {c.name: c.name for c in cameras if c.symmetric}
    others = [_other_side(name) for name in expression_names]
    if any(c.name not in twins for c in cameras) or set(others) != set(expression_names):
        return None
    return Mirror(twins, np.array([list(expression_names).index(name) for name in others], np.intp))


def _other_side(name: str) -> str:
    return name.replace("Left", "\0").replace("Right", "Left").replace("\0", "Right")


def _flipped(images: Any) -> Any:
    """(F, H, W), an array or a tensor, left to right."""
    return images[:, :, ::-1] if isinstance(images, np.ndarray) else images.flip(2)


def _with(batch: Any, chosen: NDArray[np.integer], rows: Any) -> Any:
    out = batch.copy() if isinstance(batch, np.ndarray) else batch.clone()
    out[chosen] = rows
    return out
