"""Frames rendered on the fly: frame i is that of the shards, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faces import load_head_model
from headsets.argument import load_argument
from sim.dataset.config import DatasetConfig
from sim.dataset.consumers import as_torch, this_consumer
from sim.dataset.frame import FrameMaker
from sim.dataset.items import Item, item_from_frame
from sim.dataset.load_config import check_against, load_config
from sim.dataset.sample import SPLITS, Sampler
from sim.errors import SimError

BLOCK = 200
"""Readers take turns by whole wearers, or by so many frames of one, since a new wearer takes time."""


class Stream:
    """See `stream`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self.headset = load_argument(options["headset"])
        self.config = DatasetConfig.model_validate(options["config"])
        check_against(self.config, self.headset)
        frames, split = options["frames"], options["split"]
        if frames is not None and frames < 1:
            raise SimError(f"`frames >= 1` must hold for a stream, got {frames}")
        if split is not None and split not in SPLITS:
            raise SimError(f"unknown split {split!r}. Splits: {', '.join(SPLITS)}")
        this_consumer(options["rank"], options["world"])
        self._maker: FrameMaker | None = None

    def __getitem__(self, index: int) -> Item:
        """Frame `index`.

        Raises:
            IndexError: beyond the stream's end.
        """
        frames = self._options["frames"]
        if index < 0 or (frames is not None and index >= frames):
            raise IndexError(f"`0 <= index < {frames}` must hold for a stream, got {index}")
        frame = self._made().frame(index)
        return item_from_frame(frame, self.config.outputs, self._options["whole"])

    def __iter__(self) -> Iterator[Item]:
        """This process's frames, in order; without end if the stream has none."""
        me = this_consumer(self._options["rank"], self._options["world"])
        sampler: Sampler = self._made().sampler
        block = min(BLOCK, self.config.wearers.frames_each)
        frames, split = self._options["frames"], self._options["split"]
        start = me.number * block
        while frames is None or start < frames:
            end = start + block if frames is None else min(start + block, frames)
            for index in range(start, end):
                if split in (None, sampler.split(index)):
                    yield self[index]
            start += me.count * block

    def _made(self) -> FrameMaker:
        """Made when first needed, in the process that needs it."""
        if self._maker is None:
            options = self._options
            self._maker = FrameMaker(self.headset, load_head_model(), self.config, options["seed"], options["device"])
        return self._maker

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._options,)


def stream(
    headset: str | Path,
    config: DatasetConfig | str | Path | None = None,
    *,
    preset: str | None = None,
    frames: int | None = None,
    split: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    rank: int | None = None,
    world: int | None = None,
    whole: bool = False,
) -> Stream:
    """Render frames as they are asked for: `stream(…)[i]` equals frame i of `hmcsim generate` with the same headset,
    configuration and seed.

    Args:
        headset: name or file, with settings, if any: `refa_green:lenses.wide.f_number=2.0`.
        config, preset: what varies: a configuration, a file, or nothing, over a preset.
        frames: how many; None: without end.
        split, rank, world, whole: see `sim.dataset.reader.open_dataset`.
        device: "cpu" or "cuda".

    Raises:
        HeadsetError, SimError: something breaks a rule.
    """
    if not isinstance(config, DatasetConfig):
        config = load_config(config, preset)
    elif preset is not None:
        raise SimError(f"`preset` goes with a file or none, got {preset!r} beside a configuration")
    options = {
        "headset": str(headset), "config": config.record(), "frames": frames, "split": split, "seed": seed,
        "device": device, "rank": rank, "world": world, "whole": whole,
    }  # fmt: skip
    return _rebuilt(options)


def _rebuilt(options: dict[str, Any]) -> Stream:
    out: Stream = as_torch(Stream)(options)
    return out
