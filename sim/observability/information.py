"""Fisher information of pixels about parameters, and what is left to know about some when others are unknown.

For pixels with means μ and variances σ²(μ), Gaussian and independent (Kay, "Fundamentals of statistical signal
processing: estimation theory", 1993, section 3.9),

    F_ij = Σ ∂_i μ ∂_j μ (1/σ² + ½ (dσ²/dμ)² / σ⁴)

with dσ²/dμ that of the sensor's noise. The model error has a variance that is stated, not known by physics: it adds to
σ², and its size must not tell the mean, which it would tell better than the light itself where it outgrows it.
A pixel that clips tells less: that of a Gaussian censored at both ends is in `censored_share`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

Floats = NDArray[np.float64]
_ROOT2 = np.sqrt(2.0)
_PIXELS = 65_536
"""Summed over at a time."""


@dataclass(frozen=True)
class NoiseModel:
    """Variance of a pixel in electrons², by its mean μ in electrons: constant + μ + relative μ² + error μ².

    Attributes:
        constant: read noise, dark current, dark signal's spread, quantisation.
        relative: square of the PRNU.
        error: square of the model error, relative to the light; a number, or one for each pixel.
        black, white: electrons at which the digital number clips.
    """

    constant: float
    relative: float
    error: float | Floats
    black: float
    white: float

    def at(self, index: NDArray[np.intp]) -> NoiseModel:
        """That of some pixels of the flattened image."""
        error = self.error if np.ndim(self.error) == 0 else np.asarray(self.error).ravel()[index]
        return replace(self, error=error)

    def variance(self, mean: Floats) -> Floats:
        """σ² at a mean, electrons²."""
        return np.asarray(self.constant + mean + (self.relative + self.error) * mean**2)

    def weights(self, mean: Floats, around: Floats | None = None, clips: bool = True) -> Floats:
        """Information of a pixel about its own mean, 1/electrons².

        Args:
            mean: electrons.
            around: mean of the pixels around, of which its noise is; None: its own.
            clips: False: as if the sensor had no limits.
        """
        light = mean if around is None else around
        variance = self.variance(light)
        slope = 1.0 + 2.0 * self.relative * light
        weight = 1.0 / variance + 0.5 * (slope / variance) ** 2
        if not clips:
            return np.asarray(weight)
        sd = np.sqrt(np.maximum(variance - self.error * light**2, 1e-12))  # it is the sensor that clips
        return np.asarray(weight * censored_share((self.black - mean) / sd, (self.white - mean) / sd))


def censored_share(low: Floats, high: Floats) -> Floats:
    """Share of a normal variable's information about its mean that is left when it is cut to [low, high], in SDs.

    With φ and Φ the normal density and distribution, z the cuts,
    Φ(h) − Φ(l) − (h φ(h) − l φ(l)) + φ(h)² / (1 − Φ(h)) + φ(l)² / Φ(l): the part that is seen as it is, and the two
    that are known to lie beyond.
    """
    return np.asarray(np.clip(ndtr(high) - ndtr(low) + _beyond(high) + _beyond(-low), 0.0, 1.0))


def _beyond(z: Floats) -> Floats:
    """φ(z) (hazard(z) − z), the hazard being φ(z) / (1 − Φ(z)); free of cancellation by the scaled error function."""
    z = np.clip(z, -40.0, 40.0)
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    hazard = np.sqrt(2.0 / np.pi) / erfcx(z / _ROOT2)
    return np.asarray(density * (hazard - z))


def fisher(whitened: NDArray[np.floating]) -> Floats:
    """(P, P) information about P parameters of (P, N) derivatives of pixels in units of their SDs."""
    total = np.zeros((len(whitened), len(whitened)))
    for start in range(0, whitened.shape[1], _PIXELS):
        part = whitened[:, start : start + _PIXELS].astype(np.float64)
        total += part @ part.T
    return total


def marginal(information: Floats, wanted: int) -> Floats:
    """Information about the first `wanted` parameters when the others are unknown: their Schur complement."""
    inside, cross, rest = information[:wanted, :wanted], information[:wanted, wanted:], information[wanted:, wanted:]
    if not len(rest):
        return inside
    out = inside - cross @ np.linalg.solve(rest, cross.T)
    return np.asarray(0.5 * (out + out.T))


def log2_ratio(information: Floats, prior: Floats) -> float:
    """½ log₂ det(information) / det(prior): bits gained about the parameters."""
    signs, logs = zip(*(np.linalg.slogdet(m) for m in (information, prior)), strict=True)
    if min(signs) <= 0:
        return float("nan")
    return float(0.5 * (logs[0] - logs[1]) / np.log(2.0))
