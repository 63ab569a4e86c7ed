"""How good an encoder is on labelled frames: errors of each frame (UFE 5.2), and end-user metrics (REFA 8.1)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.decode import DescribedHead, batches_by_wearer, decoded
from encoders.errors import EncoderError
from encoders.frames import Frames
from encoders.metrics.gaze import gaze_error_deg
from encoders.metrics.mesh import (
    FACE,
    LIPS,
    LOWER_FACE,
    distances_mm,
    mesh_error_mm,
    mouth_shape_error_mm,
    vertex_mask,
)
from encoders.model import Encoder, checked

Progress = Callable[[float, float], None]
ERRORS = ("mesh_mm", "lower_face_mm", "mouth_shape_mm", "gaze_deg")
LIDS = tuple((f"eye_lid_upper_3_{side}", f"eye_lid_lower_3_{side}") for side in ("left", "right"))
BATCH = 64


@dataclass(frozen=True, eq=False)
class Estimates:
    """What was made of F frames.

    Attributes:
        weights: (F, E), in [0, 1].
        gaze: (F, 2, 2) rad.
        errors: (F,) by the names of `ERRORS`.
        lids_mm, lips_mm: (F, 2) and (F,) gaps of the decoded mesh; of the lips by how much more than in the wearer's
            neutral face, where they touch behind the keypoints.
    """

    weights: NDArray[np.float64]
    gaze: NDArray[np.float64]
    errors: dict[str, NDArray[np.float64]]
    lids_mm: NDArray[np.float64]
    lips_mm: NDArray[np.float64]


def run(encoder: Encoder, frames: Frames, names: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (F, E) in the order of `names`, and gaze (F, 2, 2) rad, of all frames.

    Raises:
        EncoderError: its output does not fit.
    """
    parts = []
    for start in range(0, len(frames), BATCH):
        batch = {
            name: frames.images[name][start : start + BATCH].astype(np.float32) / np.float32(255)
            for name in encoder.sizes
        }
        count = len(next(iter(batch.values())))
        parts.append(checked(*encoder(batch), count, names, encoder))
    return np.concatenate([w for w, _ in parts]), np.concatenate([g for _, g in parts])


def judge(
    head: DescribedHead,
    frames: Frames,
    guesses: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    progress: Progress | None = None,
) -> dict[str, Estimates]:
    """Errors of several estimates of the same frames, and "truth" among them, all decoded as the true wearer.

    Args:
        frames: with labels.
        guesses: weights (F, E) and gaze (F, 2, 2) by name.
        progress: told (done, total) frame by frame.

    Raises:
        EncoderError: frames without labels.
    """
    if len(frames.labels) != len(frames):
        raise EncoderError("frames must have labels to be evaluated on, got none")
    all_guesses = {**guesses, "truth": (frames.weights.astype(np.float64), frames.gaze.astype(np.float64))}
    masks = {"mesh_mm": vertex_mask(head.topology, FACE), "lower_face_mm": vertex_mask(head.topology, LOWER_FACE)}
    names = head.topology.keypoint_names
    count = len(frames)
    errors = {guess: {name: np.zeros(count) for name in ERRORS} for guess in all_guesses}
    lids = {guess: np.zeros((count, 2)) for guess in all_guesses}
    lips = {guess: np.zeros(count) for guess in all_guesses}
    done = 0
    for at in batches_by_wearer(frames.labels):
        shape = frames.labels[at[0]]["shape"]
        true = decoded(head, shape, *(a[at] for a in all_guesses["truth"]))
        rest = decoded(head, shape, np.zeros((1, frames.weights.shape[1])), np.zeros((1, 2, 2)))
        resting = distances_mm(rest.keypoints, names, LIPS)
        for guess, (weights, gaze) in all_guesses.items():
            mesh = true if guess == "truth" else decoded(head, shape, weights[at], gaze[at])
            own = errors[guess]
            for name, mask in masks.items():
                own[name][at] = mesh_error_mm(mesh.vertices, true.vertices, mask)
            own["mouth_shape_mm"][at] = mouth_shape_error_mm(mesh.keypoints, true.keypoints, names)
            own["gaze_deg"][at] = gaze_error_deg(gaze[at], frames.gaze[at])
            lips[guess][at] = distances_mm(mesh.keypoints, names, LIPS) - resting
            lids[guess][at] = np.stack([distances_mm(mesh.keypoints, names, pair) for pair in LIDS], axis=1)
        done += len(at)
        if progress is not None:
            progress(done, count)
    return {
        guess: Estimates(weights, gaze, errors[guess], lids[guess], lips[guess])
        for guess, (weights, gaze) in all_guesses.items()
    }


def mean_guess(train: Frames, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean predictor: the training frames' mean weights and mean gaze, whatever it sees."""
    weights, gaze = train.weights.mean(axis=0, dtype=np.float64), train.gaze.mean(axis=0, dtype=np.float64)
    return np.tile(weights, (count, 1)), np.tile(gaze, (count, 1, 1))


def latency_ms(encoder: Encoder, frames: Frames, calls: int = 40, warm_up: int = 5) -> dict[str, float]:
    """Of single frames, images at the encoder's size at hand: median and 95th percentile, ms, on this machine."""
    took = []
    for k in range(calls + warm_up):
        at = k % len(frames)
        batch = {name: frames.images[name][at : at + 1].astype(np.float32) / np.float32(255) for name in encoder.sizes}
        began = time.perf_counter()
        encoder(batch)
        took.append(1e3 * (time.perf_counter() - began))
    kept: Any = took[warm_up:]
    return {"median": float(np.median(kept)), "p95": float(np.percentile(kept, 95)), "calls": float(calls)}
