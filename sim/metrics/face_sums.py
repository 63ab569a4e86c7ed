"""Pixels gathered on the triangles of a face: areas seen, and what of them is clipped, lost, or how good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(eq=False)
class FaceSums:
    """Over frames, by triangle: area seen, unsaturated area, and area times SNR, saturated, black."""

    area: NDArray[np.float64]
    open: NDArray[np.float64]
    snr: NDArray[np.float64]
    saturated: NDArray[np.float64]
    black: NDArray[np.float64]

    @classmethod
    def zeros(cls, count: int) -> FaceSums:
        return cls(*(np.zeros(count) for _ in range(5)))

    def add(self, other: FaceSums) -> None:
        for name, values in vars(self).items():
            values += getattr(other, name)


def triangle_sums(
    triangle: NDArray[np.integer],
    area: NDArray[np.floating],
    snr: NDArray[np.floating],
    black: NDArray[np.bool_],
    count: int,
) -> FaceSums:
    """Sums over pixels (n,) by triangle (count,); NaN SNR: saturated."""
    clipped = np.isnan(snr)

    def add(weights: NDArray) -> NDArray[np.float64]:
        return np.asarray(np.bincount(triangle, weights, minlength=count), dtype=np.float64)

    return FaceSums(
        add(area),
        add(area * ~clipped),
        add(area * np.where(clipped, 0.0, snr)),
        add(area * clipped),
        add(area * black),
    )


def shares(sums: FaceSums, triangles: NDArray[np.intp]) -> tuple[float, float, float]:
    """SNR over what is not saturated, saturated share, black share of the area seen; NaN where nothing is."""
    area, free = sums.area[triangles].sum(), sums.open[triangles].sum()
    if not area > 0.0:
        return np.nan, np.nan, np.nan
    snr = sums.snr[triangles].sum() / free if free > 0.0 else np.nan
    return snr, sums.saturated[triangles].sum() / area, sums.black[triangles].sum() / area
