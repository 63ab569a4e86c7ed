"""End-user metrics of all recordings of a set of frames, averaged over the three levels of REFA 8.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.evaluate import Estimates
from encoders.metrics import end_user
from encoders.metrics.levels import Levels, three_levels

METRICS = ("semantic_accuracy", "neutralness", "smoothness", "eye_closure", "mouth_closure")
FRAMES = "frames"
"""The kind of task whose frames stand by themselves (`sim.dataset.motion`)."""


def end_user_metrics(
    found: Estimates,
    truth: Estimates,
    labels: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    peaks: Mapping[str, Mapping[str, float]],
    rate_hz: float,
) -> dict[str, Levels]:
    """By the names of `METRICS`.

    A recording is what one wearer did for one task of one visit. Frames that stand by themselves make a recording with
    those of the same wearer and expression; they have no smoothness.

    Args:
        found, truth: of the same frames.
        labels: see `encoders.frames.about`.
        names: of the weights.
        peaks: named peak expressions.
        rate_hz: of sequences.
    """
    rows: dict[str, list[tuple[str, str, float | None]]] = {name: [] for name in METRICS}
    for (subject, recording), at in recordings(labels).items():
        values = _of_recording(found, truth, labels[at[0]], at, names, peaks, rate_hz)
        for name, value in values.items():
            rows[name].append((subject, recording, value))
    return {name: three_levels(found_rows) for name, found_rows in rows.items()}


def recordings(labels: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Frames of each (subject, recording), in the order of time."""
    groups: dict[tuple[str, str], list[int]] = {}
    for k, label in enumerate(labels):
        what = label["expression"] if label["kind"] == FRAMES else f"{label['kind']}:{label['task']}"
        name = what if label["kind"] == FRAMES else f"{what} (visit {label['capture']}, wearing {label['wearing']})"
        groups.setdefault((str(label["identity"]), name), []).append(k)
    return {
        key: np.array(sorted(rows, key=lambda k: (labels[k]["capture"], labels[k]["task_frame"])), np.intp)
        for key, rows in groups.items()
    }


def peak_of(label: Mapping[str, Any], peaks: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The key blendshapes asked for: of the task's own peak, or of all parts of "combination:smile+jaw_left"."""
    named = [label["task"]] if label["kind"] != FRAMES else str(label["expression"]).partition(":")[2].split("+")
    out: dict[str, float] = {}
    for name in named:
        for key, weight in peaks.get(name, {}).items():
            out[key] = max(out.get(key, 0.0), weight)
    return out


def _of_recording(
    found: Estimates,
    truth: Estimates,
    label: Mapping[str, Any],
    at: NDArray[np.intp],
    names: Sequence[str],
    peaks: Mapping[str, Mapping[str, float]],
    rate_hz: float,
) -> dict[str, float | None]:
    weights, true = found.weights[at], truth.weights[at]
    performed = end_user.key_activations(peak_of(label, peaks), names, true)
    eye = end_user.closure(found.lids_mm[at], truth.lids_mm[at], end_user.EYE_SHUT_MM, end_user.EYE_SEEN_SHUT_MM)
    mouth = end_user.closure(found.lips_mm[at], truth.lips_mm[at], end_user.MOUTH_SHUT_MM, end_user.MOUTH_SEEN_SHUT_MM)
    return {
        "semantic_accuracy": end_user.semantic_accuracy(weights, names, performed),
        "neutralness": end_user.neutralness(weights, true, names),
        "smoothness": None if label["kind"] == FRAMES else end_user.smoothness(weights, rate_hz),
        "eye_closure": eye,
        "mouth_closure": mouth,
    }
