"""An evaluation as plain data: what evaluation.json holds, and the rows that are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from encoders.evaluate import ERRORS, Estimates
from encoders.frames import Frames
from encoders.metrics.levels import interval95
from encoders.recordings import METRICS, end_user_metrics

SPLITS = ("expression", "identity", "sex", "group", "age", "glasses", "beard")


def report(
    judged: Mapping[str, Estimates],
    frames: Frames,
    names: Sequence[str],
    peaks: Mapping[str, Mapping[str, float]],
    rate_hz: float,
) -> dict[str, Any]:
    """Summaries of each estimate: errors with 95 % intervals, by expression, identity and group, per blendshape, and
    end-user metrics.

    Args:
        judged: see `encoders.evaluate.judge`.
        names: of the weights.
        peaks: of the head model.
        rate_hz: of sequences.
    """
    subjects = [label["identity"] for label in frames.labels]
    out: dict[str, Any] = {}
    for guess, found in judged.items():
        off = np.abs(found.weights - judged["truth"].weights).mean(axis=0)
        levels = end_user_metrics(found, judged["truth"], frames.labels, names, peaks, rate_hz)
        part: dict[str, Any] = {"end_user": {name: levels[name].record() for name in METRICS}}
        if guess != "truth":
            part["errors"] = {name: _summary(found.errors[name], subjects) for name in ERRORS}
            part["weights_l1"] = dict(zip(names, off.round(6).tolist(), strict=True))
            part["by"] = {name: rows for name in SPLITS if (rows := _split(found, frames, name))}
        out[guess] = part
    return out


def value_of(label: Mapping[str, Any], name: str) -> str | None:
    """To which part of a split a frame belongs; None: to none."""
    if name == "expression":
        kind, task = label["kind"], label["task"]
        return str(label["expression"]) if kind == "frames" else f"{kind}:{task}"
    if name == "identity":
        return str(label["identity"])
    found = label["groups"].get(name)
    return None if found is None else str(found)


def _split(found: Estimates, frames: Frames, name: str) -> dict[str, dict[str, float]]:
    parts: dict[str, list[int]] = {}
    for k, label in enumerate(frames.labels):
        value = value_of(label, name)
        if value is not None:
            parts.setdefault(value, []).append(k)
    return {
        value: {"frames": len(at), **{error: float(found.errors[error][at].mean()) for error in ERRORS}}
        for value, at in sorted(parts.items())
    }


def _summary(values: Any, subjects: Sequence[Any]) -> dict[str, Any]:
    between = interval95(values, subjects)
    return {
        "mean": float(np.mean(values)),
        "median": float(np.median(values)),
        "p95": float(np.percentile(values, 95)),
        "interval95": None if between is None else list(between),
    }
