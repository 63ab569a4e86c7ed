"""Stress an encoder on a headset: stress.html, stress.json, stress.csv, and a configuration of what it failed at."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from encoders.decode import DescribedHead
from encoders.errors import EncoderError
from encoders.evaluate import ERRORS
from encoders.inputs import inputs_of
from encoders.model import load_encoder
from encoders.stress.factors import factors_of
from encoders.stress.sweep import failing, renderer, sweep
from headsets.load import load_headset
from hmcsim.report.stress import stress_page

FAILING = "failing.yaml"


def stress(
    encoder: str,
    headset: str,
    head: DescribedHead,
    folder: Path,
    *,
    factors: Sequence[str] | None = None,
    frames: int = 40,
    each: int = 5,
    limit_mm: float = 2.0,
    seed: int = 1,
    progress: Callable[[float, float], None] | None = None,
) -> dict[str, Any]:
    """Stress, write into a folder, and return what stress.json holds.

    Args:
        encoder: see `encoders.model.load_encoder`.
        headset: name or file.
        factors: by name; None: all.
        frames, each: at every step, and of each wearer.
        limit_mm: absolute limit of the mesh error.
        seed: of wearers and expressions: another than that of the training set, so that nobody is known.

    Raises:
        EncoderError, SimError, HeadsetError: something breaks a rule.
    """
    if frames < each:
        raise EncoderError(f"`frames >= {each}`, those of one wearer, must hold for stress, got {frames}")
    built = load_headset(headset)
    chosen = factors_of(built, factors)
    model = load_encoder(encoder, inputs_of(built))
    render = renderer(headset, model.sizes, frames, each, seed)
    found = sweep(model, head, head.expression_names, chosen, render, limit_mm, progress)
    out = {"encoder": encoder, "headset": built.name, "frames": frames, "wearers": -(-frames // each), "seed": seed}
    out |= found
    (folder / "stress.json").write_text(json.dumps(out, indent=1, allow_nan=False) + "\n")
    (folder / FAILING).write_text(yaml.safe_dump(failing(found, chosen), sort_keys=False))
    (folder / "stress.html").write_text(stress_page(out, version("hmcsim")), encoding="utf-8")
    with (folder / "stress.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["factor", "step", "severity", *ERRORS, *(f"mean_predictor_{name}" for name in ERRORS)])
        steps = [("nominal", found["nominal"])]
        steps += [(name, step) for name, factor in found["factors"].items() for step in factor["steps"]]
        for name, step in steps:
            values = [step["errors"][e]["mean"] for e in ERRORS] + [step["mean_predictor"][e] for e in ERRORS]
            rows.writerow([name, step["label"], step["severity"], *(f"{value:.4f}" for value in values)])
    return out
