"""The refracting part of the eye behind the front surface of `faces.eyeball`: indices, back surface, iris plane.

In an eye's own frame the optical axis is +z, the front apex at z = `faces.eyeball.CORNEA_APEX`, depths are counted from
there backwards. Lengths in m. Indices, front surface, iris radius: gkaModelEye (after Navarro et al. 2006, Atchison
2006); back radius: Gullstrand; thickness and back asphericity: Atchison 2006.
"""

from __future__ import annotations

from faces.eyeball import CORNEA_RADIUS

CORNEA_INDEX = (1.370, 1.369)
"""At 850 and 940 nm."""
AQUEOUS_INDEX = 1.330
BACK_RADIUS = 0.0067
BACK_ASPHERICITY = -0.275
THICKNESS = 0.00055
IRIS_DEPTH = 0.00375
"""Of the plane that holds iris and pupil; sources have 3.6 to 3.9 mm."""
IRIS_OUTER = 0.00557
"""True radius of the iris, where it is rooted; through the cornea it fills the visible 5.92 mm."""
CORNEA_EDGE = 0.00636
"""Radius at which the conic of the cornea meets the sphere of the sclera."""


def paraxial_pupil() -> tuple[float, float]:
    """Depth of the iris plane's image in the cornea, m, and how much larger it is than the plane itself."""
    index = CORNEA_INDEX[0]
    vergence = -AQUEOUS_INDEX / (IRIS_DEPTH - THICKNESS)
    inside = vergence + (AQUEOUS_INDEX - index) / BACK_RADIUS
    at_front = -index / (THICKNESS - index / inside)
    outside = at_front + (index - 1) / CORNEA_RADIUS
    return -1 / outside, vergence / inside * at_front / outside
