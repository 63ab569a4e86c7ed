"""Means and noise of all pixels of a headset, in electrons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Camera, Headset
from sim.metrics.pixel_area import lens_rays
from sim.observability.information import NoiseModel
from sim.observability.priors import Priors
from sim.render.frame import CameraFrame
from sim.render.renderer import Renderer
from sim.render.settings import FULL
from sim.sensor.auto_exposure import Exposure
from sim.sensor.recorder import Expectation, Recorder
from sim.sensor.settings import ImageSettings

OBSERVED = replace(FULL, sparse=False, skin_maps=False, shadow_resolution=384)
"""Every pixel is lit by itself: averages would not follow small changes. Pores and spots are left to the model error,
for an encoder does not know where a new face has them: their motion must not inform."""
LEARNT = ("triangle", "barycentric", "depth", "normal")
"""Buffers of the base image that the bound needs."""


@dataclass(frozen=True, eq=False)
class Instant:
    """A posed head, how the headset sits on it, and how the LEDs shine (None: as the headset file says)."""

    mesh: HeadMesh
    T_device_head: RigidTransform
    headset: Headset | None = None


class Pixels:
    """Expected images of one headset, at exposures that were settled on one instant. Nothing clips in them.

    Args:
        renderer: with settings that do not average over pixels; see `OBSERVED`.
        headset: its cameras.
        instant: on which automatic exposures settle.

    Attributes:
        headset: as given.
        base: name -> expectation at that instant, with the buffers `LEARNT`.
    """

    def __init__(self, renderer: Renderer, headset: Headset, instant: Instant) -> None:
        self.headset = headset
        self._recorder = Recorder(renderer, headset, ImageSettings(fixed_pattern=False, noise=False))
        self.base: Mapping[str, Expectation] = self._recorder.expect(
            instant.mesh, instant.T_device_head, buffers=LEARNT, headset=instant.headset, settle=True
        )

    def electrons(self, instant: Instant, cameras: Iterable[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """Name -> (H, W) mean photoelectrons; how little those that clip tell, `NoiseModel.weights` says."""
        seen = self._recorder.expect(instant.mesh, instant.T_device_head, cameras=cameras, headset=instant.headset)
        return {name: one.electrons for name, one in seen.items()}


def clip_levels(camera: Camera, exposure: Exposure) -> tuple[float, float]:
    """Photoelectrons at which the digital number is 0, and at which it is white or the well is full."""
    sensor = camera.sensor
    gain = sensor.gain * exposure.gain
    dark = sensor.dark_e_per_s * exposure.exposure_us * 1e-6
    white = min((sensor.white_dn - sensor.black_dn) / gain, sensor.full_well_e)
    return -sensor.black_dn / gain - dark, white - dark


def noise_model(camera: Camera, seen: Expectation, priors: Priors, binning: int = 1) -> NoiseModel:
    """Variance and limits of a camera's pixels.

    Args:
        camera: its sensor counts; binned already.
        seen: its exposure; with the buffers depth and normal.
        priors: of the model error.
        binning: each of so many by so many pixels, which are read as one, was rounded by itself.
    """
    sensor = camera.sensor
    gain = sensor.gain * seen.exposure.gain
    dark = sensor.dark_e_per_s * seen.exposure.exposure_us * 1e-6
    constant = dark + sensor.read_noise_e**2 + sensor.dsnu_e**2 + 1.0 / (12.0 * (gain * binning) ** 2)
    patch = 2.0 * np.pi * (priors.model_error_mm * 1e-3) ** 2
    error = priors.model_error**2 * np.maximum(1.0, patch / footprints(camera, seen.frame))
    return NoiseModel(constant, sensor.prnu**2, error, *clip_levels(camera, seen.exposure))


def footprints(camera: Camera, frame: CameraFrame) -> NDArray[np.float64]:
    """(H, W) area of surface that a pixel sees, m²: range² · solid angle / cosine; infinite where it sees nothing."""
    assert frame.depth is not None
    assert frame.normal is not None
    rays, angles = lens_rays(camera.lens)
    cosine = np.abs((frame.normal * rays).sum(-1))
    with np.errstate(all="ignore"):
        area = (frame.depth / rays[..., 2]) ** 2 * angles / np.maximum(cosine, 0.05)
    return np.where(np.isfinite(area), area, np.inf)
