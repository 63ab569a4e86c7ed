"""From radiance to digital numbers: lens effects, photons, electrons, noise and quantisation (docs/sensor.md)."""

from sim.sensor.auto_exposure import Exposure
from sim.sensor.recorder import Capture, Recorder, capture
from sim.sensor.settings import ImageSettings

__all__ = ["Capture", "Exposure", "ImageSettings", "Recorder", "capture"]
