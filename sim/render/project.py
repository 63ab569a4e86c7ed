# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Single points through a lens's direction table; `sim.render.raster_native` does the same for whole clusters."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Directions

wp.set_module_options(KERNEL_OPTIONS)


@wp.func
def place(p: wp.vec3, directions: Directions) -> wp.vec4:
    """(x, y, curvature, error) of a point in camera coordinates, see `sim.render.tables`."""
    n = directions.cells.shape[0]
    w = wp.length(p) + p[2]
    out = wp.vec4(0.0, 0.0, directions.beyond, 0.0)
    if w > 1.0e-9:
        scale = float(n) / (2.0 * directions.half_width)
        x = (p[0] / w + directions.half_width) * scale
        y = (p[1] / w + directions.half_width) * scale
        if x >= 0.0 and y >= 0.0 and x < float(n) and y < float(n):
            ix = int(x)
            iy = int(y)
            cell = directions.cells[iy, ix]
            upper = wp.lerp(directions.nodes[iy, ix], directions.nodes[iy, ix + 1], x - float(ix))
            lower = wp.lerp(directions.nodes[iy + 1, ix], directions.nodes[iy + 1, ix + 1], x - float(ix))
            q = wp.lerp(upper, lower, y - float(iy))
            out = wp.vec4(q[0], q[1], cell[0], cell[1])
    return out
