"""What cameras record, as files: 8-bit pictures of the digital numbers, and a record of how they were taken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from headsets import Headset, Sensor
from sim.sensor import Capture
from sim.sensor.eight_bits import eight_bits


def write_recorded(folder: Path, captures: Mapping[str, Capture], headset: Headset) -> None:
    """One `{camera}.png` a camera; its text chunks say how it was taken."""
    for name, capture in captures.items():
        note = PngInfo()
        note.add_text("Software", "hmcsim")
        for key, value in exposure_record(capture, headset.cameras[name].sensor).items():
            note.add_text(key, repr(value))
        note.add_text("transfer", "upper 8 bits of the digital numbers, linear")
        picture = eight_bits(capture.dn, headset.cameras[name].sensor.bits)
        Image.fromarray(picture).save(folder / f"{name}.png", pnginfo=note)


def exposure_record(capture: Capture, sensor: Sensor) -> dict[str, float]:
    """Exposure, gains and range of one image, as plain data."""
    return {
        "exposure_us": capture.exposure.exposure_us,
        "gain": capture.exposure.gain,
        "gain_dn_per_e": capture.exposure.gain * sensor.gain,
        "offset_dn": sensor.black_dn,
        "bits": sensor.bits,
    }
