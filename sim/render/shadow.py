"""Shadow maps: what each LED sees first, on a lattice over its hemisphere.

Texel (i, j) looks along the stereographic coordinates (u, v) = ((j, i) + 0.5) pitch - half_width, in the LED's frame:
conformal, cheap both ways, and finer towards grazing directions, where surfaces are seen at an angle.
It holds (1 + u² + v²) / range: on a plane that is a polynomial in u and v, so that neither drawing nor looking up
divides.
The lattice stands still in the LED's frame, so the maps change with the face alone.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.render.rays import RayGrid, from_stereographic, ray_grid


@lru_cache(maxsize=4)
def lattice(size: int, half_width: float) -> RayGrid:
    """The texels' rays, without those outside the disc of directions that get light."""
    axis = (np.arange(size) + 0.5) * (2 * half_width / size) - half_width
    u, v = np.meshgrid(axis, axis)
    return ray_grid(from_stereographic(np.stack([u, v], -1)), u**2 + v**2 <= half_width**2)
