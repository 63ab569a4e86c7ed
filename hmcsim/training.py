"""Train an encoder on a data set or a stream into a folder, and export it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from encoders.copies import CopyConfig
from encoders.data import inputs_of_data, local_folder, training_source
from encoders.errors import EncoderError
from encoders.inputs import chosen
from encoders.model import needed

Progress = Callable[[float, float], None]


def train_to_folder(
    data: str,
    encoder: str,
    out: Path,
    *,
    cameras: Sequence[str] | None = None,
    settings: dict[str, int | float | str],
    size_px: int | None = None,
    device: str = "cpu",
    resume: bool = False,
    memory_gb: float = 4.0,
    views: int = 0,
    relit: int = 0,
    reading: Progress | None = None,
    training: Progress | None = None,
    named: str | None = None,
) -> None:
    """Train; the folder ends with encoder.pt, encoder.onnx, log.csv and, with tensorboard, its event files.

    Args:
        data: folder or URL of a data set, or "stream:HEADSET".
        encoder: one of `encoders.refa.CONFIGS`.
        cameras: the encoder's inputs; None: all.
        settings: fields of `encoders.train.TrainConfig` that are not left at their defaults.
        size_px: of its images; None: the encoder's own.
        views, relit: copies of each frame of a data set, from elsewhere and under other light (`encoders.copies`).
        memory_gb: images of a data set that take more lie in files beside the encoder (`frames/`) while it trains.
        reading, training: told (done, total) of frames and of steps.
        named: what the checkpoint says it was trained on, if the folder is to be moved; None: `data`.

    Raises:
        EncoderError, SimError: something breaks a rule.
    """
    needed("torch")
    from encoders.checkpoint import CHECKPOINT
    from encoders.refa import CONFIGS
    from encoders.train import TrainConfig, train, usable_device
    from encoders.trained import export_onnx

    if encoder not in CONFIGS:
        raise EncoderError(f"unknown encoder {encoder!r}. Encoders: {', '.join(CONFIGS)}")
    network = CONFIGS[encoder] if size_px is None else replace(CONFIGS[encoder], size_px=size_px)
    config = TrainConfig(**settings)  # type: ignore[arg-type]  # the command line gives each its type
    where = usable_device(device)
    inputs = chosen(inputs_of_data(data), cameras, data)
    if (out / CHECKPOINT).exists() and not resume:  # before frames are read for nothing
        raise EncoderError(f"an encoder is there already; go on with --resume, or choose another folder ({out})")
    cache = out / "frames"
    source, validation = training_source(
        data, inputs, network.size_px, config.seed, device, reading, memory_bytes=memory_gb * 1e9, cache=cache,
        copies=CopyConfig(views=views, relit=relit),
    )  # fmt: skip
    made_of = (named or local_folder(data)) + (f" with {views} views and {relit} relit" if views or relit else "")
    net = train(
        out, source, network, inputs, config, validation=validation, data=made_of, resume=resume,
        device=where, progress=training,
    )  # fmt: skip
    export_onnx(net, out / "encoder.onnx")
    shutil.rmtree(cache, ignore_errors=True)  # a run that was stopped keeps it, to be resumed
