"""Where training batches come from: frames in memory, or a stream that renders frame i when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from encoders.frames import Frames, Sizes, pack
from sim.seeding import generator


class Source(Protocol):
    """Gives the batch of any step, as a pure function of the step."""

    expression_names: tuple[str, ...]

    def batch(self, step: int, size: int, seed: int) -> Frames:
        """`size` frames for a step >= 0."""
        ...


class MemorySource:
    """Frames in memory, in another order each epoch; batches run on from one epoch to the next."""

    def __init__(self, frames: Frames, expression_names: Sequence[str]) -> None:
        self.frames = frames
        self.expression_names = tuple(expression_names)

    def batch(self, step: int, size: int, seed: int) -> Frames:
        count = len(self.frames)
        places = np.arange(step * size, (step + 1) * size)
        epochs = places // count
        orders = {int(e): generator(seed, "training order", int(e)).permutation(count) for e in np.unique(epochs)}
        return self.frames.rows([orders[int(e)][p % count] for e, p in zip(epochs, places, strict=True)])


class StreamSource:
    """Frames of `sim.dataset.stream`, each seen once; where they stay on a GPU, batches do so too."""

    def __init__(self, stream: Any, sizes: Sizes, expression_names: Sequence[str]) -> None:
        self._stream = stream
        self._sizes = sizes
        self.expression_names = tuple(expression_names)

    def batch(self, step: int, size: int, seed: int) -> Frames:
        return pack((self._stream[k] for k in range(step * size, (step + 1) * size)), self._sizes)
