"""Cover glasses: flat windows of the housing before cameras and LEDs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets.mirror import mirrored_pose
from headsets.schema.parts import CoverGlassPart

MM = 1e-3


@dataclass(frozen=True, eq=False)
class CoverGlass:
    """One plane-parallel window.

    Attributes:
        name: unique in the headset.
        T_device_glass: glass to device; the origin is the middle of the outer surface, +z out of the housing.
        half_m: half its width and height along x and y, or None for a disc.
        radius_m: of a disc, or None.
        thickness_m: the inner surface lies this far along -z.
        index: refractive index.
        surface_reflectance: of one surface at normal incidence, coating included.
        transmission: inside the material.
        mirror_of: the glass this one is the mirror twin of, or None.
    """

    name: str
    T_device_glass: RigidTransform
    half_m: tuple[float, float] | None
    radius_m: float | None
    thickness_m: float
    index: float
    surface_reflectance: float
    transmission: float
    mirror_of: str | None = None

    @property
    def aperture(self) -> NDArray[np.float64] | float:
        """(4, 2) corners in the glass's frame, m, counter-clockwise seen from +z; or the radius of the disc."""
        if self.half_m is None:
            return float(self.radius_m or 0.0)
        return np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) * self.half_m

    def twin(self, name: str) -> CoverGlass:
        """Its mirror image in the sagittal plane."""
        return replace(self, name=name, T_device_glass=mirrored_pose(self.T_device_glass), mirror_of=self.name)


def build_cover_glass(name: str, part: CoverGlassPart, T_device_glass: RigidTransform) -> CoverGlass:
    """The glass of a file; one without a stated reflectance is uncoated, ((n - 1) / (n + 1))² a surface."""
    bare = ((part.index - 1) / (part.index + 1)) ** 2
    half = None
    if part.width_mm is not None and part.height_mm is not None:
        half = (0.5 * part.width_mm * MM, 0.5 * part.height_mm * MM)
    return CoverGlass(
        name=name,
        T_device_glass=T_device_glass,
        half_m=half,
        radius_m=None if part.radius_mm is None else part.radius_mm * MM,
        thickness_m=part.thickness_mm * MM,
        index=part.index,
        surface_reflectance=bare if part.surface_reflectance is None else part.surface_reflectance,
        transmission=part.transmission,
    )
