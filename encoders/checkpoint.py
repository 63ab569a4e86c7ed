"""Checkpoints: all that training needs to go on, or an encoder to run, in one file that is written whole or not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from encoders.errors import EncoderError
from encoders.inputs import from_record
from encoders.refa import RefaEncoder, config_from

CHECKPOINT = "encoder.pt"
FORMAT = 2


def save(path: Path, contents: Mapping[str, Any]) -> None:
    """Write aside, then rename.

    Raises:
        OSError: the file cannot be written.
    """
    aside = path.with_name(path.name + ".partial")
    try:
        with aside.open("wb") as file:
            torch.save({"hmcsim_encoder": FORMAT, **contents}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote; nothing in the file is executed.

    Raises:
        EncoderError: no checkpoint of this package's; the message names the file.
    """
    try:
        contents = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise EncoderError(f"an encoder must be a file, got none at {path}") from None
    except Exception as error:  # torch.load raises whatever its unpickler and zip reader meet
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise EncoderError(f"an encoder must be a checkpoint of hmcsim train, got {line!r} ({path})") from None
    found = contents.get("hmcsim_encoder") if isinstance(contents, dict) else None
    if found != FORMAT:
        raise EncoderError(f"`hmcsim_encoder = {FORMAT}` must hold for a checkpoint, got {found} ({path})")
    return contents


def network(contents: Mapping[str, Any]) -> RefaEncoder:
    """The network of a checkpoint, set to evaluate."""
    cameras = [from_record(plain) for plain in contents["cameras"]]
    net = RefaEncoder(config_from(contents["network"]), cameras, contents["expression_names"])
    net.load_state_dict(contents["weights"])
    return net.eval()
