"""The hypervolume of a set of layouts: how much of the space of objectives they beat, down to a reference point.

It grows with every layout that adds to the front, so it stands for several objectives at once (Zitzler and Thiele,
1999).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hypervolume(values: NDArray[np.float64], reference: NDArray[np.float64], signs: NDArray[np.float64]) -> float:
    """Volume of the union of the boxes between the reference and each layout.

    Args:
        values: (N, K), in the objectives' units.
        reference: (K,); layouts that are not better than it in everything count for nothing.
        signs: (K,) +1 where more is better, -1 where less is.
    """
    gains = signs * (np.asarray(values, np.float64).reshape(-1, len(signs)) - reference)
    return _volume(gains[(gains > 0).all(axis=1)])


def growth(values: NDArray[np.float64], reference: NDArray[np.float64], signs: NDArray[np.float64]) -> list[float]:
    """The hypervolume of the first 1, 2, … N layouts."""
    front = np.empty((0, len(signs)))
    volumes: list[float] = []
    for gain in signs * (np.asarray(values, np.float64).reshape(-1, len(signs)) - reference):
        adds = bool((gain > 0).all()) and not (front >= gain).all(axis=1).any()
        if adds:
            front = np.vstack([front[~(front <= gain).all(axis=1)], gain])
        volumes.append(_volume(front) if adds or not volumes else volumes[-1])
    return volumes


def _volume(gains: NDArray[np.float64]) -> float:
    """Of boxes from the origin to each row: slices along the last objective, each with one objective fewer."""
    if not len(gains):
        return 0.0
    if gains.shape[1] == 1:
        return float(gains.max())
    order = np.argsort(-gains[:, -1], kind="stable")
    gains = gains[order]
    depths = gains[:, -1] - np.append(gains[1:, -1], 0.0)
    return float(sum(d * _volume(gains[: k + 1, :-1]) for k, d in enumerate(depths) if d > 0))
