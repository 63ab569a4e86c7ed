"""Whether a layout that few faces have shown is worth all of them: rising fidelity on common random numbers.

The few are a part of all, the same wearers and draws for every layout, so that what they miss is much the same for
all layouts: its mean and spread are learnt from those that were scored on both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

LEARN_FROM = 5
"""Layouts scored on both before any is turned down."""
DOUBT = 0.025
"""How often a single objective may turn out better than was granted [prior]."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """What all faces would say, in the objectives' units.

    Attributes:
        expected: (K,)
        best_case: (K,) as good as it may turn out, objective by objective.
    """

    expected: NDArray[np.float64]
    best_case: NDArray[np.float64]


def forecast(
    few: NDArray[np.float64], known_few: NDArray[np.float64], known_all: NDArray[np.float64], signs: NDArray[np.float64]
) -> Forecast | None:
    """From values on few faces (K,) and those of N layouts on few and on all (N, K): Student's prediction interval.

    Args:
        signs: (K,) +1 where more is better, -1 where less is.

    Returns:
        None where too few layouts are known.
    """
    count = len(known_few)
    if count < LEARN_FROM:
        return None
    missed = known_all - known_few
    expected = few + missed.mean(axis=0)
    spread = missed.std(axis=0, ddof=1) * np.sqrt(1 + 1 / count)
    return Forecast(expected, expected + signs * student.ppf(1 - DOUBT, count - 1) * spread)


def dominated(
    values: NDArray[np.float64], others: Sequence[NDArray[np.float64]] | NDArray[np.float64], signs: NDArray[np.float64]
) -> bool:
    """Whether any of the others (N, K) is at least as good in everything and better in something."""
    if not len(others):
        return False
    gain = signs * (np.asarray(others) - values)
    return bool(((gain >= 0).all(axis=1) & (gain > 0).any(axis=1)).any())
