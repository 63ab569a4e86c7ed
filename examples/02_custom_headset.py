"""Describe a headset of your own in a file, check it, and see what its cameras see.

python examples/02_custom_headset.py
"""

from __future__ import annotations

from pathlib import Path

from faces import load_head_model
from headsets import describe, load_headset
from hmcsim.exposure import headset_white, write_pictures
from sim.render import Renderer

HEADSET = """\
hmcsim: 1
name: two_below
note: Two cameras under the display look up at eyes and mouth; an example.
lenses:
  wide: {model: kannala_brandt4, width_px: 400, height_px: 400, fx_px: 190, cx_px: 199.5, cy_px: 199.5,
         k: [0.02, -0.004, 0, 0], f_number: 2.4, focus_mm: 45, transmission: 0.85, band_pass_nm: [835, 865]}
sensors:
  vga_nir: {pixel_um: 3.0, quantum_efficiency: {850: 0.25, 940: 0.12}, full_well_e: 6000, read_noise_e: 4,
            dark_e_per_s: 20, bits: 10, exposure_us: 500, frame_rate_hz: 72}
emitters:
  chip: {wavelength_nm: 850, fwhm_nm: 30, radiant_intensity_mw_sr: 8, half_angle_deg: 65, source_mm: 0.3,
         pulse_us: 500, rate_hz: 72}
cameras:
  mouth_left: {lens: wide, sensor: vga_nir, position_mm: [34, -46, 52], look_at_mm: [6, -74, 12], sees: [mouth],
               mirror: mouth_right}
leds:
  below_left: {emitter: chip, position_mm: [28, -46, 52], look_at_mm: [6, -72, 12], mirror: below_right}
fit: {eye_relief_mm: 18, ipd_mm: [58, 72],
      donning: {lateral_mm: 1.5, up_mm: 3, depth_mm: 2, pitch_deg: 3, yaw_deg: 1.5, roll_deg: 1.5}}
"""


def main(out: Path = Path("outputs/examples/custom")) -> None:
    """Write the file, read it back, print what it describes, and render it on the mean wearer."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / "two_below.yaml"
    file.write_text(HEADSET)

    headset = load_headset(file)  # raises HeadsetError: one line with the rule, the value and the place
    for row in describe(headset):
        print(f"{row['part']:7} {row['name']:12} at {row['position_mm']} mm: {row['what']}")

    head = load_head_model()
    renderer = Renderer()
    frame = renderer.render(headset, head.mesh(head.neutral_identity(), head.peaks["smile"]))
    write_pictures(out, frame, headset_white(renderer, headset, head))
    print(f"pictures in {out}")


if __name__ == "__main__":
    main()
