"""A headset as rows of text, for tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headsets.cover_glass import CoverGlass
from headsets.headset import Camera, Headset, Led
from headsets.leds.profile import half_angle

COLUMNS = ("part", "name", "position_mm", "direction", "what", "sees", "mirror_of")


def describe(headset: Headset) -> list[dict[str, str]]:
    """One row a camera and an LED, keys `COLUMNS`: position in mm, unit direction, optics in short."""
    rows = [_camera(c) for c in headset.cameras.values()] + [_led(led) for led in headset.leds.values()]
    return rows + [_glass(glass) for glass in headset.cover_glasses.values()]


def field_of_view(camera: Camera) -> tuple[float, float]:
    """Full angle in rad across the image's middle row and middle column, edge to edge; NaN where the lens ends."""
    lens = camera.lens
    x, y = 0.5 * (lens.width_px - 1), 0.5 * (lens.height_px - 1)
    ends = [[(-0.5, y), (lens.width_px - 0.5, y)], [(x, -0.5), (x, lens.height_px - 0.5)]]
    rays = lens.unproject(ends)
    # Each end's angle from the axis; their sum is the full angle also beyond 180 degrees.
    angles = np.arctan2(np.linalg.norm(rays[..., :2], axis=-1), rays[..., 2]).sum(-1)
    return float(angles[0]), float(angles[1])


def _camera(camera: Camera) -> dict[str, str]:
    wide, high = np.rad2deg(field_of_view(camera))
    return {
        "part": "camera",
        "name": camera.name,
        "position_mm": _vector(camera.position * 1e3, 1),
        "direction": _vector(camera.optical_axis, 2),
        "what": f"{camera.width_px} x {camera.height_px} px, {wide:.0f} x {high:.0f} deg, f/{camera.optics.f_number:g}",
        "sees": ", ".join(camera.sees),
        "mirror_of": camera.mirror_of or "",
    }


def _led(led: Led) -> dict[str, str]:
    half = np.rad2deg(half_angle(led.profile))
    return {
        "part": "LED",
        "name": led.name,
        "position_mm": _vector(led.position * 1e3, 1),
        "direction": _vector(led.axis, 2),
        "what": f"{led.wavelength_nm:g} nm, {led.radiant_intensity_w_sr * 1e3:g} mW/sr, ±{half:.0f} deg",
        "sees": "",
        "mirror_of": led.mirror_of or "",
    }


def _glass(glass: CoverGlass) -> dict[str, str]:
    size = f"radius {1e3 * (glass.radius_m or 0.0):g}"
    if glass.half_m is not None:
        size = " x ".join(f"{2e3 * half:g}" for half in glass.half_m)
    return {
        "part": "cover glass",
        "name": glass.name,
        "position_mm": _vector(glass.T_device_glass.translation * 1e3, 1),
        "direction": _vector(glass.T_device_glass.rotation.as_matrix()[:, 2], 2),
        "what": f"{size} mm, {1e3 * glass.thickness_m:g} mm thick, index {glass.index:g}",
        "sees": "",
        "mirror_of": glass.mirror_of or "",
    }


def _vector(values: NDArray[np.float64], digits: int) -> str:
    return ", ".join(f"{v + 0.0:.{digits}f}" for v in np.round(values, digits))
