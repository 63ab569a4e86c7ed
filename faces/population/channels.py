"""Controls as linear algebra: which target weights a vector of controls sets, and where their bounds are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.errors import HeadDataError
from faces.population.controls import CONTROLS, Control


class Channels:
    """A channel is one signed weight on one side: a pair of opposite shapes of the asset.

    Attributes:
        shared: (C, K) channel values = shared @ controls + apart @ asymmetries, then clipped to low, high (C,).
        apart: (C, K).
        positive, negative: (C,) shape indices; S (one past the end) where there is none.
        fits: (K,) bool, controls the solver may use.
    """

    def __init__(self, asset: HeadAsset, controls: tuple[Control, ...] = CONTROLS) -> None:
        index = {str(name).split("/")[-1]: k for k, name in enumerate(asset.shape_names)}
        self.shape_count = len(asset.shape_names)

        def shape(target: str) -> int:
            if target and target not in index:
                raise HeadDataError(f"the head asset lacks the face shape {target!r} (faces/population/controls.py)")
            return index[target] if target else self.shape_count

        rows: list[tuple[int, int, int, float]] = []  # control, positive, negative, sign of the asymmetry
        for k, control in enumerate(controls):
            sides = (("l-", 1.0), ("r-", -1.0)) if control.paired else (("", 1.0),)
            for side, sign in sides:
                ends = [side + target if target else "" for target in (control.positive, control.negative)]
                rows.append((k, shape(ends[0]), shape(ends[1]), sign))
        owner = np.array([row[0] for row in rows])
        self.positive = np.array([row[1] for row in rows])
        self.negative = np.array([row[2] for row in rows])
        self.shared = np.eye(len(controls))[owner]
        self.apart = self.shared * np.array([[row[3]] for row in rows])
        self.low = np.array([controls[k].low for k in owner])
        self.high = np.array([controls[k].high for k in owner])
        self.fits = np.array([control.fits for control in controls])
        self.fit_channels = np.flatnonzero(self.fits[owner])

    def values(self, controls: NDArray[np.float64], asymmetries: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, C) signed weights of controls (N, K) and asymmetries (N, K)."""
        return np.clip(controls @ self.shared.T + asymmetries @ self.apart.T, self.low, self.high)

    def coefficients(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, S) shape weights, none negative, of channel values (N, C)."""
        weights = np.zeros((len(values), self.shape_count + 1))
        weights[:, self.positive] = np.maximum(values, 0.0)
        rows = np.arange(len(values))[:, None]
        np.add.at(weights, (rows, self.negative[None]), np.maximum(-values, 0.0))
        return weights[:, :-1]
