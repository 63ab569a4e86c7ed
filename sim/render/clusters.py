"""Triangles in compact groups, so that whole groups out of sight are left out and the rest lie close in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLUSTER = 64
"""Triangles of a cluster, at most."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Host arrays of a triangle list cut into clusters; a cluster's triangles all have one key.

    Attributes:
        order: (T,) which triangle of the list stands at each place; keys ascend.
        starts: (C + 1,) int32, first place of each cluster.
        vertex_starts: (C + 1,) int32, where each cluster's vertices start in `vertices`.
        vertices: (N,) int32, the vertices of each cluster, ascending.
        corners: (T, 3) int32, the triangle at each place as indices into its cluster's vertices. Since these ascend,
            two of them compare as the vertices do.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int32]
    vertex_starts: NDArray[np.int32]
    vertices: NDArray[np.int32]
    corners: NDArray[np.int32]


def cluster(triangles: NDArray[np.int32], neighbours: NDArray[np.int32], keys: NDArray[np.integer]) -> Clusters:
    """Cut (T, 3) triangles with these neighbours (T, 3) into clusters within which `keys` (T,) do not change."""
    near, free = neighbours.tolist(), [False] * len(keys)
    parts = [part for key in np.unique(keys) for part in _grow(near, np.flatnonzero(keys == key).tolist(), free)]
    vertices, corners = [], []
    for part in parts:
        own, local = np.unique(triangles[part], return_inverse=True)
        vertices.append(own)
        corners.append(local.reshape(-1, 3))
    return Clusters(
        np.concatenate([*parts, np.zeros(0, dtype=np.int64)]).astype(np.int64),
        np.cumsum([0] + [len(part) for part in parts]).astype(np.int32),
        np.cumsum([0] + [len(own) for own in vertices]).astype(np.int32),
        np.concatenate([*vertices, np.zeros(0, dtype=np.int32)]).astype(np.int32),
        np.concatenate([*corners, np.zeros((0, 3), dtype=np.int32)]).astype(np.int32),
    )


def _grow(near: list[list[int]], members: list[int], free: list[bool]) -> Iterator[NDArray[np.int64]]:
    """Clusters of the members: breadth first from a seed at the rim of what is taken, hence round.

    `free` is false everywhere, before and after.
    """
    for t in members:
        free[t] = True
    rim: deque[int] = deque()
    seeds = iter(members)
    part: list[int] = []
    front: deque[int] = deque()
    for _ in members:
        while not front:  # a new start: at the rim if it has a free triangle, else anywhere
            seed = rim.popleft() if rim else next(seeds)
            if free[seed]:
                front.append(seed)
                free[seed] = False
        t = front.popleft()
        part.append(t)
        for other in near[t]:
            if other >= 0 and free[other]:
                free[other] = False
                front.append(other)
        if len(part) == CLUSTER:
            for other in front:
                free[other] = True
            rim.extend(front)
            front.clear()
            yield np.sort(np.array(part, dtype=np.int64))
            part = []
    if part:
        yield np.sort(np.array(part, dtype=np.int64))
