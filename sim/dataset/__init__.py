"""Labelled frames: what varies, the generator and its shards, readers and exporters (docs/dataset.md).

`sim.dataset.reader.open_dataset` reads shards, `sim.dataset.stream.stream` renders on the fly; both are here as well, as
`sim.dataset.open` and `sim.dataset.stream`.
"""

from sim.dataset.reader import open_dataset as open  # noqa: A001  (the name by which a user reaches for it)
from sim.dataset.streaming import stream

__all__ = ["open", "stream"]
