"""Labelled frames in memory, their images at an encoder's size: what is trained on and evaluated on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.errors import EncoderError
from encoders.shrink import shrink
from sim.sensor.eight_bits import eight_bits

Images = Mapping[str, NDArray[np.uint8]]
Sizes = Mapping[str, tuple[int, int]]
"""Height and width by camera."""


@dataclass(frozen=True, eq=False)
class Frames:
    """F labelled frames.

    Attributes:
        images: (F, H, W) uint8 by camera; tensors on their device where the frames were (`sim.dataset.stream(…,
            resident=True)`).
        weights: (F, E) float32.
        gaze: (F, 2, 2) float32 rad: azimuth and elevation of left and right optical axis.
        labels: of each frame what evaluation groups by, see `about`; empty if not asked for.
    """

    images: dict[str, Any]
    weights: NDArray[np.float32]
    gaze: NDArray[np.float32]
    labels: tuple[dict[str, Any], ...] = ()

    def __len__(self) -> int:
        return len(self.weights)

    def rows(self, indices: Sequence[int] | NDArray[np.integer]) -> Frames:
        """Some of the frames, in this order."""
        at = np.asarray(indices, np.intp)
        return Frames(
            {name: images[at] for name, images in self.images.items()},
            self.weights[at],
            self.gaze[at],
            tuple(self.labels[k] for k in at) if self.labels else (),
        )


def pack(
    items: Iterable[Mapping[str, Any]],
    sizes: Sizes,
    progress: Callable[[float, float], None] | None = None,
    total: int | None = None,
) -> Frames:
    """Gather frames of a reader (`sim.dataset.items.Item`).

    Args:
        items: with their labels, if they are to be evaluated on.
        sizes: of the images wanted.
        progress: told (done, total) frame by frame.
        total: stop after so many; None: all.

    Raises:
        EncoderError: no frame, or a frame without one of the cameras.
    """
    images: dict[str, list[Any]] = {name: [] for name in sizes}
    weights: list[Any] = []
    gaze: list[Any] = []
    labels: list[dict[str, Any]] = []
    for item in items:
        if total is not None and len(weights) >= total:
            break
        for name, (height, width) in sizes.items():
            if name not in item["images"]:
                raise EncoderError(
                    f"frame {item['key']} has no image of {name!r}. Cameras there: {', '.join(item['images'])}"
                )
            images[name].append(_small(item["images"][name], item["bits"][name], height, width))
        weights.append(item["weights"])
        gaze.append(item["gaze"])
        if "label" in item:
            labels.append(about(item["label"]))
        if progress is not None:
            progress(len(weights), total or len(weights))
    if not weights:
        raise EncoderError("at least one frame must be there to read, got none")
    stacked = {name: _stacked(rows) for name, rows in images.items()}
    return Frames(stacked, np.asarray(weights, np.float32), np.asarray(gaze, np.float32), tuple(labels))


def _small(image: Any, bits: int, height: int, width: int) -> Any:
    """(height, width) uint8 of an image, an array or a tensor: where it was."""
    if isinstance(image, np.ndarray):
        return shrink(eight_bits(image, bits), height, width)
    from encoders.tensors import shrink_tensor  # torch is there, as these are its tensors

    return shrink_tensor(image, bits, height, width)


def _stacked(rows: Sequence[Any]) -> Any:
    if isinstance(rows[0], np.ndarray):
        return np.stack(rows)
    import torch

    return torch.stack(list(rows))


def about(label: Mapping[str, Any]) -> dict[str, Any]:
    """Of a label (`sim.dataset.schema.Label`) what evaluation needs: who, what, when, and the wearer's groups."""
    wearer, task = label["wearer"], label["task"]
    return {
        "key": label["key"],
        "identity": wearer["identity"],
        "capture": wearer["capture"],
        "shape": wearer["shape"],
        "expression": label["expression"],
        "task": task["name"],
        "kind": task["kind"],
        "task_frame": task["frame"],
        "time_s": task["time_s"],
        "wearing": task["wearing"],
        "groups": groups_of(wearer),
    }


def groups_of(wearer: Mapping[str, Any]) -> dict[str, str]:
    """Groups that errors are split by: sex, survey group, decade of age, glasses, beard; those that are known."""
    shape, look = wearer["shape"], wearer.get("look") or {}
    out = {name: str(shape[name]) for name in ("sex", "group") if name in shape}
    if "age_years" in shape:
        out["age"] = f"{int(shape['age_years']) // 10 * 10}s"
    if "glasses" in look:
        out["glasses"] = "none" if look["glasses"] is None else "worn"
    beard = (look.get("hair") or {}).get("beard")
    if beard is not None:
        out["beard"] = str(beard)
    return out
