"""The light before one camera, as electrons.

    electrons on the axis = A · π τ / (1 + 4 N²) · (Σ_led R_led L_led min(pulse, t) + R_band L_ambient t)

with the pixel's area A, the responses R of `sim.sensor.response`, and radiances L.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.sensor.exposure import irradiance_per_radiance
from sim.sensor.lights import LightGroup
from sim.sensor.response import band_response


@dataclass(frozen=True, eq=False)
class Scene:
    """The light before one camera; its radiances are arrays (H, W), all of NumPy or, for `terms` alone, of Warp."""

    camera: Camera
    lights: Sequence[tuple[LightGroup, Any]]
    ambient: Any | None
    wavelength_nm: float

    def electrons(self, exposure_us: float) -> NDArray[np.float32]:
        """(H, W) on the axis, before blur."""
        total = np.zeros((self.camera.height_px, self.camera.width_px), np.float32)
        for factor, radiance in self.terms(exposure_us):
            total += factor * radiance
        return total

    def terms(self, exposure_us: float) -> Iterator[tuple[np.float32, Any]]:
        """What the electrons are the sum of: electrons per radiance, and the radiance."""
        camera = self.camera
        gather = irradiance_per_radiance(camera.optics) * (camera.sensor.pixel_um * 1e-6) ** 2 * 1e-6
        for group, radiance in self.lights:
            yield np.float32(gather * group.response * min(group.pulse_us, exposure_us)), radiance
        if self.ambient is not None:
            response = band_response(camera.sensor, camera.optics, self.wavelength_nm)
            yield np.float32(gather * response * exposure_us), self.ambient
