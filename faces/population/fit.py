"""Makes faces measure as drawn, by the least change that does it.

Controls start from random values x₀ with prior covariance V = diag(sd²). The mesh's measurements m(x) shall be t, up
to a tolerance with covariance T. The most probable x then solves

    x = x₀ + V Jᵀ (J V Jᵀ + T)⁻¹ (t - m(x) - J (x₀ - x)),    J = dm/dx,

the update by which Kriging conditions a random field, iterated as in an iterated Kalman filter (Bell & Cathey, IEEE
Trans. Automatic Control 38(2), 1993), since breadths are maxima, shapes are scaled and opposite targets are no mirror
images. It moves the controls no farther than needed and leaves all variation that the measurements do not see.
Controls that would leave their bounds are pinned there and the others solved again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.population.channels import Channels
from faces.population.controls import CONTROLS
from faces.population.measurements import NAMES, Caliper

DAMPING = (1.0, 1.0, 0.7, 0.7, 0.5, 0.5)
PINNINGS = 6
FREEDOM = 4.0
LOG_SCALE = (0.05, 0.03)
"""Mean and SD of the logarithm of the head's scale; MakeHuman's heads are some 5 % smaller than NIOSH's adults."""
LOG_SCALE_BOUNDS = (-0.06, 0.19)

_LOOSE_MM = {
    "bizygomatic_breadth": 0.7,
    "head_breadth": 2.5,
    "subnasale_sellion": 0.4,
    "nose_protrusion": 0.4,
    "nasal_root_breadth": 1.5,
    "bigonial_breadth": 7.0,
    "min_frontal_breadth": 4.0,
    "max_frontal_breadth": 4.0,
    "head_length": 3.0,
    "eye_fissure_length": 0.8,
    "eye_fissure_height": 0.5,
    "eye_intercanthal": 1.5,
    "sellion_crown": 3.0,
    "nose_tip_height": 0.7,
}
TOLERANCE_MM = np.array([_LOOSE_MM.get(name, 0.15) for name in NAMES])
"""How closely each measurement is met: the listed ones to a caliper's reading, the others as far as the face allows."""


@dataclass(frozen=True, eq=False)
class Fit:
    """N fitted faces: shape weights (N, S), macro shapes included; scales (N,); and controls (N, K) as fitted."""

    coefficients: NDArray[np.float64]
    scale: NDArray[np.float64]
    controls: NDArray[np.float64]


class Fitter:
    """Moves the controls of faces of one asset."""

    def __init__(self, asset: HeadAsset, channels: Channels) -> None:
        self.channels = channels
        self._caliper = Caliper(asset)
        own = self._caliper.vertices
        self._points = np.concatenate([asset.template[own], asset.eye_template])
        basis = np.concatenate([asset.shape_basis[:, own].astype(float), asset.eye_basis], axis=1)
        self._basis = basis
        with_none = np.concatenate([basis, np.zeros_like(basis[:1])])
        fit = channels.fit_channels
        self._forth = with_none[channels.positive[fit]]
        self._back = -with_none[channels.negative[fit]]
        self._shared = channels.shared[np.ix_(fit, channels.fits)]
        fitted = [control for control in CONTROLS if control.fits]
        self._variance = np.array([control.sd for control in fitted] + [LOG_SCALE[1]]) ** 2
        self._low = np.array([control.low for control in fitted] + [LOG_SCALE_BOUNDS[0]])
        self._high = np.array([control.high for control in fitted] + [LOG_SCALE_BOUNDS[1]])

    def solve(
        self,
        macro: NDArray[np.float64],
        controls: NDArray[np.float64],
        asymmetries: NDArray[np.float64],
        log_scale: NDArray[np.float64],
        target_mm: NDArray[np.float64],
        *,
        freely: bool = False,
    ) -> Fit:
        """Fit N faces at once.

        Args:
            macro: (N, S) weights of the macro shapes.
            controls, asymmetries: (N, K) random values to start from.
            log_scale: (N,) likewise.
            target_mm: (N, M).
            freely: let the controls go `FREEDOM` times as far for their price, so that every measurement is met.
        """
        channels, fits = self.channels, np.flatnonzero(self.channels.fits)
        controls = controls.copy()
        start = np.concatenate([controls[:, fits], log_scale[:, None]], axis=1)
        x = np.clip(start, self._low, self._high)
        variance = self._variance * (FREEDOM**2 if freely else 1.0)
        for damping in DAMPING:
            controls[:, fits] = x[:, :-1]
            coefficients = macro + channels.coefficients(channels.values(controls, asymmetries))
            measured, jacobian = self._linearise(coefficients, channels.values(controls, asymmetries), np.exp(x[:, -1]))
            x = x + damping * (self._step(start, x, target_mm - measured, jacobian, variance) - x)
        controls[:, fits] = x[:, :-1]
        coefficients = macro + channels.coefficients(channels.values(controls, asymmetries))
        return Fit(coefficients=coefficients, scale=np.exp(x[:, -1]), controls=controls)

    def _linearise(
        self, coefficients: NDArray[np.float64], values: NDArray[np.float64], scale: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Measurements (N, M) mm and their derivatives (N, M, X) by the fitted controls and the logarithm of scale."""
        points = (self._points + np.tensordot(coefficients, self._basis, axes=1)) * scale[:, None, None]
        measured, ends, units = self._caliper.measure_points(points)
        forth = np.heaviside(values[:, self.channels.fit_channels], 0.5)  # of the positive shape; half of each at zero
        by_channel = np.zeros((*measured.shape, forth.shape[1]))
        for share, shapes in ((forth, self._forth), (1.0 - forth, self._back)):
            apart = shapes[:, ends[..., 0]] - shapes[:, ends[..., 1]]  # (C, N, M, 3)
            by_channel += np.einsum("cnmx,nmx->nmc", apart, units) * share[:, None]
        by_control = by_channel @ self._shared * (scale[:, None, None] * 1e3)
        return measured, np.concatenate([by_control, measured[..., None]], axis=-1)

    def _step(
        self,
        start: NDArray[np.float64],
        x: NDArray[np.float64],
        missing: NDArray[np.float64],
        jacobian: NDArray[np.float64],
        variance: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """One conditioning update within bounds; `missing` is target less measured, mm."""
        free = np.ones(x.shape, bool)
        best = x
        for _ in range(PINNINGS):
            anchor = np.where(free, start, np.clip(best, self._low, self._high))
            spread = jacobian * (variance * free)[:, None]
            gain = spread @ jacobian.transpose(0, 2, 1) + np.diag(TOLERANCE_MM**2)
            rest = missing - np.einsum("nmx,nx->nm", jacobian, anchor - x)
            best = anchor + np.einsum("nmx,nm->nx", spread, np.linalg.solve(gain, rest[..., None])[..., 0])
            excess = np.maximum(self._low - best, best - self._high) * free
            worst = excess.max(axis=1, keepdims=True)
            if not (worst > 0).any():
                break
            free &= ~((worst > 0) & (excess > 0.5 * worst))  # the others may yet come back once these are pinned
        return np.clip(best, self._low, self._high)
