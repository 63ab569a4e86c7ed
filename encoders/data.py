"""The seam to `sim.dataset`: frames of a data set, or of a stream, as encoders want them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from encoders.cache import bytes_of, mapped
from encoders.copies import Copier, CopyConfig
from encoders.errors import EncoderError
from encoders.frames import Frames, Sizes, pack
from encoders.inputs import CameraInput, inputs_of, inputs_of_dataset
from encoders.sources import MemorySource, Source, StreamSource
from faces import load_head_model
from faces.arkit import ARKIT_NAMES
from headsets.argument import load_argument
from sim import dataset

STREAM = "stream:"
VALIDATION_FRAMES = 512
Progress = Callable[[float, float], None]


@dataclass(frozen=True, eq=False)
class DatasetInfo:
    """What a data set says of itself.

    Attributes:
        cameras: its inputs.
        expression_names: of its weights.
        rate_hz: of its sequences: the fastest camera's.
        splits: names of those that have frames.
    """

    cameras: tuple[CameraInput, ...]
    expression_names: tuple[str, ...]
    rate_hz: float
    splits: tuple[str, ...]


def info_of(url: str) -> DatasetInfo:
    """Of a data set.

    Raises:
        SimError: there is none.
    """
    record = dataset.open(url).record
    rates = [float(sensor.get("frame_rate_hz", 30.0)) for sensor in record["headset"]["sensors"].values()]
    return DatasetInfo(
        inputs_of_dataset(record), tuple(record["expression_names"]), max(rates), tuple(record["splits"])
    )


def read(url: str, split: str | None, sizes: Sizes, *, labels: bool, most: int | None = None,
         progress: Progress | None = None) -> Frames:  # fmt: skip
    """Frames of a split (None: all) in memory; with their labels if they are to be evaluated on.

    Args:
        sizes: of the images.
        most: spread evenly over the split, if it has more; None: all.

    Raises:
        SimError, EncoderError: no data set, no frames, no such cameras.
    """
    reader = dataset.open(url, split, whole=labels)
    count = len(reader)
    if count == 0:
        raise EncoderError(f"the split {split!r} must have frames, got none ({url})")
    step = 1 if most is None else max(1, count // most)
    total = -(-count // step) if most is None else min(most, -(-count // step))
    return pack(itertools.islice(reader, 0, None, step), sizes, progress, total)


def training_source(
    data: str,
    cameras: tuple[CameraInput, ...],
    size_px: int,
    seed: int,
    device: str,
    progress: Progress | None = None,
    *,
    memory_bytes: float = math.inf,
    cache: Path | None = None,
    copies: CopyConfig | None = None,
    resident: bool | None = None,
) -> tuple[Source, Frames | None]:
    """What to train on, and frames to validate on, if there are any.

    Args:
        data: folder or URL of a data set, of which the split "train" is read, or "stream:HEADSET".
        cameras: the encoder's inputs.
        size_px: of its images.
        seed: of a stream, and of copies.
        device: that a stream renders on.
        copies: of each frame of a data set; see `encoders.copies`.
        resident: a stream's images stay on the device; None: on a GPU they do. See `sim.dataset.stream`.
        memory_bytes, cache: images that take more memory than this lie in files of the folder instead.

    Raises:
        SimError, EncoderError: see `read` and `encoders.cache.mapped`.
    """
    copies = copies or CopyConfig()
    sizes = {camera.name: (size_px, size_px) for camera in cameras}
    if data.startswith(STREAM):
        if copies.each > 1:
            raise EncoderError("copies are made of stored frames, a stream shows each frame once (--views, --relit)")
        stream = dataset.stream(data.removeprefix(STREAM), seed=seed, device=device, resident=resident)
        return StreamSource(stream, sizes, ARKIT_NAMES), None
    info = info_of(data)
    reader = dataset.open(data, "train", whole=copies.each > 1)
    count = copies.each * len(reader)
    if count == 0:
        raise EncoderError(f"the split 'train' must have frames, got none ({data})")
    items: Iterable[Mapping[str, Any]] = reader
    if copies.each > 1:
        items = Copier(reader.record, load_head_model().topology, copies, seed)(reader)
    if cache is not None and bytes_of(sizes, count) > memory_bytes:
        key = {"index_sha256": reader.record["index_sha256"], "copies": asdict(copies), "seed": seed}
        frames = mapped(cache, key, lambda: items, sizes, count, progress)
    else:
        frames = replace(pack(items, sizes, progress, count), labels=())
    source = MemorySource(frames, info.expression_names)
    if "val" not in info.splits:
        return source, None
    return source, read(data, "val", sizes, labels=False, most=VALIDATION_FRAMES)


def inputs_of_data(data: str) -> tuple[CameraInput, ...]:
    """The cameras of a data set, or of a stream's headset."""
    if data.startswith(STREAM):
        return inputs_of(load_argument(data.removeprefix(STREAM)))
    return info_of(data).cameras


def local_folder(data: str) -> str:
    """A folder's absolute path, so that a resumed run knows it again; URLs and streams as they are."""
    return data if data.startswith(STREAM) or "://" in data else str(Path(data).resolve())
