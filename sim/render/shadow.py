"""Shadow maps: what each LED sees first, on a lattice over its hemisphere.

Texel (i, j) looks along the stereographic coordinates (u, v) = ((j, i) + 0.5) pitch - half_width, in the LED's frame:
conformal, cheap both ways, and finer towards grazing directions, where surfaces are seen at an angle.
The lattice stands still in the LED's frame, so the maps change with the face alone.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.render.tables import from_stereographic, planar, tile_cones


@lru_cache(maxsize=4)
def lattice(size: int, half_width: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rays (3, size² + PADDING), 0 outside the disc of directions that get light, and the cones of the tiles."""
    axis = (np.arange(size) + 0.5) * (2 * half_width / size) - half_width
    u, v = np.meshgrid(axis, axis)
    # One texel more than the disc, so that the four texels around every direction inside are drawn.
    inside = u**2 + v**2 <= (half_width * (1 + 3.0 / size)) ** 2
    rays = np.where(inside[..., None], from_stereographic(np.stack([u, v], -1)), 0.0)
    return planar(rays), tile_cones(rays, inside)
