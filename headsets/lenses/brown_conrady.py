"""Brown-Conrady: radial (polynomial or rational) and tangential distortion of a pinhole, OpenCV's default model.

Source: OpenCV 4, calib3d, `projectPoints` with (k1, k2, p1, p2, k3, k4, k5, k6).

The map x -> d(x) of the normalised plane has a symmetric Jacobian: it is the gradient of a potential. Where the
Jacobian is positive definite on a disc the map is therefore one to one there, and undistorting means minimising
a strictly convex function, which damped Newton steps do from any start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from headsets.lenses.central import CentralLens, normalised
from headsets.lenses.invert import invert_increasing

WIDEST_RAD = np.deg2rad(89.9)
"""The tangent plane ends here: beyond, r = tan(theta) > 570 and no real lens is described by this model."""
STEPS = 4000
MAX_NEWTON = 60


@dataclass(frozen=True)
class BrownConrady(CentralLens):
    """Coefficients as in OpenCV: radial numerator k1, k2, k3, denominator k4, k5, k6, tangential p1, p2.

    Domain: the largest disc around the axis on which the map is one to one, 89.9 degrees at most.
    """

    k: tuple[float, float, float, float, float, float] = (0.0,) * 6
    p: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def _max_radius(self) -> float:
        angles = np.linspace(0.0, WIDEST_RAD, STEPS)
        with np.errstate(all="ignore"):
            good = np.array([self._definiteness(np.tan(a)) > 0 for a in angles])
        if good.all():
            return float(np.tan(WIDEST_RAD))
        first = int(np.argmin(good))
        low, high = float(np.tan(angles[first - 1])), float(np.tan(angles[first]))
        with np.errstate(all="ignore"):
            for _ in range(60):  # bisection: next to a pole of the rational form no faster method is safe
                middle = 0.5 * (low + high)
                low, high = (middle, high) if self._definiteness(middle) > 0 else (low, middle)
        return low

    @property
    def folds(self) -> bool:
        """Whether the map stops being one to one within 89.9 degrees."""
        return self._max_radius < np.tan(WIDEST_RAD)

    @cached_property
    def max_angle_rad(self) -> float:
        """Angle at the rim of the disc on which the map is one to one."""
        return float(np.arctan(self._max_radius))

    def _radial(self, s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Gain g, dg/ds and the denominator, at s = r^2."""
        k1, k2, k3, k4, k5, k6 = self.k
        n, dn = 1 + s * (k1 + s * (k2 + s * k3)), k1 + s * (2 * k2 + s * 3 * k3)
        d, dd = 1 + s * (k4 + s * (k5 + s * k6)), k4 + s * (2 * k5 + s * 3 * k6)
        return n / d, (dn * d - n * dd) / (d * d), d

    def _definiteness(self, r: float) -> float:
        """Positive iff the Jacobian is positive definite in every direction at radius r.

        In the basis (radial, tangential) it is [[a + 6qc, 2qs], [2qs, g + 2qc]] with a = d(rg)/dr, q = r |p| and
        c, s the cosine and sine of the angle to (p2, p1); its determinant is a convex parabola in c.
        """
        g, dg, denominator = (float(v) for v in self._radial(np.float64(r * r)))  # type: ignore[arg-type]
        a, q = g + 2 * r * r * dg, r * float(np.hypot(*self.p))
        c = max(-1.0, -(2 * a + 6 * g) / (32 * q)) if q > 0 else -1.0
        determinant = a * g + c * q * (2 * a + 6 * g) + 16 * q * q * c * c - 4 * q * q
        return min(determinant, a - 6 * q, g - 2 * q, denominator)

    def _map(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distorted plane (N, 2) and Jacobian (N, 2, 2) at x (N, 2)."""
        s = (x * x).sum(-1)
        g, dg, _ = self._radial(s)
        p = np.array([self.p[1], self.p[0]])
        along = x @ p
        distorted = x * (g + 2 * along)[:, None] + s[:, None] * p
        outer = x[:, :, None] * x[:, None, :]
        cross = p[:, None] * x[:, None, :] + x[:, :, None] * p
        jacobian = (g + 2 * along)[:, None, None] * np.eye(2) + 2 * dg[:, None, None] * outer + 2 * cross
        return distorted, jacobian

    def _distort(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        x = points[:, :2] / points[:, 2:]
        valid = (points[:, 2] > 0) & (np.hypot(x[:, 0], x[:, 1]) < self._max_radius)
        return self._map(np.where(valid[:, None], x, 0.0))[0], valid

    def _undistort(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        radius = np.hypot(plane[:, 0], plane[:, 1])

        def radial(r: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            g, dg, _ = self._radial(r * r)
            return r * g, g + 2 * r * r * dg

        r = invert_increasing(radial, radius, self._max_radius, np.minimum(radius, self._max_radius))
        if self.p == (0.0, 0.0):
            x = plane * np.where(radius > 0, r / np.where(radius > 0, radius, 1.0), 1.0)[:, None]
        else:
            r = np.where(np.isnan(r), 0.99 * self._max_radius, r)  # tangential terms may still reach it
            x = self._newton(plane, plane * np.where(radius > 0, r / np.where(radius > 0, radius, 1.0), 1.0)[:, None])
        return normalised(np.concatenate([x, np.ones_like(x[:, :1])], axis=-1))

    def _newton(self, target: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve d(x) = target from x (N, 2), halving steps that leave the disc or do not shrink the error."""
        value, jacobian = self._map(x)
        error = np.linalg.norm(value - target, axis=-1)
        moving = np.ones(len(x), dtype=bool)
        for _ in range(MAX_NEWTON):
            if not moving.any():
                break
            step = np.linalg.solve(jacobian[moving], (value - target)[moving, :, None])[..., 0]
            scale = np.ones(len(step))
            for _ in range(30):
                trial = x[moving] - scale[:, None] * step
                trial_value, trial_jacobian = self._map(trial)
                trial_error = np.linalg.norm(trial_value - target[moving], axis=-1)
                bad = ~((np.hypot(trial[:, 0], trial[:, 1]) <= self._max_radius) & (trial_error < error[moving]))
                if not bad.any():
                    break
                scale[bad] *= 0.5
            index = np.flatnonzero(moving)
            good = index[~bad]
            x[good], value[good], jacobian[good] = trial[~bad], trial_value[~bad], trial_jacobian[~bad]
            error[good] = trial_error[~bad]
            moving[index[bad]] = False  # no descent left: converged to the last bits, or no solution in the disc
        solved = error <= 1e-12 * (1 + np.linalg.norm(target, axis=-1))
        return np.where(solved[:, None], x, np.nan)

    def mirrored(self) -> Self:
        """cx -> W - 1 - cx and p2 -> -p2: the only coefficient that is odd in x."""
        return replace(super().mirrored(), p=(self.p[0], -self.p[1]))
