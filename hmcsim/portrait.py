"""Faces seen from outside, as a portrait studio would: for contact sheets and maps on the face."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets import Camera, DonningDistribution, Headset, Led, Optics, Sensor
from headsets.keep_out import KeepOut
from headsets.leds.lambertian import Lambertian
from headsets.lenses.pinhole import Pinhole
from headsets.poses import look_at
from sim.render import RenderSettings

DISTANCE = 0.75
"""From the face, m: far enough for the perspective of a portrait."""
AIM = np.array([0.0, -0.030, -0.045])
"""Inside the head, behind nose and mouth, so that turned views stay centred; head frame."""
FRAME_HEIGHT = 0.255
"""What the picture's height covers at the face, m."""
LIGHTS = {"key": ((0.35, 0.30, 0.60), 0.62), "fill": ((-0.45, 0.05, 0.55), 0.30), "rim": ((0.0, 0.7, 0.15), 0.20)}
"""Position (m, head frame) and radiant intensity (W/sr)."""


STUDIO_SETTINGS = RenderSettings(shadow_resolution=2048, shadow_bias_m=0.8e-3)
"""Lights stand ten times farther off than a headset's, so their shadow maps must be finer to resolve a face."""


@cache
def portrait_studio(width_px: int, height_px: int, azimuths_deg: tuple[float, ...] = (0.0,)) -> Headset:
    """A "headset" whose cameras, named by their azimuth (`az0`, `az-35`), look at the face from `DISTANCE`.

    Args:
        azimuths_deg: where the cameras stand; positive on the wearer's left.
    """
    return Headset(
        name="portrait_studio",
        note="Cameras and lights around a bare face.",
        cameras={f"az{a:g}": _camera(f"az{a:g}", np.deg2rad(a), width_px, height_px) for a in azimuths_deg},
        leds={name: _light(name, np.array(position), power) for name, (position, power) in LIGHTS.items()},
        shell=None,
        donning=DonningDistribution(),
        keep_out=KeepOut(),
        eye_relief_mm=18.0,
        ipd_mm=(55.0, 75.0),
        source=None,
    )


def shade_map(
    values: NDArray[np.float64], colours: NDArray[np.float64], shading: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Colour a map by a table and shade it: values (H, W) in [0, 1] or NaN (grey), table (N, 3) and shading (H, W) in
    [0, 1] -> (H, W, 3)."""
    index = np.clip(np.nan_to_num(values) * (len(colours) - 1), 0, len(colours) - 1)
    low = np.floor(index).astype(int)
    part = (index - low)[..., None]
    colour = colours[low] * (1 - part) + colours[np.minimum(low + 1, len(colours) - 1)] * part
    colour = np.where(np.isnan(values)[..., None], 0.80, colour)
    return np.rint(255 * np.clip(colour * shading[..., None], 0, 1)).astype(np.uint8)


def _camera(name: str, azimuth: float, width: int, height: int) -> Camera:
    focal = height * DISTANCE / FRAME_HEIGHT
    lens = Pinhole(width, height, focal, focal, 0.5 * (width - 1), 0.5 * (height - 1))
    position = AIM + DISTANCE * np.array([np.sin(azimuth), 0.0, np.cos(azimuth)])
    return Camera(name, lens, _OPTICS, _SENSOR, look_at(position, AIM), sees=())


def _light(name: str, position: NDArray[np.float64], power: float) -> Led:
    pose: RigidTransform = look_at(position, AIM)
    return Led(name, pose, power, Lambertian(1.0), 850.0, 30.0, 1e-3, 1e3, 30.0)


_OPTICS = Optics(f_number=8.0, focus_mm=1e3 * DISTANCE, transmission=1.0, band_pass_nm=None)
_QUANTUM_EFFICIENCY: Mapping[float, float] = {850.0: 0.25}
_SENSOR = Sensor(3.0, _QUANTUM_EFFICIENCY, 6000.0, 4.0, 20.0, 10, 500.0)
