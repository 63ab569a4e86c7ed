"""How many electrons light makes, over its spectrum: quantum efficiency, photon energy and band-pass filter.

    response = ∫ S(λ) B(λ) QE(λ) λ / (h c) dλ        electrons per joule on the pixel

S is the light's spectrum, of area 1: a Gaussian for an LED, even over the pass band for ambient light. B is 1 between
the filter's edges and 0 beyond.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, h

from headsets.headset import Optics, Sensor

FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
"""Full width at half maximum of a Gaussian of σ = 1."""
_REACH = 6.0  # σ


def photons_per_joule(wavelength_nm: float) -> float:
    """λ / (h c)."""
    return wavelength_nm * 1e-9 / (h * c)


def quantum_efficiency(sensor: Sensor, wavelength_nm: float) -> float:
    """Electrons per photon, linear between the wavelengths that the file states and constant beyond them."""
    return float(_efficiency(_knots(sensor), np.asarray(wavelength_nm)))


def led_response(sensor: Sensor, optics: Optics, wavelength_nm: float, fwhm_nm: float = 0.0) -> float:
    """Electrons per joule of an LED's light that reaches the filter; `fwhm_nm` 0: one wavelength."""
    return _led_response(_knots(sensor), optics.band_pass_nm, wavelength_nm, fwhm_nm)


def band_response(sensor: Sensor, optics: Optics, wavelength_nm: float) -> float:
    """Electrons per joule of light spread evenly over the pass band; without a filter, of one wavelength."""
    if optics.band_pass_nm is None or optics.band_pass_nm[0] == optics.band_pass_nm[1]:
        return led_response(sensor, optics, wavelength_nm)
    return _band_response(_knots(sensor), optics.band_pass_nm)


Knots = tuple[tuple[float, float], ...]
"""Wavelengths and quantum efficiencies."""


@lru_cache(maxsize=4096)
def _led_response(knots: Knots, band: tuple[float, float] | None, wavelength_nm: float, fwhm_nm: float) -> float:
    sigma = fwhm_nm / FWHM
    low, high = wavelength_nm - _REACH * sigma, wavelength_nm + _REACH * sigma
    if band is not None:
        low, high = max(low, band[0]), min(high, band[1])
    if fwhm_nm == 0.0:
        return photons_per_joule(wavelength_nm) * float(_efficiency(knots, np.asarray(wavelength_nm))) * (low <= high)
    nodes, weights = _quadrature(knots, low, high, sigma)
    spectrum = np.exp(-0.5 * ((nodes - wavelength_nm) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    return float((weights * spectrum * nodes * _efficiency(knots, nodes)).sum() * photons_per_joule(1.0))


@lru_cache(maxsize=256)
def _band_response(knots: Knots, band: tuple[float, float]) -> float:
    low, high = band
    nodes, weights = _quadrature(knots, low, high, high - low)
    return float((weights * nodes * _efficiency(knots, nodes)).sum() / (high - low) * photons_per_joule(1.0))


def _knots(sensor: Sensor) -> Knots:
    return tuple(sorted(sensor.quantum_efficiency.items()))


def _efficiency(knots: Knots, wavelength_nm: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.interp(wavelength_nm, [w for w, _ in knots], [q for _, q in knots]))


def _quadrature(knots: Knots, low: float, high: float, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre over panels no wider than `step`, cut where the quantum efficiency has its knots."""
    if high <= low:
        return np.zeros(0), np.zeros(0)
    inner = [w for w, _ in knots if low < w < high]
    edges = np.unique([*np.linspace(low, high, int(np.ceil((high - low) / step)) + 1), *inner])
    x, w = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (x + 1)).ravel(), (half * w).ravel()
