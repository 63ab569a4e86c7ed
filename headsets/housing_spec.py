"""What a headset file may say of the housing beside its shape; every default is a prior."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewingLens:
    """The lenses that the wearer looks through.

    Attributes:
        reflectance: what lens and display behind it throw back diffusely.
        ghost_reflectance: of the front surface as a mirror, at normal incidence; 0.04 is uncoated.
        index: of the material, for Fresnel's equations.
        radius_m: of the front surface, m; it bulges towards the eye.
        mount_m: width of the barrel's rim around the lens, m.
    """

    reflectance: float = 0.03
    ghost_reflectance: float = 0.04
    index: float = 1.5
    radius_m: float = 0.060
    mount_m: float = 0.003


@dataclass(frozen=True)
class Interface:
    """The facial interface, foam between the shell's rear edge and the skin.

    Attributes:
        reflectance: diffuse; black foam or fabric. Many fabrics that look black are brighter in NIR.
        reach_above_m, reach_below_m: foam is this thick at most above and below the eyes, m. Below, a shell's open
            edges include its opening for nose and mouth, which is farther from the face and has no foam.
        beside_m: below the eyes there is foam this far from the middle and farther, m: nearer, the face stays free
            for the cameras of nose and mouth.
        pressed_m: how far it reaches into the skin, m.
        yields_m, yields_over_m: how deep the skin yields to it, and over which distance (1/e), m.
    """

    reflectance: float = 0.06
    reach_above_m: float = 0.035
    reach_below_m: float = 0.015
    beside_m: float = 0.050
    pressed_m: float = 0.0015
    yields_m: float = 0.0012
    yields_over_m: float = 0.004


@dataclass(frozen=True)
class HousingSpec:
    """Surfaces about the face; the shell's own reflectance is `Shell.reflectance`.

    Attributes:
        barrel_reflectance: of the viewing lenses' tubes, diffuse: matt black plastic.
    """

    barrel_reflectance: float = 0.06
    viewing_lens: ViewingLens = ViewingLens()
    interface: Interface = Interface()
