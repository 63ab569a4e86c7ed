"""How well scores order layouts as an error does: Spearman's correlation, with intervals by drawing layouts again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from sim.seeding import generator

RESAMPLES = 10_000
LEAST = 4
"""Fewer layouts have no interval worth the name."""


@dataclass(frozen=True)
class Estimate:
    """Attributes:
    value: of the layouts as they are; NaN where either side is the same for all of them.
    low, high: 2.5th and 97.5th percentile over the resamples; NaN below `LEAST` layouts.
    """

    value: float
    low: float = float("nan")
    high: float = float("nan")

    def text(self) -> str:
        """For a table."""
        return f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


def spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(...,) Pearson's correlation of ranks along the last axis, those of equal values averaged; NaN for constants."""
    x, y = (rankdata(values, axis=-1) for values in (a, b))
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1)))


def agreements(
    scores: Mapping[str, ArrayLike], error: ArrayLike, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Agreement of each score with an error, and the difference of each pair: "O", "V", "O - V".

    All are taken on the same resamples, each as many layouts as there are, drawn with replacement.

    Args:
        scores: name -> (L,) larger where the score expects a larger error.
        error: (L,) of the same layouts.
        seed: of the resamples.
    """
    values = {name: np.asarray(one, np.float64) for name, one in scores.items()}
    off = np.asarray(error, np.float64)
    drawn = _drawn(len(off), seed, resamples)
    as_is = {name: float(spearman(one, off)) for name, one in values.items()}
    again = {name: spearman(one[drawn], off[drawn]) for name, one in values.items()}
    for one, other in combinations(values, 2):
        as_is[f"{one} - {other}"] = as_is[one] - as_is[other]
        again[f"{one} - {other}"] = again[one] - again[other]
    return {name: Estimate(value, *_interval(again[name], len(off))) for name, value in as_is.items()}


def partial_agreement(
    values: ArrayLike, error: ArrayLike, given: ArrayLike, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Partial rank correlation (L,) of values and an error, the part of a score taken out of both."""
    arrays = [np.asarray(one, np.float64) for one in (values, error, given)]
    drawn = _drawn(len(arrays[0]), seed, resamples)
    again = _partial(*(one[drawn] for one in arrays))
    return Estimate(float(_partial(*arrays)), *_interval(again, len(arrays[0])))


def _partial(
    values: NDArray[np.float64], error: NDArray[np.float64], given: NDArray[np.float64]
) -> NDArray[np.float64]:
    direct, one, other = spearman(values, error), spearman(values, given), spearman(error, given)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((direct - one * other) / np.sqrt((1.0 - one**2) * (1.0 - other**2)))


def _drawn(layouts: int, seed: int, resamples: int) -> NDArray[np.int64]:
    return generator(seed, "bootstrap layouts").integers(layouts, size=(resamples, layouts))


def _interval(values: NDArray[np.float64], layouts: int) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if layouts < LEAST or not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
