"""The hardware: headset files, lens models, LED profiles, sensors, shell and keep-outs, donning."""

from headsets.build import build_headset
from headsets.describe import describe
from headsets.donning import DonningDistribution, parse_donning
from headsets.errors import HeadsetError, UnknownHeadsetError, UnknownPartError
from headsets.headset import AutoExposure, Camera, Headset, Led, Opening, Optics, Sensor, Shell
from headsets.housing_spec import HousingSpec, Interface, ViewingLens
from headsets.load import dump_headset, list_headsets, load_headset, validate

__all__ = [
    "AutoExposure",
    "Camera",
    "DonningDistribution",
    "Headset",
    "HeadsetError",
    "HousingSpec",
    "Interface",
    "Led",
    "Opening",
    "Optics",
    "Sensor",
    "Shell",
    "UnknownHeadsetError",
    "UnknownPartError",
    "ViewingLens",
    "build_headset",
    "describe",
    "dump_headset",
    "list_headsets",
    "load_headset",
    "parse_donning",
    "validate",
]
