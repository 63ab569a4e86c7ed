"""A layout's poses as rows, for CAD and spreadsheets: mm, device frame."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from headsets.headset import Camera, Headset, Led

COLUMNS = (
    "part", "name", "mirror_of", "x_mm", "y_mm", "z_mm", "axis_x", "axis_y", "axis_z", "qw", "qx", "qy", "qz",
    "what",
)  # fmt: skip
DIGITS = 6


def write_poses(headset: Headset, path: Path) -> None:
    """One row a camera and LED: position, unit axis, unit quaternion (wxyz) of the rotation from part to device."""
    rows = [_row("camera", c, f"{c.width_px} x {c.height_px} px") for c in headset.cameras.values()]
    rows += [
        _row("LED", led, f"{led.wavelength_nm:g} nm, {led.radiant_intensity_w_sr * 1e3:.4g} mW/sr")
        for led in headset.leds.values()
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _row(kind: str, part: Camera | Led, what: str) -> list[str]:
    pose = part.T_device_camera if isinstance(part, Camera) else part.T_device_led
    rotation = pose.rotation
    quaternion = rotation.as_quat(canonical=True, scalar_first=True)
    numbers = np.concatenate([pose.translation * 1e3, rotation.as_matrix()[:, 2], quaternion])
    return [kind, part.name, part.mirror_of or "", *(f"{v + 0.0:.{DIGITS}g}" for v in np.round(numbers, 9)), what]
