"""Small inputs of encoder tests: cameras, and frames whose pixels tell the label."""

from __future__ import annotations

from typing import Any

import numpy as np

from encoders.frames import Frames
from encoders.inputs import CameraInput
from faces.arkit import ARKIT_NAMES
from sim.seeding import generator

CAMERAS = (
    CameraInput("eye_left", 40, 40, ("eye_left",)),
    CameraInput("eye_right", 40, 40, ("eye_right",), "eye_left"),
    CameraInput("mouth", 40, 60, ("mouth",), symmetric=True),
)
NAMES = ARKIT_NAMES
HEADSET = """\
hmcsim: 1
name: mine
note: a test
lenses:
  one: {model: pinhole, width_px: 48, height_px: 48, fx_px: 40, cx_px: 23.5, cy_px: 23.5, f_number: 2, focus_mm: 40,
        transmission: 1}
sensors:
  chip: {pixel_um: 3, quantum_efficiency: {850: 0.2}, full_well_e: 6000, read_noise_e: 4, dark_e_per_s: 20, bits: 10,
         exposure_us: 500, frame_rate_hz: 30}
emitters: {chip_850: {wavelength_nm: 850, fwhm_nm: 30, radiant_intensity_mw_sr: 8, half_angle_deg: 65, source_mm: 0.3,
                      pulse_us: 500, rate_hz: 30}}
cameras:
  eye_left: {lens: one, sensor: chip, position_mm: [62, -30, 28], look_at_mm: [35, 6, 12], sees: [eye_left],
             mirror: eye_right}
  mouth: {lens: one, sensor: chip, position_mm: [0, -60, 100], look_at_mm: [0, -70, 20], sees: [mouth]}
leds: {front: {emitter: chip_850, position_mm: [0, -30, 90], look_at_mm: [0, -40, 0]}}
fit: {eye_relief_mm: 18, ipd_mm: [58, 72],
      donning: {lateral_mm: 1, up_mm: 1, depth_mm: 1, pitch_deg: 1, yaw_deg: 1, roll_deg: 1}}
"""
"""A small headset's file: three cameras of 48 x 48 pixels, one LED."""


def drawn_frames(count: int, size: int, seed: int = 0) -> Frames:
    """Frames of noise patterns, one a frame, with random labels: to be learnt by heart."""
    rng = generator(seed, "encoder test")
    images = {c.name: rng.integers(0, 256, (count, size, size), dtype=np.uint8) for c in CAMERAS}
    weights = np.where(rng.random((count, len(NAMES))) < 0.2, rng.random((count, len(NAMES))), 0).astype(np.float32)
    return Frames(images, weights, rng.uniform(-0.3, 0.3, (count, 2, 2)).astype(np.float32))


def label(shape: dict[str, Any], identity: int = 0, **changes: Any) -> dict[str, Any]:
    """What `encoders.frames.about` gives of a frame that stands by itself."""
    plain = {
        "key": "0", "identity": identity, "capture": 0, "shape": shape, "expression": "neutral", "task": "frames",
        "kind": "frames", "task_frame": 0, "time_s": 0.0, "wearing": 0, "groups": {"sex": "female"},
    }  # fmt: skip
    return plain | changes
