"""A small headset with a camera of every lens model, inside a shell, and data sets of it."""

from __future__ import annotations

from pathlib import Path

from headsets.headset import Headset
from headsets.load import load_headset

TEXT = """\
hmcsim: 1
name: small
note: A test's headset; one camera of every lens model.
lenses:
  pinhole: {model: pinhole, width_px: 96, height_px: 80, fx_px: 60, cx_px: 46, cy_px: 41, f_number: 2.4, focus_mm: 40,
            transmission: 0.85}
  brown: {model: brown_conrady, width_px: 96, height_px: 80, fx_px: 52, fy_px: 50, cx_px: 48, cy_px: 38,
          k: [-0.2, 0.03, 0.001, 0.0, 0.0, 0.0], p: [0.004, -0.003], f_number: 2.4, focus_mm: 40, transmission: 0.85}
  fisheye: {model: kannala_brandt4, width_px: 96, height_px: 96, fx_px: 42, cx_px: 47.5, cy_px: 47.5,
            k: [0.02, -0.004, 0.0, 0.0], f_number: 2.4, focus_mm: 40, transmission: 0.85}
  sphere: {model: double_sphere, width_px: 96, height_px: 80, fx_px: 30, cx_px: 47.5, cy_px: 39.5, xi: -0.2, alpha: 0.6,
           f_number: 2.4, focus_mm: 40, transmission: 0.85}
sensors:
  chip: {pixel_um: 3.0, quantum_efficiency: {850: 0.25}, full_well_e: 6000, read_noise_e: 4, dark_e_per_s: 20, bits: 10,
         exposure_us: 500, frame_rate_hz: 30, auto_exposure: {target: 0.18, min_us: 20, max_us: 500, max_gain: 8}}
emitters:
  chip: {wavelength_nm: 850, fwhm_nm: 30, radiant_intensity_mw_sr: 8, half_angle_deg: 65, source_mm: 0.3, pulse_us: 500,
         rate_hz: 30}
cameras:
  front: {lens: pinhole, sensor: chip, position_mm: [4, -95, 80], look_at_mm: [0, -60, 10], sees: [mouth]}
  mouth: {lens: brown, sensor: chip, position_mm: [29, -42, 46], look_at_mm: [3, -72, 20], sees: [mouth]}
  eye: {lens: fisheye, sensor: chip, position_mm: [62.6, -28.2, 25.7], look_at_mm: [38.1, 10.5, 11.7], sees: [eye_left],
        tolerance: {position_mm: 0.3, rotation_deg: 1.0}}
  brow: {lens: sphere, sensor: chip, position_mm: [0, 42.5, 40.1], look_at_mm: [0, 9.5, 24.7], sees: [glabella]}
leds:
  low: {emitter: chip, position_mm: [38, -39, 47], look_at_mm: [6, -70, 30]}
  side: {emitter: chip, position_mm: [55, 27, 31], look_at_mm: [33, 4, 13]}
  high: {emitter: chip, position_mm: [6, 24, 50], look_at_mm: [1, 20, 28]}
shell: {mesh: shells/visor.stl, reflectance: 0.1}
fit: {eye_relief_mm: 18, ipd_mm: [58, 72],
      donning: {lateral_mm: 1.5, up_mm: 3, depth_mm: 2, pitch_deg: 3, yaw_deg: 1.5, roll_deg: 1.5}}
keep_out:
  lens_barrels: {radius_mm: 28, from_eye_mm: 18, length_mm: 25}
"""
CONFIG = """\
render: fast
outputs: {regions: true, depth: true, normals: true, mesh: true}
wearers: {frames_each: 2, wearings_each: 1, looks: {glasses: {share: 0}}}
hardware: {lens_sets: 1}
light: {ambient: {share: 0.0}}
"""
FRAMES = 16


def small_headset(folder: Path) -> Headset:
    """The headset, read from a file in a folder."""
    path = folder / "small.yaml"
    path.write_text(TEXT)
    return load_headset(path)
