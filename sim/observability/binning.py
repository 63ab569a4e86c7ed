"""A headset with b × b pixels of each camera read as one: the same light in fewer numbers, for quicker bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headsets.headset import Camera, Headset
from headsets.lenses.lens import Lens


@dataclass(frozen=True)
class BinnedLens:
    """A lens before coarser pixels; fits `headsets.lenses.lens.Lens`."""

    lens: Lens
    factor: int

    @property
    def width_px(self) -> int:
        return self.lens.width_px // self.factor

    @property
    def height_px(self) -> int:
        return self.lens.height_px // self.factor

    @property
    def max_angle_rad(self) -> float:
        return self.lens.max_angle_rad

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """See `Lens.project`."""
        pixels, valid = self.lens.project(points)
        return (pixels + 0.5) / self.factor - 0.5, valid

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """See `Lens.unproject`."""
        return self.lens.unproject((np.asarray(pixels, float) + 0.5) * self.factor - 0.5)

    def mirrored(self) -> BinnedLens:
        """See `Lens.mirrored`."""
        return BinnedLens(self.lens.mirrored(), self.factor)


def binned(headset: Headset, factor: int) -> Headset:
    """The headset with coarser cameras; noise is that of the sum of their pixels."""
    if factor == 1:
        return headset
    return replace(headset, cameras={name: _binned(camera, factor) for name, camera in headset.cameras.items()})


def _binned(camera: Camera, b: int) -> Camera:
    sensor = replace(
        camera.sensor,
        pixel_um=camera.sensor.pixel_um * b,
        full_well_e=camera.sensor.full_well_e * b**2,
        read_noise_e=camera.sensor.read_noise_e * b,
        dark_e_per_s=camera.sensor.dark_e_per_s * b**2,
        dsnu_e=camera.sensor.dsnu_e * b,
        prnu=camera.sensor.prnu / b,
        gain_dn_per_e=None if camera.sensor.gain_dn_per_e is None else camera.sensor.gain_dn_per_e / b**2,
    )
    optics = replace(camera.optics, psf_sigma_px=camera.optics.psf_sigma_px / b)
    return replace(camera, lens=BinnedLens(camera.lens, b), sensor=sensor, optics=optics)
