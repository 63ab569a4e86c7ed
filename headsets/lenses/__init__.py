"""Central lens models, one file each; `lens.Lens` is what consumers see, pixels and axes are OpenCV's."""

from headsets.lenses.brown_conrady import BrownConrady
from headsets.lenses.double_sphere import DoubleSphere
from headsets.lenses.kannala_brandt4 import KannalaBrandt4
from headsets.lenses.lens import Lens, inside_image
from headsets.lenses.pinhole import Pinhole
from headsets.lenses.tables import pixel_solid_angles, ray_table

__all__ = [
    "BrownConrady",
    "DoubleSphere",
    "KannalaBrandt4",
    "Lens",
    "Pinhole",
    "inside_image",
    "pixel_solid_angles",
    "ray_table",
]
