"""Reflectance of adult skin at 850 and 940 nm: NIST's distribution, with a darker tail that it does not hold.

NIST measured 100 forearms (doi 10.18434/M38597): 850 nm 0.603 ± 0.033, from 0.490 to 0.665; 940 nm 0.532 ± 0.024, from
0.468 to 0.581; correlation 0.93. A normal with that mean and SD would leave the range, so each margin is the beta
distribution on it with that mean and SD, and a Gaussian copula correlates them.

The tail is a prior: `TAIL_SHARE` of the wearers are darker, uniformly from 0.35 to NIST's minimum at 850 nm. Melanin
makes them so: light passes a layer that absorbs as melanosomes do, 6.6e11 λ^-3.33 per cm (Jacques, λ in nm), over skin
of NIST's mean reflectance, so that ln(R / R_mean) at 940 nm is (940/850)^-3.33 = 0.715 of that at 850 nm; a residual of
NIST's own conditional SD, 0.024 (1 - 0.93²)^½, is added.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from faces.errors import FaceError

MEAN = np.array([0.603, 0.532])
SD = np.array([0.033, 0.024])
LOW = np.array([0.490, 0.468])
HIGH = np.array([0.665, 0.581])
CORRELATION = 0.93

TAIL_SHARE = 0.15
TAIL_LOW = 0.35
TAIL_RATIO = (940.0 / 850.0) ** -3.33
"""Melanosome absorption at 940 nm over that at 850 nm."""

_COPULA = 0.9338
"""Correlation of the underlying normals for which the margins correlate by `CORRELATION` (found by quadrature)."""


def draw_reflectance(
    rng: np.random.Generator, count: int = 1, *, tail_share: float = TAIL_SHARE
) -> NDArray[np.float64]:
    """(count, 2) hemispherical reflectances at 850 and 940 nm, specular part included.

    Raises:
        FaceError: a share outside [0, 1].
    """
    if not 0.0 <= tail_share <= 1.0:
        raise FaceError(f"`0 <= tail_share <= 1` must hold, got {tail_share}")
    normal = rng.standard_normal((count, 2))
    dark, depth = rng.random(count) < tail_share, rng.random(count)
    normal[:, 1] = _COPULA * normal[:, 0] + np.sqrt(1 - _COPULA**2) * normal[:, 1]
    measured = LOW + (HIGH - LOW) * _beta_quantile(ndtr(normal))
    first = TAIL_LOW + depth * (LOW[0] - TAIL_LOW)
    # what of the second normal is independent of the first
    rest = (normal[:, 1] - _COPULA * normal[:, 0]) / np.sqrt(1 - _COPULA**2)
    second = MEAN[1] * (first / MEAN[0]) ** TAIL_RATIO + SD[1] * np.sqrt(1 - CORRELATION**2) * np.clip(rest, -2.5, 2.5)
    return np.where(dark[:, None], np.stack([first, second], axis=1), measured)


def _beta_quantile(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles (n, 2) in [0, 1] of the beta distributions with the measured means and SDs."""
    mean, sd = (MEAN - LOW) / (HIGH - LOW), SD / (HIGH - LOW)
    total = mean * (1 - mean) / sd**2 - 1
    quantile: NDArray[np.float64] = betaincinv(mean * total, (1 - mean) * total, share)
    return quantile
