"""The mean of paired differences and its interval, wearers being what was sampled.

Two layouts meet the same wearers, expressions and noise, so that what they have in common cancels in each wearer's
difference. Faces of one wearer are not independent: a wearer counts once, by the mean over expressions and donnings.
The interval is Student's for the mean of n independent differences, mean ± t(n − 1) s / √n; it is exact for normal
differences, and near for others by the central limit theorem (tests hold its coverage to 95 ± 3 % for both).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

LEVEL = 0.95


@dataclass(frozen=True)
class Paired:
    """A mean difference.

    Attributes:
        mean: NaN without wearers.
        low, high: ends of the interval; NaN with fewer than two wearers.
        n: wearers.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0.0 or self.high < 0.0

    def to_json(self) -> dict[str, float | int | None]:
        """As plain data; None for NaN."""
        return {key: None if isinstance(v, float) and np.isnan(v) else v for key, v in vars(self).items()}


def paired(differences: ArrayLike, level: float = LEVEL) -> Paired:
    """Mean and interval of differences (n,), one a wearer; those that are not finite are left out."""
    values = np.asarray(differences, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        return Paired(np.nan, np.nan, np.nan, 0)
    mean = float(values.mean())
    if n == 1:
        return Paired(mean, np.nan, np.nan, 1)
    half = float(student.ppf(0.5 + 0.5 * level, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Paired(mean, mean - half, mean + half, n)
