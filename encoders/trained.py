"""Encoders that `hmcsim train` made: to run, and to export to ONNX."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from encoders import checkpoint
from encoders.errors import EncoderError
from encoders.frames import Sizes
from encoders.inputs import CameraInput
from encoders.model import NAMES_KEY, OUTPUTS, Batch, needed
from encoders.refa import RefaEncoder


class TrainedEncoder:
    """Fits `encoders.model.Encoder`.

    Args:
        path: encoder.pt, or its folder.
        cameras: of the headset or data set; every input of the encoder must be one, and be the twin of the same.

    Raises:
        EncoderError: no checkpoint, or an input that the headset does not give.
    """

    def __init__(self, path: Path, cameras: Sequence[CameraInput]) -> None:
        file = path / checkpoint.CHECKPOINT if path.is_dir() else path
        self.net = checkpoint.network(checkpoint.load(file))
        own = {camera.name: camera for camera in cameras}
        missing = [camera.name for camera in self.net.cameras if camera.name not in own]
        if missing:
            raise EncoderError(
                f"every input must be a camera of the headset, got {', '.join(map(repr, missing))}."
                f" Cameras: {', '.join(own)} ({file})"
            )
        for camera in self.net.cameras:
            if camera.mirror_of is not None and own[camera.name].mirror_of != camera.mirror_of:
                raise EncoderError(
                    f"input {camera.name!r} must be the mirror twin of {camera.mirror_of!r}, as it was in training,"
                    f" got {own[camera.name].mirror_of or 'no twin'} ({file})"
                )
        size = self.net.config.size_px
        self.name = file.parent.name if path.is_dir() or file.name == checkpoint.CHECKPOINT else file.stem
        self.sizes: Sizes = {camera.name: (size, size) for camera in self.net.cameras}
        self.expression_names: tuple[str, ...] | None = self.net.expression_names

    def __call__(self, images: Batch) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        with torch.inference_mode():
            inputs = [torch.from_numpy(images[camera.name])[:, None] for camera in self.net.cameras]
            weights, gaze = self.net(*inputs)
        return weights.clamp(0, 1).numpy(), gaze.numpy()


class _Clipped(nn.Module):
    """What is exported: weights end in [0, 1]."""

    def __init__(self, net: RefaEncoder) -> None:
        super().__init__()
        self.net = net

    def forward(self, *images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        weights, gaze = self.net(*images)
        return weights.clamp(0, 1), gaze


def export_onnx(net: RefaEncoder, path: Path) -> None:
    """Write an ONNX file that fits `encoders.model.OnnxEncoder`; flipping and normalising are part of it.

    Raises:
        EncoderError: the package onnx is not installed.
        OSError: the file cannot be written.
    """
    onnx = needed("onnx")
    size = net.config.size_px
    names = [camera.name for camera in net.cameras]
    aside = path.with_name(path.name + ".partial")
    example = tuple(torch.zeros(2, 1, size, size) for _ in names)
    net = net.eval().to("cpu")
    try:
        with warnings.catch_warnings():
            # The exporter that needs no further package is announced as legacy at every call.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Clipped(net),
                example,
                str(aside),
                input_names=names,
                output_names=list(OUTPUTS),
                dynamic_axes={name: {0: "frames"} for name in (*names, *OUTPUTS)},
                dynamo=False,
            )
        model = onnx.load(str(aside))
        entry = model.metadata_props.add()
        entry.key, entry.value = NAMES_KEY, json.dumps(net.expression_names)
        onnx.save(model, str(aside))
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
