"""Frames that do not fit into memory: their images at an encoder's size in files that are mapped, not read.

Batches then read the rows that they need, and the machine's own cache keeps what is read often. They are the very
arrays that memory would hold, so that training on them ends with the same weights.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from encoders.errors import EncoderError
from encoders.frames import Frames, Sizes, pack

BLOCK = 256
"""Frames gathered at a time."""
KEY = "frames.json"


def bytes_of(sizes: Sizes, frames: int) -> int:
    """Memory that the images of so many frames take."""
    return frames * sum(height * width for height, width in sizes.values())


def mapped(
    folder: Path,
    key: Mapping[str, Any],
    items: Callable[[], Iterable[Mapping[str, Any]]],
    sizes: Sizes,
    total: int,
    progress: Callable[[float, float], None] | None = None,
) -> Frames:
    """The frames as files of a folder, made unless those of this key are there already.

    Args:
        folder: replaced when its frames are others'; it appears whole or not at all.
        key: plain data that says which frames these are.
        items: the reader, see `encoders.frames.pack`.
        total: how many it gives.
        progress: told (done, total).

    Raises:
        EncoderError: too little room, or another number of frames; see also `encoders.frames.pack`.
        OSError: the folder cannot be written.
    """
    wanted = {**key, "sizes": {name: list(size) for name, size in sizes.items()}, "frames": total}
    path = folder / KEY
    if not (path.exists() and json.loads(path.read_text()) == json.loads(json.dumps(wanted))):
        _write(folder, wanted, items(), sizes, total, progress)
    images = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in sizes}
    return Frames(images, np.load(folder / "weights.npy"), np.load(folder / "gaze.npy"))


def _write(
    folder: Path,
    key: Mapping[str, Any],
    items: Iterable[Mapping[str, Any]],
    sizes: Sizes,
    total: int,
    progress: Callable[[float, float], None] | None,
) -> None:
    aside = folder.with_name(folder.name + ".partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        free, needed = shutil.disk_usage(aside).free, bytes_of(sizes, total)
        if needed > free:
            raise EncoderError(
                f"{needed / 1e9:.3g} GB are needed for {total} frames' images, and {free / 1e9:.3g} GB are free "
                f"({folder})"
            )
        files = {
            name: open_memmap(aside / f"{name}.npy", "w+", np.uint8, (total, *size)) for name, size in sizes.items()
        }
        weights, gaze, done, rest = [], [], 0, iter(items)
        while done < total:
            part = pack(itertools.islice(rest, min(BLOCK, total - done)), sizes)
            for name, file in files.items():
                file[done : done + len(part)] = part.images[name]
            weights.append(part.weights)
            gaze.append(part.gaze)
            done += len(part)
            if progress is not None:
                progress(done, total)
        for file in files.values():
            file.flush()
        np.save(aside / "weights.npy", np.concatenate(weights))
        np.save(aside / "gaze.npy", np.concatenate(gaze))
        (aside / KEY).write_text(json.dumps(key))
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
