"""Which steps from radiance to digital numbers are taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageSettings:
    """Every step can be switched off; how strong each is, the headset file says.

    Attributes:
        illumination: the image darkens towards its edge (`relative_illumination`).
        vignetting: the housing's opening cuts the pupil of oblique light.
        defocus: blur by depth.
        point_spread: blur by lens and pixel.
        glare: a share of the light is spread evenly.
        fixed_pattern: PRNU and DSNU.
        noise: shot noise and read noise.
    """

    illumination: bool = True
    vignetting: bool = True
    defocus: bool = True
    point_spread: bool = True
    glare: bool = True
    fixed_pattern: bool = True
    noise: bool = True
