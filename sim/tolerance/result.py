"""Results of a tolerance study, and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.tolerance.curves import Cost
from sim.tolerance.freedoms import Freedom


@dataclass(frozen=True)
class Distribution:
    """One score over headsets as built and worn.

    Attributes:
        nominal: as the file has it, worn nominally.
        p5, p95: percentiles over draws.
        n: draws with a value.
    """

    nominal: float
    mean: float
    sd: float
    p5: float
    p95: float
    n: int


def distribution(nominal: float, values: NDArray[np.float64]) -> Distribution:
    """Of draws (n,); NaN draws are left out."""
    x = values[np.isfinite(values)]
    if not len(x):
        return Distribution(nominal, np.nan, np.nan, np.nan, np.nan, 0)
    sd = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    return Distribution(nominal, float(x.mean()), sd, float(np.percentile(x, 5)), float(np.percentile(x, 95)), len(x))


Scores = Mapping[str, Mapping[str, NDArray[np.float64]]]
"""Group of regions -> metric -> (K,), a value a variant."""


@dataclass(frozen=True)
class ToleranceResult:
    """Of one headset.

    Attributes:
        spread: group -> metric -> distribution over draws.
        costs: freedom's key -> group -> metric -> cost.
        allowed: loss that a tolerance may cost.
        settings: what it was taken over, as plain data.
    """

    headset: str
    freedoms: tuple[Freedom, ...]
    spread: Mapping[str, Mapping[str, Distribution]]
    costs: Mapping[str, Mapping[str, Mapping[str, Cost]]]
    allowed: float
    settings: Mapping[str, object]

    def ranked(self, metric: str) -> list[Freedom]:
        """Freedoms in which the score has a cost, the costliest in any region first."""
        worst = {f.key: self.worst(f.key, metric) for f in self.freedoms}
        known = [f for f in self.freedoms if not np.isnan(worst[f.key])]
        return sorted(known, key=lambda f: -worst[f.key])

    def worst(self, key: str, metric: str) -> float:
        """Largest cost at one spread over regions; NaN where the score is not swept in this freedom."""
        found = [metrics[metric].at_spread for metrics in self.costs[key].values() if metric in metrics]
        found = [value for value in found if not np.isnan(value)]
        return max(found, default=float("nan"))

    def to_json(self) -> dict[str, object]:
        """Plain data; numbers are finite or None."""
        return {
            "headset": self.headset,
            "allowed_loss": self.allowed,
            "settings": dict(self.settings),
            "distributions": {
                group: {metric: _plain(vars(one)) for metric, one in metrics.items()}
                for group, metrics in self.spread.items()
            },
            "freedoms": [
                {
                    "key": f.key,
                    "name": f.name,
                    "positive": f.direction,
                    "unit": f.unit,
                    "spread": f.spread,
                    "source": f.source,
                    "scores": {
                        group: {metric: _plain(vars(one)) for metric, one in metrics.items()}
                        for group, metrics in self.costs[f.key].items()
                    },
                }
                for f in self.freedoms
            ],
        }


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {key: None if isinstance(v, float) and np.isnan(v) else v for key, v in values.items()}
