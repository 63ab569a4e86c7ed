"""A part on a patch of the shell: a ray from a point inside meets it, and the part sits so far inwards of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from headsets.headset import Shell
from headsets.search import Patch
from optimize.errors import OptimizeError

MM = 1e-3
GRID = 9
"""Rays each way that are tried when a patch is set up: none may miss the shell."""
EDGE = 1e-9
"""How far outside a triangle, in barycentric coordinates, a ray still hits it: seams have no gaps."""


class PatchMount:
    """See `optimize.space.mount.PlacedMount`; a ray that slips through a hole takes what its neighbour meets."""

    def __init__(self, patch: Patch, shell: Shell) -> None:
        """Try a grid of rays.

        Raises:
            OptimizeError: one of them misses the shell.
        """
        self._patch = patch
        self._from = np.array(patch.from_mm)
        corners = shell.vertices[shell.triangles] / MM
        self._a, self._ab, self._ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        tried: list[tuple[NDArray[np.float64], tuple[float, NDArray[np.float64]]]] = []
        for azimuth in np.linspace(*patch.azimuth_deg, GRID):
            for elevation in np.linspace(*patch.elevation_deg, GRID):
                direction = _direction(float(azimuth), float(elevation))
                hit = self._hit(direction)
                if hit is None:
                    raise OptimizeError(
                        "every ray of a patch must meet the shell, got none at "
                        f"azimuth {azimuth:g}, elevation {elevation:g} deg from {_text(patch.from_mm)} mm"
                    )
                tried.append((direction, hit))
        self._tried = tried

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        patch = self._patch
        return {"azimuth_deg": patch.azimuth_deg, "elevation_deg": patch.elevation_deg, "off_mm": patch.off_mm}

    def place(self, at: Mapping[str, float]) -> NDArray[np.float64]:
        direction = _direction(at["azimuth_deg"], at["elevation_deg"])
        distance, inwards = self._hit(direction) or max(self._tried, key=lambda one: float(one[0] @ direction))[1]
        return np.asarray(self._from + distance * direction + at["off_mm"] * inwards)

    def locate(self, point: NDArray[np.float64]) -> dict[str, float]:
        names = list(self.intervals)
        low, high = np.array(list(self.intervals.values())).T
        away = point - self._from
        start = [
            np.rad2deg(np.arctan2(away[0], away[2])),
            np.rad2deg(np.arctan2(away[1], np.hypot(away[0], away[2]))),
            0.5 * (low[2] + high[2]),
        ]
        free = high > low
        fixed = np.clip(start, low, high)
        if not free.any():
            return dict(zip(names, fixed.tolist(), strict=True))

        def off(x: NDArray[np.float64]) -> NDArray[np.float64]:
            values = fixed.copy()
            values[free] = x
            return self.place(dict(zip(names, values.tolist(), strict=True))) - point

        # A patch is faceted: small steps would see one facet alone.
        found = least_squares(off, fixed[free], bounds=(low[free], high[free]), diff_step=[1e-3] * int(free.sum()))
        fixed[free] = found.x
        return dict(zip(names, fixed.tolist(), strict=True))

    def _hit(self, direction: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]] | None:
        """Distance to the nearest triangle, and its normal towards the start (Möller and Trumbore, 1997)."""
        p = np.cross(direction, self._ac)
        det = (self._ab * p).sum(-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            s = self._from - self._a
            u = (s * p).sum(-1) / det
            q = np.cross(s, self._ab)
            v = (q @ direction) / det
            t = (self._ac * q).sum(-1) / det
            hit = (u >= -EDGE) & (v >= -EDGE) & (u + v <= 1 + EDGE) & (t > 0)
        if not hit.any():
            return None
        nearest = int(np.where(hit, t, np.inf).argmin())
        normal = np.cross(self._ab[nearest], self._ac[nearest])
        normal /= np.linalg.norm(normal)
        return float(t[nearest]), -normal * np.sign(normal @ direction)


def _direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    a, e = np.deg2rad([azimuth_deg, elevation_deg])
    return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])


def _text(point: tuple[float, float, float]) -> str:
    return ", ".join(f"{value:g}" for value in point)
