"""Who reads which part: processes of a training run (ranks) and their data-loading workers share the work out."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from sim.errors import SimError


@dataclass(frozen=True)
class Consumer:
    """Reader `number` of `count`."""

    number: int
    count: int


def this_consumer(rank: int | None, world: int | None) -> Consumer:
    """Of this process: rank and world size as given, else the environment's (RANK, WORLD_SIZE), times the workers of a
    PyTorch data loader, if this is one.

    Raises:
        SimError: a rank that is not below the world size.
    """
    rank = int(os.environ.get("RANK", "0")) if rank is None else rank
    world = int(os.environ.get("WORLD_SIZE", "1")) if world is None else world
    if not 0 <= rank < world:
        raise SimError(f"`0 <= rank < world` must hold for a reader, got rank {rank} of {world}")
    info = worker_info()
    worker, workers = (0, 1) if info is None else (int(info.id), int(info.num_workers))
    return Consumer(rank * workers + worker, world * workers)


def worker_info() -> Any:
    """PyTorch's, None outside of its workers or without PyTorch, which is not imported for this."""
    torch = sys.modules.get("torch")
    return None if torch is None else torch.utils.data.get_worker_info()


def torch_base() -> type:
    """`torch.utils.data.IterableDataset` if PyTorch is imported, so that its DataLoader takes our readers."""
    torch = sys.modules.get("torch")
    return object if torch is None else torch.utils.data.IterableDataset


def as_torch(reader: type) -> type:
    """The reader's class, as PyTorch's data loader wants it where PyTorch is imported."""
    base = torch_base()
    if base is object or issubclass(reader, base):
        return reader
    return type(reader.__name__, (reader, base), {"__module__": reader.__module__})
