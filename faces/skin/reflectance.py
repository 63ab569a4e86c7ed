"""Reflectance of adult skin at 850 and 940 nm: NIST's distribution, with a darker tail that it does not hold.

NIST measured 100 forearms (doi 10.18434/M38597): 850 nm 0.603 ± 0.033, from 0.490 to 0.665; 940 nm 0.532 ± 0.024, from
0.468 to 0.581; correlation 0.93. A normal with that mean and SD would leave the range, so each margin is the beta
distribution on it with that mean and SD, and a Gaussian copula correlates them.

The tail is a prior: `tail_share` of the wearers are darker, uniformly from `tail_low` to NIST's minimum at 850 nm.
Melanin makes them so: light passes a layer that absorbs as melanosomes do, 6.6e11 λ^-3.33 per cm (Jacques, λ in nm),
over skin of NIST's mean reflectance, so that ln(R / R_mean) at 940 nm is (940/850)^-3.33 = 0.715 of that at 850 nm; a
residual of NIST's own conditional SD, 0.024 (1 - 0.93²)^½, is added.

All these numbers are `ReflectancePriors`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial.hermite_e import hermegauss, hermevander
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv, factorial, ndtr

from faces.skin.priors import HIGHEST_REFLECTANCE, LOWEST_REFLECTANCE, ReflectancePriors

TAIL_RATIO = (940.0 / 850.0) ** -3.33
"""Melanosome absorption at 940 nm over that at 850 nm."""
TERMS, NODES = 24, 96
"""Of the Hermite series, and of the quadrature that finds its coefficients."""


def draw_reflectance(
    rng: np.random.Generator, count: int = 1, *, priors: ReflectancePriors = ReflectancePriors()
) -> NDArray[np.float64]:
    """(count, 2) hemispherical reflectances at 850 and 940 nm, specular part included."""
    mean, sd, low, high = (np.array(pair) for pair in (priors.mean, priors.sd, priors.low, priors.high))
    copula = copula_correlation(priors)
    normal = rng.standard_normal((count, 2))
    dark, depth = rng.random(count) < priors.tail_share, rng.random(count)
    normal[:, 1] = copula * normal[:, 0] + np.sqrt(1 - copula**2) * normal[:, 1]
    measured = low + (high - low) * _beta_quantile(ndtr(normal), priors)
    first = priors.tail_low + depth * (low[0] - priors.tail_low)
    # what of the second normal is independent of the first
    rest = (normal[:, 1] - copula * normal[:, 0]) / np.sqrt(1 - copula**2)
    spread = sd[1] * np.sqrt(1 - priors.correlation**2)
    second = mean[1] * (first / mean[0]) ** TAIL_RATIO + spread * np.clip(rest, -2.5, 2.5)
    second = np.clip(second, LOWEST_REFLECTANCE + 1e-6, HIGHEST_REFLECTANCE - 1e-6)
    return np.where(dark[:, None], np.stack([first, second], axis=1), measured)


@lru_cache(maxsize=32)
def copula_correlation(priors: ReflectancePriors) -> float:
    """Correlation of two normals whose margins, made beta, correlate by `priors.correlation`; to four decimals.

    With q(z) = Σ c_k He_k(z) for each margin, two normals of correlation r give the covariance Σ c_k d_k k! r^k
    (Mehler); r is its root.
    """
    z, weight = hermegauss(NODES)
    weight = weight / weight.sum()
    quantile = _beta_quantile(np.stack([ndtr(z), ndtr(z)], axis=1), priors)
    order = factorial(np.arange(TERMS + 1))
    terms = (hermevander(z, TERMS).T * weight) @ quantile / order[:, None]
    series = terms[1:, 0] * terms[1:, 1] * order[1:]
    scale = np.sqrt((terms[1:] ** 2 * order[1:, None]).sum(axis=0)).prod()

    def excess(r: float) -> float:
        return float((series * r ** np.arange(1, TERMS + 1)).sum() / scale - priors.correlation)

    return round(float(brentq(excess, 0.0, 1.0)), 4) if excess(1.0) > 0 else 0.9999


def _beta_quantile(share: NDArray[np.float64], priors: ReflectancePriors) -> NDArray[np.float64]:
    """Quantiles (n, 2) in [0, 1] of the beta distributions with the measured means and SDs."""
    low, high = np.array(priors.low), np.array(priors.high)
    mean, sd = (np.array(priors.mean) - low) / (high - low), np.array(priors.sd) / (high - low)
    total = mean * (1 - mean) / sd**2 - 1
    quantile: NDArray[np.float64] = betaincinv(mean * total, (1 - mean) * total, share)
    return quantile
