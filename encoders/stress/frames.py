"""Frames of a headset under changed conditions, rendered by several processes at the sizes that encoders want."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoders.errors import EncoderError
from encoders.frames import Frames, pack
from encoders.shrink import shrink
from encoders.stress.factors import NOMINAL
from encoders.stress.patches import Patch, merged
from faces import load_head_model
from faces.protocol import HeadModel
from headsets.build import build_headset
from headsets.headset import Headset
from headsets.load import dump_headset, parse_file
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import FrameMaker
from sim.dataset.items import item_from_frame
from sim.dataset.load_config import parse_config
from sim.parallel import in_processes
from sim.render import Renderer

Render = Callable[[Sequence[Patch]], Iterator[tuple[Frames, ...]]]
"""Changes of the nominal configuration -> in their order, the frames of each, once for every encoder."""


@dataclass(frozen=True)
class Conditions:
    """What stays the same whatever is changed; small, for it is sent to other processes.

    Attributes:
        headset, source: text of the headset's file and where it lies, for the meshes beside it.
        sizes: of the images that each encoder wants.
        frames, each: in all, and of each wearer.
        seed: of wearers, expressions and gazes.
    """

    headset: str
    source: str | None
    sizes: tuple[Mapping[str, tuple[int, int]], ...]
    frames: int
    each: int
    seed: int

    @classmethod
    def of(
        cls, headset: Headset, sizes: Sequence[Mapping[str, tuple[int, int]]], frames: int, each: int, seed: int
    ) -> Conditions:
        """Of a headset as loaded."""
        source = None if headset.source is None else str(headset.source.absolute())
        return cls(dump_headset(headset), source, tuple(sizes), frames, each, seed)

    def opened(self) -> Headset:
        """The headset, built again."""
        where = None if self.source is None else Path(self.source)
        return build_headset(parse_file(self.headset, "the stressed headset"), where)

    def config(self, patch: Patch) -> DatasetConfig:
        """The nominal configuration with a change."""
        base = merged(NOMINAL, {"wearers": {"frames_each": self.each, "wearings_each": 1}})
        return parse_config(json.dumps(patch), "stress", base)

    def maker(self, patch: Patch, headset: Headset, head: HeadModel, renderer: Renderer | None = None) -> FrameMaker:
        """Makes frames under a change."""
        return FrameMaker(headset, head, self.config(patch), self.seed, renderer=renderer)


def renderer(conditions: Conditions, workers: int | None = 1) -> Render:
    """Renders by so many processes (None: one a core); the frames do not depend on it.

    Raises (when it renders):
        EncoderError: a worker was killed.
    """

    def render(patches: Sequence[Patch]) -> Iterator[tuple[Frames, ...]]:
        try:
            yield from in_processes(_start, conditions, list(patches), workers)
        except BrokenProcessPool as error:
            raise EncoderError(
                "a worker process of the stress test was killed; fewer --workers take less memory"
            ) from error

    return render


def _start(conditions: Conditions) -> Callable[[Patch], tuple[Frames, ...]]:
    headset, head = conditions.opened(), load_head_model()
    kept: list[Renderer] = []
    distinct = list(dict.fromkeys(tuple(sorted(sizes.items())) for sizes in conditions.sizes))

    def run(patch: Patch) -> tuple[Frames, ...]:
        # A renderer's tables of lenses and sky take as long as ten frames: kept from step to step.
        maker = conditions.maker(patch, headset, head, kept[0] if kept else None)
        kept[:] = [maker.renderer]
        items: dict[Any, list[dict[str, Any]]] = {sizes: [] for sizes in distinct}
        for k in range(conditions.frames):
            item = item_from_frame(maker.frame(k), maker.config.outputs, True)
            for sizes, kept_small in items.items():  # whole images of all frames would fill the memory
                small = {name: shrink(item["images"][name], *size) for name, size in sizes}
                kept_small.append({**item, "images": small})
        packed = {sizes: pack(own, dict(sizes)) for sizes, own in items.items()}
        return tuple(packed[tuple(sorted(sizes.items()))] for sizes in conditions.sizes)

    return run
