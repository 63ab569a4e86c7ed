"""A headset's LEDs as the kernels see them: one row of numbers each, their profiles tabulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from faces.mesh import ALBEDO_NM
from headsets.headset import Led
from headsets.leds.profile import AngularProfile

PROFILE_STEPS = 2048
"""A profile is tabulated over tan²(angle / 2), linearly interpolated.

Over that variable a Lambertian emitter of any order is close to an exponential, so that equal steps serve a beam of
10 degrees as well as one of 70: the error is below 3e-4 of the axial intensity for both.
"""

DEGREE = 11
"""Profiles that a polynomial of this degree in tan²(angle / 2) meets are computed by it instead: that is cheaper."""
_CLOSE = 1e-4  # of the axial intensity

_FIELDS = 14  # position 3, LED's x, y and z axis 9, intensity, weight of the 940 nm albedo
_MAX_ANGLE = np.deg2rad(150.0)


@dataclass(frozen=True, eq=False)
class PackedLeds:
    """Host arrays of the LEDs that shine.

    Attributes:
        count: of LEDs.
        values: (count, 14) float32: position, x axis, y axis, z axis (device frame), radiant intensity on the axis,
            weight of the 940 nm albedo.
        starts: (count,) int32: where the LED's profile starts in `profiles`.
        profiles: (P * (PROFILE_STEPS + 2),) float32.
        polynomials: (count, DEGREE + 2) float32: 1 and the coefficients, highest first, in tan²(angle / 2) scaled to
            [-1, 1]; or 0, where only the table will do.
        half_width: the tables and shadow maps reach this tan(angle / 2).
        frames: (count, 3, 3) float32, LED to device.
        origins: (count, 3) float32.
        albedo_weight: the radiant intensity's mean weight of the 940 nm albedo.
    """

    count: int
    values: NDArray[np.float32]
    starts: NDArray[np.int32]
    profiles: NDArray[np.float32]
    polynomials: NDArray[np.float32]
    half_width: float
    frames: NDArray[np.float32]
    origins: NDArray[np.float32]
    albedo_weight: float


def pack_leds(leds: Sequence[Led]) -> PackedLeds:
    """Pack LEDs; those without radiant intensity are left out."""
    on = [led for led in leds if led.radiant_intensity_w_sr > 0.0]
    count = len(on)
    values = np.zeros((count, _FIELDS), dtype=np.float32)
    rows = np.zeros(count, dtype=np.int32)
    weight = np.zeros(count)
    power = np.zeros(count)
    half_width = float(np.tan(max((_reach(led) for led in on), default=np.pi / 2) / 2))
    angles = 2 * np.arctan(np.sqrt(np.linspace(0.0, half_width**2, PROFILE_STEPS + 1)))
    polynomials = np.zeros((count, DEGREE + 2), dtype=np.float32)
    tables: list[NDArray[np.float32]] = []
    starts: dict[int, int] = {}
    for k, led in enumerate(on):
        if id(led.profile) not in starts:
            starts[id(led.profile)] = len(tables) * (PROFILE_STEPS + 2)
            table = np.asarray(led.profile.relative(angles), dtype=np.float32)
            tables.append(np.append(table, table[-1]))
        polynomials[k] = _polynomial(cast(Any, led.profile), half_width)
        power[k] = led.radiant_intensity_w_sr
        weight[k] = np.clip((led.wavelength_nm - ALBEDO_NM[0]) / (ALBEDO_NM[1] - ALBEDO_NM[0]), 0.0, 1.0)
        values[k, :3] = led.position
        values[k, 3:12] = led.T_device_led.rotation.as_matrix().T.ravel()
        values[k, 12] = power[k]
        values[k, 13] = weight[k]
        rows[k] = starts[id(led.profile)]
    return PackedLeds(
        count,
        values,
        rows,
        np.concatenate(tables) if tables else np.zeros(PROFILE_STEPS + 2, dtype=np.float32),
        polynomials,
        half_width,
        np.array([led.T_device_led.rotation.as_matrix() for led in on], dtype=np.float32).reshape(-1, 3, 3),
        np.array([led.position for led in on], dtype=np.float32).reshape(-1, 3),
        float((weight * power).sum() / power.sum()) if count else 0.0,
    )


@lru_cache(maxsize=256)
def _polynomial(profile: AngularProfile, half_width: float) -> NDArray[np.float64]:
    """1 and the coefficients, or 0 if they miss the profile somewhere."""

    def exact(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(profile.relative(2 * np.arctan(half_width * np.sqrt(np.clip((1 + t) / 2, 0.0, 1.0)))))

    fit = np.polynomial.Chebyshev.interpolate(exact, DEGREE).convert(kind=np.polynomial.Polynomial)
    t = np.linspace(-1.0, 1.0, 1025)
    if np.abs(fit(t) - exact(t)).max() > _CLOSE:
        return np.zeros(DEGREE + 2)
    return np.concatenate([[1.0], np.pad(fit.coef, (0, DEGREE + 1 - len(fit.coef)))[::-1]])


def _reach(led: Led) -> float:
    """The largest angle from the axis that gets light, at least 10 degrees, at most 150."""
    angles = np.deg2rad(np.arange(0.0, 180.5, 0.5))
    lit = np.flatnonzero(np.asarray(led.profile.relative(angles)) > 1e-6)
    return float(np.clip(angles[min(lit[-1] + 1, len(angles) - 1)] if lit.size else 0.0, np.deg2rad(10.0), _MAX_ANGLE))
