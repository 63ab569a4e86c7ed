"""The light before one camera, as electrons.

    electrons on the axis = A · π τ / (1 + 4 N²) · (Σ_led R_led L_led min(pulse, t) + R_band L_ambient t)

with the pixel's area A, the responses R of `sim.sensor.response`, and radiances L.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.sensor.exposure import irradiance_per_radiance
from sim.sensor.lights import LightGroup
from sim.sensor.response import band_response


@dataclass(frozen=True, eq=False)
class Scene:
    """The light before one camera."""

    camera: Camera
    lights: Sequence[tuple[LightGroup, NDArray[np.float32]]]
    ambient: NDArray[np.float32] | None
    wavelength_nm: float

    def electrons(self, exposure_us: float) -> NDArray[np.float32]:
        """(H, W) on the axis, before blur."""
        camera = self.camera
        gather = irradiance_per_radiance(camera.optics) * (camera.sensor.pixel_um * 1e-6) ** 2 * 1e-6
        total = np.zeros((camera.height_px, camera.width_px), np.float32)
        for group, radiance in self.lights:
            total += np.float32(gather * group.response * min(group.pulse_us, exposure_us)) * radiance
        if self.ambient is not None:
            response = band_response(camera.sensor, camera.optics, self.wavelength_nm)
            total += np.float32(gather * response * exposure_us) * self.ambient
        return total
