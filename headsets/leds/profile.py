"""What an LED's angular profile is to everybody else: intensity over the angle from the axis, 1 on the axis."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq


@runtime_checkable
class AngularProfile(Protocol):
    """Rotationally symmetric radiant intensity, relative to that on the axis."""

    def relative(self, theta_rad: ArrayLike) -> NDArray[np.float64]:
        """Intensity at angles (*batch,) from the axis, in [0, pi], relative to the axis: (*batch,), >= 0."""
        ...


def flux_per_axial_intensity(profile: AngularProfile) -> float:
    """Total flux over axial intensity, sr: the integral of relative(theta) 2 pi sin(theta) over the sphere.

    Gauss-Legendre over short panels, so that the kinks of tables and the edge at 90 degrees cost little:
    1e-6 relative for a Lambertian of half angle 10 degrees or wider.
    """
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.deg2rad(np.linspace(0.0, 180.0, 361))
    half = 0.5 * np.diff(edges)[:, None]
    theta = edges[:-1, None] + half * (nodes + 1)
    return float((profile.relative(theta) * 2 * np.pi * np.sin(theta) * weights * half).sum())


def half_angle(profile: AngularProfile) -> float:
    """Smallest angle, rad, at which the intensity has fallen to half that on the axis (pi if it never does)."""
    grid = np.linspace(0.0, np.pi, 3601)
    below = np.flatnonzero(profile.relative(grid) <= 0.5)
    if below.size == 0:
        return float(np.pi)
    i = int(below[0])
    if float(profile.relative(grid[i])) == 0.5 or i == 0:
        return float(grid[i])
    return float(brentq(lambda t: float(profile.relative(t)) - 0.5, grid[i - 1], grid[i], xtol=1e-14))
