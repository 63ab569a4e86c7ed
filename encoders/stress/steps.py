"""One step of a stress test: a condition, and what an encoder made of the frames taken under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.evaluate import ERRORS, Estimates
from encoders.metrics.levels import interval95
from encoders.stress.patches import Patch

MAIN = "mesh_mm"
"""The error that limits hold for."""
WORST = 3


@dataclass(frozen=True, eq=False)
class Step:
    """An encoder under one condition.

    Attributes:
        label: in words.
        severity: in the factor's unit; None: steps have no order.
        patch: what it changes in the nominal configuration.
        labels: of the frames, see `encoders.frames.about`.
        own, mean: what the encoder and the mean predictor made of them.
    """

    label: str
    severity: float | None
    patch: Patch
    labels: tuple[dict[str, Any], ...]
    own: Estimates
    mean: Estimates

    @property
    def wearers(self) -> list[int]:
        """Of each frame: differences are paired frame by frame, and resampled by these."""
        return [int(label["identity"]) for label in self.labels]

    @property
    def errors(self) -> NDArray[np.float64]:
        """(F,) mesh errors, mm."""
        return self.own.errors[MAIN]

    @property
    def error(self) -> float:
        """Their mean."""
        return float(self.errors.mean())

    def worst(self, count: int) -> list[int]:
        """Frames with the largest mesh errors, largest first."""
        return [int(k) for k in np.argsort(-self.errors, kind="stable")[:count]]

    def record(self, nominal: Step) -> dict[str, Any]:
        """Plain data: errors with intervals, the increase over the nominal step, and the worst frames."""
        who = self.wearers
        return {
            "label": self.label,
            "severity": self.severity,
            "errors": {name: with_interval(self.own.errors[name], who) for name in ERRORS},
            "mean_predictor": {name: float(self.mean.errors[name].mean()) for name in ERRORS},
            "increase_mm": with_interval(self.errors - nominal.errors, who),
            "worst": [
                {"key": self.labels[k]["key"], "expression": self.labels[k]["expression"],
                 MAIN: float(self.errors[k])}
                for k in self.worst(WORST)
            ],
        }  # fmt: skip


def with_interval(values: NDArray[np.float64], wearers: Sequence[int]) -> dict[str, Any]:
    """Mean over frames, and its 95 % interval by drawing wearers; None with one wearer."""
    between = interval95(values, wearers)
    return {"mean": float(values.mean()), "interval95": None if between is None else list(between)}
