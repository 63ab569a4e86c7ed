"""Frames on all cores: one renderer a process, since a launch on the CPU keeps one core busy."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

from sim.errors import SimError
from sim.render.renderer import Renderer
from sim.render.settings import RenderSettings

Item = TypeVar("Item")
Result = TypeVar("Result")

_renderer: Renderer | None = None


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_frames(
    function: Callable[[Renderer, Item], Result],
    items: Iterable[Item],
    settings: RenderSettings | None = None,
    workers: int | None = None,
) -> Iterator[Result]:
    """`function(renderer, item)` for every item, over processes; results come in the order of the items.

    Args:
        function: importable (defined at the top of a module). Let it build the mesh from a small item and return what
            is needed of the frame: meshes and images cost time to send.
        items: picklable; taken lazily, a few per worker ahead of the results.
        settings: of each worker's renderer (device "cpu").
        workers: processes; None: one a core; 1: none, everything happens here.

    Raises:
        SimError: `workers` is below 1.
    """
    count = cores() if workers is None else workers
    if count < 1:
        raise SimError(f"`workers >= 1` must hold, got {workers}")
    if count == 1:
        renderer = Renderer(settings=settings)
        for item in items:
            yield function(renderer, item)
        return
    queue = iter(items)
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start, (settings,)) as pool:
        pending: list[Future[Result]] = [pool.submit(_call, function, item) for item in islice(queue, 3 * count)]
        try:
            while pending:
                yield pending.pop(0).result()
                pending += [pool.submit(_call, function, item) for item in islice(queue, 1)]
        finally:
            for future in pending:
                future.cancel()


def _start(settings: RenderSettings | None) -> None:
    global _renderer
    _renderer = Renderer(settings=settings)


def _call(function: Callable[[Renderer, Item], Result], item: Item) -> Result:
    assert _renderer is not None
    return function(_renderer, item)
