"""Frames rendered on the fly: frame i is that of the shards, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faces import load_head_model
from headsets.argument import load_argument
from sim.dataset.config import DatasetConfig
from sim.dataset.consumers import as_torch, this_consumer
from sim.dataset.frame import FrameMaker, refuse_lights
from sim.dataset.items import Item, item_from_frame
from sim.dataset.load_config import check_against, load_config
from sim.dataset.resident import check_torch_has, item_from_resident, needed_torch
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
        if options["resident"]:
            refuse_lights(self.config)
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
        maker, whole = self.maker(), self._options["whole"]
        if self._options["resident"]:
            return item_from_resident(maker.resident_frame(index), self.config.outputs, whole)
        return item_from_frame(maker.frame(index), self.config.outputs, whole)

    def __iter__(self) -> Iterator[Item]:
        """This process's frames, in order; without end if the stream has none."""
        me = this_consumer(self._options["rank"], self._options["world"])
        sampler: Sampler = self.maker().sampler
        block = min(BLOCK, self.config.wearers.frames_each)
        frames, split = self._options["frames"], self._options["split"]
        start = me.number * block
        while frames is None or start < frames:
            end = start + block if frames is None else min(start + block, frames)
            for index in range(start, end):
                if split in (None, sampler.split(index)):
                    yield self[index]
            start += me.count * block

    def maker(self) -> FrameMaker:
        """Made when first needed, in the process that needs it."""
        if self._maker is None:
            options = self._options
            maker = FrameMaker(self.headset, load_head_model(), self.config, options["seed"], options["device"])
            if options["resident"]:
                check_torch_has(maker.renderer.device)
            self._maker = maker
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
    resident: bool | None = None,
) -> Stream:
    """Render frames as they are asked for: `stream(…)[i]` equals frame i of `hmcsim generate` with the same headset,
    configuration and seed.

    Args:
        headset: name or file, with settings, if any: `refa_green:lenses.wide.f_number=2.0`.
        config, preset: what varies: a configuration, a file, or nothing, over a preset.
        frames: how many; None: without end.
        split, rank, world, whole: see `sim.dataset.reader.open_dataset`.
        device: "cpu" or "cuda".
        resident: images, regions, depth and normals of items are PyTorch's tensors on `device`, in memory of their own,
            and have never been on the host; else NumPy's arrays. None: as they are on a GPU, not on the CPU. Digital
            numbers are those of arrays but where rounding decides (docs/dataset.md). In a data loader whose workers are
            processes, `False` serves: CUDA does not go from process to process.

    Raises:
        HeadsetError, SimError: something breaks a rule; `resident` without PyTorch, or with `outputs.lights`.
    """
    if resident not in (None, True, False):
        raise SimError(f"`resident` must be True, False or None for a stream, got {resident!r}")
    on_device = device.partition(":")[0] == "cuda" if resident is None else bool(resident)
    if not isinstance(config, DatasetConfig):
        config = load_config(config, preset)
    elif preset is not None:
        raise SimError(f"`preset` goes with a file or none, got {preset!r} beside a configuration")
    options = {
        "headset": str(headset), "config": config.record(), "frames": frames, "split": split, "seed": seed,
        "device": device, "rank": rank, "world": world, "whole": whole, "resident": on_device,
    }  # fmt: skip
    return _rebuilt(options)


def _rebuilt(options: dict[str, Any]) -> Stream:
    if options["resident"]:
        needed_torch()
    out: Stream = as_torch(Stream)(options)
    return out
