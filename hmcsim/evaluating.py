"""Evaluate an encoder on a data set: evaluation.json and frames.csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from encoders.data import info_of, read
from encoders.decode import DescribedHead
from encoders.errors import EncoderError
from encoders.evaluate import ERRORS, judge, latency_ms, mean_guess, run
from encoders.model import load_encoder
from encoders.report import report

Progress = Callable[[float, float], None]


def evaluate(
    encoder: str,
    data: str,
    head: DescribedHead,
    folder: Path,
    *,
    split: str = "test",
    frames: int | None = None,
    reading: Progress | None = None,
    judging: Progress | None = None,
) -> dict[str, Any]:
    """Evaluate, write into a folder, and return what evaluation.json holds.

    Beside the encoder stands the mean predictor: mean weights and gaze of the split "train".

    Args:
        encoder: see `encoders.model.load_encoder`.
        data: folder or URL of a data set.
        split: that is evaluated on.
        frames: so many, spread over the split; None: all.

    Raises:
        EncoderError, SimError, FaceError: something breaks a rule.
    """
    info = info_of(data)
    if split not in info.splits:
        raise EncoderError(f"unknown split {split!r}. Splits of {data} with frames: {', '.join(info.splits)}")
    model = load_encoder(encoder, info.cameras)
    shown = read(data, split, model.sizes, labels=True, most=frames, progress=reading)
    guess = run(model, shown, info.expression_names)
    own = "train" if "train" in info.splits else split
    mean = mean_guess(read(data, own, {}, labels=False), len(shown))
    judged = judge(head, shown, {"encoder": guess, "mean_predictor": mean}, judging)
    out = {
        "encoder": encoder,
        "data": data,
        "split": split,
        "frames": len(shown),
        "identities": len({label["identity"] for label in shown.labels}),
        "mean_predictor_from": own,
        "latency_ms": latency_ms(model, shown),
        **report(judged, shown, info.expression_names, head.peaks, info.rate_hz),
    }
    (folder / "evaluation.json").write_text(json.dumps(out, indent=1, allow_nan=False) + "\n")
    with (folder / "frames.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["key", "identity", "expression", *ERRORS, *(f"mean_predictor_{name}" for name in ERRORS)])
        for k, label in enumerate(shown.labels):
            values = [judged[g].errors[name][k] for g in ("encoder", "mean_predictor") for name in ERRORS]
            rows.writerow([label["key"], label["identity"], label["expression"], *(f"{v:.4f}" for v in values)])
    return out
