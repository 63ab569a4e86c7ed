"""Which frames go into which shard: a function of configuration and number of frames alone, not of who works.

A shard holds whole wearers of one split, so that each wearer is made ready once; small data sets have small shards,
so that several workers find work.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.dataset.config import DatasetConfig
from sim.dataset.sample import SPLITS, split_of
from sim.errors import SimError

MOST_FRAMES = 1_000_000_000
"""Keys have nine digits."""
SHARDS, LARGEST = 64, 200
"""A data set is cut into about this many shards, until they would exceed so many frames."""


@dataclass(frozen=True)
class Shard:
    """One tar file: `name`, its split, and the ranges [first, end) of its frames."""

    name: str
    split: str
    ranges: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> int:
        return sum(end - first for first, end in self.ranges)

    @property
    def indices(self) -> list[int]:
        return [index for first, end in self.ranges for index in range(first, end)]


def plan_shards(config: DatasetConfig, frames: int) -> tuple[Shard, ...]:
    """All shards, in the order of splits.

    Raises:
        SimError: a number of frames out of range.
    """
    if not 1 <= frames <= MOST_FRAMES:
        raise SimError(f"`1 <= frames <= {MOST_FRAMES}` must hold for a data set, got {frames}")
    each = config.wearers.frames_each
    size = min(LARGEST, max(1, frames // SHARDS))
    shards: list[Shard] = []
    pieces: dict[str, list[tuple[int, int]]] = {split: [] for split in SPLITS}
    for visit in range((frames + each - 1) // each):
        start, end = visit * each, min((visit + 1) * each, frames)
        split = split_of(visit // config.wearers.captures, config)
        # A wearer with more frames than a shard holds is cut into several.
        step = max(size, min(each, LARGEST))
        pieces[split] += [(first, min(first + step, end)) for first in range(start, end, step)]
    for split in SPLITS:
        number, held = 0, list[tuple[int, int]]()
        for piece in pieces[split]:
            held.append(piece)
            if sum(end - first for first, end in held) >= size:
                shards.append(Shard(f"{split}-{number:06d}.tar", split, tuple(held)))
                number, held = number + 1, []
        if held:
            shards.append(Shard(f"{split}-{number:06d}.tar", split, tuple(held)))
    return tuple(shards)
