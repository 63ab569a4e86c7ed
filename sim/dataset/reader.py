"""Frames from shards: shuffled, and shared out over ranks and workers. PyTorch's DataLoader takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.dataset.consumers import as_torch, this_consumer
from sim.dataset.items import Item, item_from_files
from sim.dataset.sample import SPLITS
from sim.dataset.shards import read_samples
from sim.dataset.storage import Storage
from sim.dataset.verify import read_record
from sim.errors import SimError
from sim.seeding import generator


class ShardReader:
    """See `open_dataset`.

    Attributes:
        record: of the data set, see docs/dataset.md.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self.record = read_record(options["url"])
        split = options["split"]
        if split is not None and split not in SPLITS:
            raise SimError(f"unknown split {split!r}. Splits: {', '.join(SPLITS)}")
        if options["shuffle"] < 0:
            raise SimError(f"`shuffle >= 0` must hold for a reader, got {options['shuffle']}")
        this_consumer(options["rank"], options["world"])
        self._shards = [shard for shard in self.record["shards"] if split in (None, shard["split"])]
        self._epoch = 0

    def __len__(self) -> int:
        """Frames of the split, of all readers together."""
        return sum(int(shard["frames"]) for shard in self._shards)

    def set_epoch(self, epoch: int) -> None:
        """Shuffle otherwise: to be called before each pass."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[Item]:
        """Frames of this process; `Item` says what they hold."""
        options = self._options
        rng = generator(options["seed"], "dataset shuffle", self._epoch)
        shards = list(self._shards)
        if options["shuffle"]:
            rng.shuffle(shards)
        me = this_consumer(options["rank"], options["world"])
        # Fewer shards than readers: all read all, and each keeps its own.
        few = len(shards) < me.count
        mine = shards if few else shards[me.number :: me.count]
        frames = self._frames(mine)
        if few:
            frames = (frame for k, frame in enumerate(frames) if k % me.count == me.number)
        if options["shuffle"] > 1:
            frames = _shuffled(frames, options["shuffle"], np.random.default_rng([*rng.integers(2**31, size=2)]))
        for key, files in frames:
            yield item_from_files(key, files, options["whole"])

    def _frames(self, shards: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, bytes]]]:
        storage = Storage(self._options["url"])
        for shard in shards:
            with storage.open(shard["name"]) as file:
                yield from read_samples(file)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._options, self._epoch)


def open_dataset(
    url: str | Path,
    split: str | None = None,
    *,
    shuffle: int = 0,
    seed: int = 0,
    rank: int | None = None,
    world: int | None = None,
    whole: bool = False,
) -> ShardReader:
    """Read a data set.

    Args:
        url: folder or URL.
        split: "train", "val", "test"; None: all.
        shuffle: frames held to be drawn from, and shards come in another order each epoch; 0: in order.
        rank, world: of this process; None: of the environment. Together the ranks, and the workers of their data
            loaders, see each frame once an epoch.
        whole: with the whole label of each frame.

    Raises:
        SimError: no data set there, an unknown split, a rank that is not below the world size.
    """
    options = {
        "url": str(url), "split": split, "shuffle": shuffle, "seed": seed, "rank": rank, "world": world, "whole": whole,
    }  # fmt: skip
    return _rebuilt(options, 0)


def _rebuilt(options: dict[str, Any], epoch: int) -> ShardReader:
    reader: ShardReader = as_torch(ShardReader)(options)
    reader.set_epoch(epoch)
    return reader


def _shuffled(frames: Iterator[Any], size: int, rng: np.random.Generator) -> Iterator[Any]:
    held: list[Any] = []
    for frame in frames:
        held.append(frame)
        if len(held) >= size:
            k = int(rng.integers(len(held)))
            held[k], held[-1] = held[-1], held[k]
            yield held.pop()
    while held:
        k = int(rng.integers(len(held)))
        held[k], held[-1] = held[-1], held[k]
        yield held.pop()
