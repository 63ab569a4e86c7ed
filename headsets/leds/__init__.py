"""Angular profiles of LEDs, one file each; `profile.AngularProfile` is what consumers see."""

from headsets.leds.ies import read_ies
from headsets.leds.lambertian import Lambertian
from headsets.leds.profile import AngularProfile, flux_per_axial_intensity, half_angle
from headsets.leds.table import Table

__all__ = ["AngularProfile", "Lambertian", "Table", "flux_per_axial_intensity", "half_angle", "read_ies"]
