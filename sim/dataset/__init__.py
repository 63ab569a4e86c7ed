"""Labelled frames: what varies, the generator and its shards, readers and exporters (docs/dataset.md).

`sim.dataset.open` (`sim.dataset.reader.open_dataset`) reads shards, `sim.dataset.stream` renders on the fly.
"""

from sim.dataset.reader import open_dataset as open
from sim.dataset.streaming import stream

__all__ = ["open", "stream"]
