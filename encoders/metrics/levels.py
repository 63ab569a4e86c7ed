"""Three levels (REFA 8.1): recordings are averaged to subjects, and subjects to the data set; and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.seeding import generator

RESAMPLES = 1000


@dataclass(frozen=True)
class Levels:
    """A metric's means.

    Attributes:
        recordings: by subject and recording.
        subjects: mean over the recordings of each.
        dataset: mean over subjects; None if no recording tells.
    """

    recordings: dict[str, dict[str, float]]
    subjects: dict[str, float]
    dataset: float | None

    def record(self) -> dict[str, Any]:
        """Plain data."""
        return {"dataset": self.dataset, "subjects": self.subjects, "recordings": self.recordings}


def three_levels(rows: Sequence[tuple[str, str, float | None]]) -> Levels:
    """Average (subject, recording, value); recordings without a value count nowhere."""
    recordings: dict[str, dict[str, float]] = {}
    for subject, recording, value in rows:
        if value is not None:
            recordings.setdefault(subject, {})[recording] = value
    subjects = {name: float(np.mean(list(values.values()))) for name, values in recordings.items()}
    return Levels(recordings, subjects, float(np.mean(list(subjects.values()))) if subjects else None)


def interval95(values: ArrayLike, subjects: Sequence[Any], seed: int = 0) -> tuple[float, float] | None:
    """95 % interval of the mean over frames, by drawing subjects with replacement: a subject's frames resemble one
    another, so that frames drawn singly would give intervals that are too narrow. None: fewer than two subjects.

    Args:
        values: (F,).
        subjects: (F,) of each frame.
    """
    _, which = np.unique(np.asarray(subjects), return_inverse=True)
    count = int(which.max()) + 1
    if count < 2:
        return None
    sums = np.bincount(which, weights=np.asarray(values, np.float64))
    sizes = np.bincount(which)
    drawn = generator(seed, "bootstrap").integers(count, size=(RESAMPLES, count))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
