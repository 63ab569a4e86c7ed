"""A small encoder trained on one layout's frames, and its error on wearers it has not seen (see score_vs_encoder)."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.decode import batches_by_wearer, decoded
from encoders.evaluate import mean_guess
from encoders.frames import Frames, pack
from encoders.inputs import CameraInput, inputs_of
from encoders.metrics.gaze import gaze_error_deg
from encoders.metrics.mesh import FACE, mesh_error_mm, vertex_mask
from encoders.mirror import find_mirror
from encoders.refa import RefaConfig
from encoders.sources import MemorySource
from encoders.train import TrainConfig, estimate, train
from faces.arkit import ARKIT_NAMES
from faces.builtin import AnnyHead
from faces.regions import REGIONS
from headsets import Headset
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import FrameMaker
from sim.dataset.items import item_from_frame
from sim.observability.binning import binned

MASKS = {
    "face": FACE,
    "eye": (*REGIONS["eye_left"], *REGIONS["eye_right"]),
    "mouth": REGIONS["mouth"],
}
"""Where errors are taken."""


@dataclass(frozen=True)
class Training:
    """How a layout's encoder is trained.

    Chosen on frames of `refa_green` itself, seed 7, which are none of the run's, in the processor time that 24 layouts
    leave: 64 px and 48 px learn more slowly. That was before the network's MLPs had a norm, without which hidden units
    died; with it this setting comes to 1.23 mm of the face on unseen wearers (seed 1, training seed 0), where the mean
    of the labels has 1.73 and a face at rest 1.60, and twice the steps to 1.24.

    Attributes:
    render: preset of the frames.
    binning: pixels are read so many by so many as one.
    frames_each, wearings_each: of a wearer.
    train_wearers, test_wearers: those to test on come after those to train on.
    data_seed: of the frames.
    size_px, channels, hidden: of the network.
    steps, batch, learning_rate, weight_decay: of training; see `encoders.train`.
    """

    render: str = "fast"
    binning: int = 4
    frames_each: int = 4
    wearings_each: int = 2
    train_wearers: int = 500
    test_wearers: int = 100
    data_seed: int = 1
    size_px: int = 32
    channels: tuple[int, ...] = (16, 32)
    hidden: int = 96
    steps: int = 2500
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4

    @property
    def learnt(self) -> int:
        """Frames to train on; the rest is to test on."""
        return self.frames_each * self.train_wearers


def rendered(headset: Headset, head: AnnyHead, training: Training) -> Frames:
    """Frames of all wearers, at the encoder's size."""
    config = DatasetConfig.model_validate(
        {
            "render": training.render,
            "wearers": {"frames_each": training.frames_each, "wearings_each": training.wearings_each},
            "hardware": {"lens_sets": 0},
            "light": {"ambient": {"share": 0.0}},
        }
    )
    maker = FrameMaker(binned(headset, training.binning), head, config, training.data_seed)
    count = training.learnt + training.frames_each * training.test_wearers
    items = (item_from_frame(maker.frame(k), config.outputs, whole=True) for k in range(count))
    return pack(items, dict.fromkeys(headset.cameras, (training.size_px, training.size_px)))


def error_of(
    frames: Frames, headset: Headset, head: AnnyHead, training: Training, seed: int
) -> dict[str, dict[str, float]]:
    """Mean errors on the frames to test on: of the encoder, of the mean of the labels trained on, of a face at rest."""
    known, unseen = frames.rows(np.arange(training.learnt)), frames.rows(np.arange(training.learnt, len(frames)))
    torch.set_num_threads(1)
    config = TrainConfig(
        steps=training.steps,
        batch=training.batch,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        augment="none",
        seed=seed,
        report_every=training.steps,
        save_every=training.steps,
    )
    inputs = inputs_of(headset)
    source = MemorySource(with_mirrored(known, inputs), ARKIT_NAMES)
    network = RefaConfig(size_px=training.size_px, channels=training.channels, hidden=training.hidden)
    with tempfile.TemporaryDirectory() as folder:
        net = train(Path(folder), source, network, inputs, config)
    rest = np.zeros_like(unseen.weights), np.zeros_like(unseen.gaze)
    return {
        "encoder": errors(head, unseen, *estimate(net, unseen, "cpu")),
        "mean": errors(head, unseen, *mean_guess(known, len(unseen))),
        "rest": errors(head, unseen, *rest),
    }


def with_mirrored(frames: Frames, cameras: Sequence[CameraInput]) -> Frames:
    """Frames, and after them what each would be of the mirrored wearer, without labels for evaluation."""
    mirror = find_mirror(cameras, ARKIT_NAMES)
    assert mirror is not None, "layouts must be symmetric"
    other = mirror(frames)
    images = {name: np.concatenate([own, other.images[name]]) for name, own in frames.images.items()}
    return Frames(images, np.concatenate([frames.weights, other.weights]), np.concatenate([frames.gaze, other.gaze]))


def errors(
    head: AnnyHead, frames: Frames, weights: NDArray[np.floating], gaze: NDArray[np.floating]
) -> dict[str, float]:
    """Mean over frames: mm by `MASKS`, and gaze in deg."""
    masks = {name: vertex_mask(head.topology, labels) for name, labels in MASKS.items()}
    off = {name: np.zeros(len(frames)) for name in masks}
    for at in batches_by_wearer(frames.labels):
        shape = frames.labels[at[0]]["shape"]
        true = decoded(head, shape, frames.weights[at], frames.gaze[at]).vertices
        guess = decoded(head, shape, weights[at], gaze[at]).vertices
        for name, mask in masks.items():
            off[name][at] = mesh_error_mm(guess, true, mask)
    gaze_deg = float(gaze_error_deg(gaze, frames.gaze).mean())
    return {**{name: float(values.mean()) for name, values in off.items()}, "gaze_deg": gaze_deg}


def packed(frames: Frames) -> bytes:
    """As a file."""
    out = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {f"image {name}": images for name, images in frames.images.items()}
    arrays |= {"weights": frames.weights, "gaze": frames.gaze, "labels": np.array(json.dumps(frames.labels))}
    np.savez(out, **arrays)  # type: ignore[arg-type]  # the stubs take names for options
    return out.getvalue()


def unpacked(data: bytes) -> Frames:
    """From `packed`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        images = {key.removeprefix("image "): file[key] for key in file.files if key.startswith("image ")}
        return Frames(images, file["weights"], file["gaze"], tuple(json.loads(str(file["labels"]))))
