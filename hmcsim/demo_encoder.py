"""The end of the demo: labelled frames, a tiny encoder trained on them, and where it breaks."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from encoders.decode import DescribedHead
from encoders.log import read_log
from headsets import Headset
from hmcsim.dataset_pictures import sample_sheet
from hmcsim.report.encoder_card import EncoderCard
from hmcsim.report.pictures import data_uri
from hmcsim.report.stress import curves_context, shown_frames
from hmcsim.stressing import StressSettings, stress
from hmcsim.training import train_to_folder
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import parse_config

Progress = Callable[[float, float], None]
DATA, ENCODER, STRESS = "data", "encoder", "stress"
NEEDED = ("torch", "onnx")
"""Of the extra `train`: what training needs."""
SHEET_FRAMES = 2


@dataclass(frozen=True)
class DemoSizes:
    """How much of it.

    Attributes:
        frames, steps, batch: of the training set, and of the training.
        factors, stress_frames: of the stress test; all of the latter at each step.
        worst: frames shown.
    """

    frames: int = 100
    steps: int = 300
    batch: int = 16
    factors: tuple[str, ...] = ("depth", "pitch", "led_failure")
    stress_frames: int = 15
    worst: int = 2
    config: dict[str, Any] = field(default_factory=lambda: {
        "hmcsim_dataset": 1, "render": "fast",
        "wearers": {"frames_each": 5, "wearings_each": 1, "splits": {"train": 1, "val": 0, "test": 0}},
    })  # fmt: skip


@dataclass(frozen=True)
class EncoderProgresses:
    """Where to report how far each stage is; None: nowhere."""

    frames: Progress | None = None
    training: Progress | None = None
    stressing: Progress | None = None
    pictures: Progress | None = None


def missing_packages() -> tuple[str, ...]:
    """What training needs and is not installed."""
    return tuple(name for name in NEEDED if importlib.util.find_spec(name) is None)


def skipped_text(missing: tuple[str, ...]) -> str:
    """What is left out without these packages, and how to get them."""
    return (
        f"No encoder was trained and stressed: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not"
        " installed; pip install -c constraints.txt 'hmcsim[train]' brings what is missing."
    )


def demo_encoder(
    headset: Headset,
    head: DescribedHead,
    folder: Path,
    shown: Path,
    progress: EncoderProgresses | None = None,
    sizes: DemoSizes | None = None,
) -> EncoderCard:
    """Generate, train and stress in the subfolders `DATA`, `ENCODER` and `STRESS`; without torch, generate alone.

    Args:
        headset: a shipped one.
        shown: the folder as commands name it.
    """
    progress, sizes = progress or EncoderProgresses(), sizes or DemoSizes()
    data = folder / DATA
    generate(
        headset, head, parse_config("{}", "the demo", sizes.config), sizes.frames, data, engine=Engine(),
        progress=progress.frames,
    )  # fmt: skip
    sheet = data_uri(np.asarray(sample_sheet(data, SHEET_FRAMES, None, 0)), "Labelled frames", 88)
    missing = missing_packages()
    if missing:
        return EncoderCard(headset.name, sizes.frames, len(headset.cameras), sheet, skipped=skipped_text(missing))
    encoder = folder / ENCODER
    train_to_folder(
        str(data), "refa", encoder, settings={"steps": sizes.steps, "batch": sizes.batch}, training=progress.training,
        named=str((shown / DATA).resolve()),
    )  # fmt: skip
    place = folder / STRESS
    place.mkdir()
    settings = StressSettings(sizes.factors, sizes.stress_frames, pairs=2, workers=None, worst=sizes.worst)
    found = stress(
        [str(encoder)], [headset.name], head, place, settings, stressing=progress.stressing,
        picturing=progress.pictures, named=[str(shown / ENCODER)],
    )  # fmt: skip
    run = found["runs"][0]
    pictures = [np.asarray(Image.open(place / frame["file"])) for frame in run["worst"]]
    fit = [float(row["weights_l1"]) for row in read_log(encoder)]
    return EncoderCard(
        headset.name,
        sizes.frames,
        len(headset.cameras),
        sheet,
        steps=sizes.steps,
        fit=(fit[0], fit[-1]),
        nominal_mm=run["nominal"]["errors"]["mesh_mm"]["mean"],
        mean_predictor_mm=run["nominal"]["mean_predictor"]["mesh_mm"],
        frames_stressed=sizes.stress_frames,
        curves=curves_context(found),
        worst=tuple(shown_frames(run, pictures)),
        href=f"{STRESS}/stress.html",
    )
