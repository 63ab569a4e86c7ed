"""How much a surface reflects, bare or coated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fresnel(cosine: NDArray[np.float64], index: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Unpolarised reflectance of a dielectric of this index met from air, at these cosines of incidence."""
    c = np.clip(np.abs(cosine), 1e-9, 1.0)
    inside = np.sqrt(1 - (1 - c**2) / np.square(index))
    across = (c - index * inside) / (c + index * inside)
    along = (inside - index * c) / (inside + index * c)
    return 0.5 * (across**2 + along**2)


def coated(
    cosine: NDArray[np.float64], index: float | NDArray[np.float64], reflectance: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """`fresnel`, scaled to `reflectance` at normal incidence and still 1 at grazing; a prior for coatings."""
    bare = ((np.asarray(index) - 1) / (np.asarray(index) + 1)) ** 2
    rise = (fresnel(cosine, index) - bare) / (1 - bare)
    return np.clip(reflectance + (1 - np.asarray(reflectance)) * rise, 0.0, 1.0)
