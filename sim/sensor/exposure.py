"""Light at the sensor: what a lens passes on, and how many electrons that makes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Optics, Sensor
from headsets.lenses.lens import Lens
from headsets.lenses.tables import pixel_centres, ray_table, solid_angles_at
from sim.sensor.response import led_response, photons_per_joule, quantum_efficiency

__all__ = [
    "focal_length_px",
    "housing_vignetting",
    "irradiance_per_radiance",
    "mean_electrons",
    "photons_per_joule",
    "quantum_efficiency",
    "relative_illumination",
]


def relative_illumination(lens: Lens) -> NDArray[np.float64]:
    """(H, W) irradiance of a uniform scene relative to that on the axis; 0 where the lens has no ray, or beyond 90°.

    The solid angle that a pixel sees, times the cosine under which the pupil appears: cos θ · (sin θ dθ) / (r dr) over
    its limit on the axis. That is cos⁴ θ for a pinhole and cos θ sin θ / θ for an equidistant fisheye. Vignetting by
    the housing is `housing_vignetting`; growth of the entrance pupil with the angle is not modelled.
    """
    return _illumination(cast(Any, lens))


@lru_cache(maxsize=32)
def _illumination(lens: Lens) -> NDArray[np.float64]:
    weight = _facing(lens, pixel_centres(lens))
    axis, _ = lens.project(np.array([0.0, 0.0, 1.0]))
    out = np.nan_to_num(weight / _facing(lens, axis), nan=0.0)
    out.flags.writeable = False  # shared by the calls for this lens
    return np.asarray(out)


def housing_vignetting(lens: Lens, optics: Optics, sensor: Sensor) -> NDArray[np.float64]:
    """(H, W) share of the entrance pupil that the housing's opening leaves free, for light from afar.

    Seen along a ray at θ the opening, a circle, is shifted by distance · tan θ against the pupil, a circle of radius
    f / (2 N): their overlap, over the pupil's area. 1 without an opening; 0 beyond 90° behind one.
    """
    opening = optics.vignetting
    if opening is None:
        return np.ones((lens.height_px, lens.width_px))
    ray = np.nan_to_num(ray_table(lens), nan=0.0)
    ahead = ray[..., 2] > 1e-6
    tangent = np.hypot(ray[..., 0], ray[..., 1]) / np.where(ahead, ray[..., 2], 1.0)
    pupil_mm = focal_length_px(lens) * sensor.pixel_um * 1e-3 / (2 * optics.f_number)
    free = _overlap(pupil_mm, opening.radius_mm, opening.distance_mm * tangent) / (np.pi * pupil_mm**2)
    return np.asarray(np.where(ahead, np.minimum(free, 1.0), 0.0))


def focal_length_px(lens: Lens) -> float:
    """The focal length on the axis, dr/dθ at 0, px; mean of both image axes."""
    ends, _ = lens.project(np.array([[1e-4, 0, 1], [-1e-4, 0, 1], [0, 1e-4, 1], [0, -1e-4, 1]]))
    return float(0.5 * (np.linalg.norm(ends[0] - ends[1]) + np.linalg.norm(ends[2] - ends[3])) / 2e-4)


def irradiance_per_radiance(optics: Optics) -> float:
    """Irradiance on the axis over the radiance of what is seen, sr: π / (1 + 4 N²) · transmission.

    For a lens focused far beyond its focal length.
    """
    return float(np.pi / (1 + 4 * optics.f_number**2) * optics.transmission)


def mean_electrons(
    radiance: NDArray[np.floating],
    illumination: NDArray[np.floating],
    optics: Optics,
    sensor: Sensor,
    wavelength_nm: float,
    exposure_s: float | None = None,
    fwhm_nm: float = 0.0,
) -> NDArray[np.float64]:
    """Expected photoelectrons of each pixel, before the full well: irradiance · area · time · response.

    Args:
        radiance: (H, W) W/m²/sr while the light lasts.
        illumination: (H, W), see `relative_illumination`.
        optics, sensor: of the camera.
        wavelength_nm, fwhm_nm: of the light; see `sim.sensor.response.led_response`.
        exposure_s: the time in which the light falls in; None: the sensor's exposure.
    """
    irradiance = irradiance_per_radiance(optics) * np.asarray(radiance, np.float64) * illumination
    time = sensor.exposure_us * 1e-6 if exposure_s is None else exposure_s
    joules = irradiance * (sensor.pixel_um * 1e-6) ** 2 * time
    return np.asarray(joules * led_response(sensor, optics, wavelength_nm, fwhm_nm))


def _facing(lens: Lens, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solid angle of each pixel (*batch, 2), sr, times cos θ, not below 0."""
    return solid_angles_at(lens, pixels) * np.maximum(lens.unproject(pixels)[..., 2], 0.0)


def _overlap(a: float, b: float, shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area common to circles of radii a and b whose centres lie `shift` apart."""
    d = np.clip(shift, abs(a - b) + 1e-12, a + b)  # beyond: one lies in the other, or they are apart
    inner = np.arccos(np.clip((d**2 + a**2 - b**2) / (2 * d * a), -1, 1))
    outer = np.arccos(np.clip((d**2 + b**2 - a**2) / (2 * d * b), -1, 1))
    kite = (a + b - d) * (d + a - b) * (d - a + b) * (d + a + b)
    return np.asarray(a**2 * inner + b**2 * outer - 0.5 * np.sqrt(np.maximum(kite, 0.0)))
