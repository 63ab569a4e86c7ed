"""How finely a camera samples a surface: pixels per millimetre on the skin.

The map from a surface patch to the image stretches area by |det J|, J its 2×2 Jacobian (pixels per metre along the
surface). For a central camera it factors exactly: a patch of area dA at distance r, whose normal makes the angle θ
with the ray, fills the solid angle cos θ dA / r², and the lens gives each direction so many pixels per steradian.
The resolution is sqrt|det J|: the geometric mean of the finest and the coarsest direction.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from headsets.lenses.lens import Lens
from headsets.lenses.tables import pixel_solid_angles
from sim.metrics.visibility import View


class LensDensity:
    """Pixels per steradian over a lens's image, tabulated at pixel centres; it varies slowly."""

    def __init__(self, lens: Lens) -> None:
        solid_angles = pixel_solid_angles(lens)
        # A corner without a ray leaves its pixel undefined: such a pixel takes the value of the nearest that has one.
        undefined = ~(np.isfinite(solid_angles) & (solid_angles > 0))
        if undefined.any():
            nearest = distance_transform_edt(undefined, return_distances=False, return_indices=True)
            solid_angles = solid_angles[tuple(nearest)]
        self._density = 1.0 / solid_angles

    def at(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels per sr at pixels (N, 2) inside the image: (N,)."""
        return map_coordinates(self._density, [pixels[:, 1], pixels[:, 0]], order=1, mode="nearest")


@lru_cache(maxsize=32)
def lens_density(lens: Lens) -> LensDensity:
    """The table of a lens, remembered: scoring one layout after another asks for the same."""
    return LensDensity(lens)


def pixels_per_mm(
    density: LensDensity, view: View, chosen: NDArray[np.bool_], scale: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Local resolution at the chosen framed points: chosen (D, P) -> (D, P) px/mm, NaN elsewhere; `scale` (D,) is the
    images' magnification."""
    out = np.full(chosen.shape, np.nan)
    stretch = density.at(view.pixels[chosen]) * view.facing[chosen] / view.distances[chosen] ** 2
    out[chosen] = np.sqrt(stretch) * 1e-3
    return out if scale is None else out * scale[:, None]


def mean_resolution(
    resolution: NDArray[np.float64], seen: NDArray[np.bool_], areas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean over the seen area: resolution and seen (D, P), areas (P,) -> (D,), NaN where nothing is seen."""
    weights = seen * areas
    total = weights.sum(-1)
    with np.errstate(invalid="ignore"):
        return (np.where(seen, resolution, 0.0) * weights).sum(-1) / np.where(total > 0, total, np.nan)
