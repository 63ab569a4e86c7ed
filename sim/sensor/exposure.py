"""Light at the sensor: what a lens passes on, and how many electrons that makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, h

from headsets.headset import Optics, Sensor
from headsets.lenses.lens import Lens


def relative_illumination(lens: Lens) -> NDArray[np.float64]:
    """(H, W) irradiance of a uniform scene relative to that on the axis; 0 where the lens has no ray, or beyond 90°.

    The solid angle that a pixel sees, times the cosine under which the pupil appears: cos θ · (sin θ dθ) / (r dr) over
    its limit on the axis. That is cos⁴ θ for a pinhole and cos θ sin θ / θ for an equidistant fisheye. Vignetting by
    the mount and growth of the entrance pupil are not in it.
    """
    x, y = np.meshgrid(np.arange(lens.width_px, dtype=float), np.arange(lens.height_px, dtype=float))
    weight = _solid_angles(lens, np.stack([x, y], -1))
    axis, _ = lens.project(np.array([0.0, 0.0, 1.0]))
    return np.asarray(np.nan_to_num(weight / _solid_angles(lens, axis), nan=0.0))


def _solid_angles(lens: Lens, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solid angle of each pixel (*batch, 2), sr, times cos θ, not below 0."""
    along, across = np.array([0.5, 0.0]), np.array([0.0, 0.5])
    right = lens.unproject(pixels + along) - lens.unproject(pixels - along)
    down = lens.unproject(pixels + across) - lens.unproject(pixels - across)
    cosine = lens.unproject(pixels)[..., 2]
    return np.asarray(np.linalg.norm(np.cross(right, down), axis=-1) * np.maximum(cosine, 0.0))


def photons_per_joule(wavelength_nm: float) -> float:
    """λ / (h c)."""
    return wavelength_nm * 1e-9 / (h * c)


def quantum_efficiency(sensor: Sensor, wavelength_nm: float) -> float:
    """Electrons per photon, linear between the wavelengths that the file states and constant beyond them."""
    known = sorted(sensor.quantum_efficiency)
    return float(np.interp(wavelength_nm, known, [sensor.quantum_efficiency[w] for w in known]))


def mean_electrons(
    radiance: NDArray[np.floating],
    illumination: NDArray[np.floating],
    optics: Optics,
    sensor: Sensor,
    wavelength_nm: float,
    exposure_s: float | None = None,
) -> NDArray[np.float64]:
    """Expected photoelectrons of each pixel, before the full well.

    E = π L / (1 + 4 N²) · transmission · relative illumination, of a lens focused far beyond its focal length; a band
    pass that does not hold the wavelength lets nothing through. Then E · area · time · λ/(h c) · quantum efficiency.

    Args:
        radiance: (H, W) W/m²/sr while the LEDs shine.
        illumination: (H, W), see `relative_illumination`.
        optics, sensor: of the camera.
        wavelength_nm: of the light.
        exposure_s: the time in which the light falls in; None: the sensor's exposure.
    """
    band = optics.band_pass_nm
    passes = band is None or band[0] <= wavelength_nm <= band[1]
    irradiance = np.pi * radiance / (1 + 4 * optics.f_number**2) * optics.transmission * passes * illumination
    time = sensor.exposure_us * 1e-6 if exposure_s is None else exposure_s
    joules = irradiance * (sensor.pixel_um * 1e-6) ** 2 * time
    return np.asarray(joules * photons_per_joule(wavelength_nm) * quantum_efficiency(sensor, wavelength_nm))
