# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Which triangle each ray of a table meets first, for any central lens or LED (design: docs/rendering.md).

For corners a, b, c relative to the ray's origin and a ray d, the edge functions are d·(b×c), d·(c×a) and d·(a×b).
The triangle faces the origin when det = a·(b×c) is negative, it is hit when all three have det's sign, and its range
along d is det over their sum. That holds for every direction, so there is neither clipping nor an image plane.
Edge planes are computed from the corner of lower index to that of higher index, so that two triangles that share an
edge test the very same number with opposite signs: no ray passes between them.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.raster_native import raster_cluster
from sim.render.structs import Directions, Pose, Rays, Solid

wp.set_module_options(KERNEL_OPTIONS)


@wp.kernel
def measure_clusters(solid: Solid, pose: Pose) -> None:
    """The planes of each cluster's triangles, a ball around them, and their longest edge."""
    c = wp.tid()
    low = wp.vec3(1.0e9)
    high = wp.vec3(-1.0e9)
    for j in range(solid.vertex_starts[c], solid.vertex_starts[c + 1]):
        p = pose.positions[solid.cluster_vertices[j]]
        low = wp.min(low, p)
        high = wp.max(high, p)
    middle = (low + high) * 0.5
    pose.spheres[c] = wp.vec4(middle[0], middle[1], middle[2], wp.length(high - low) * 0.5 + 1.0e-6)
    longest = float(0.0)  # noqa: UP018 - declares a variable
    for t in range(solid.starts[c], solid.starts[c + 1]):
        tri = solid.triangles[t]
        a = pose.positions[tri[0]]
        u = pose.positions[tri[1]] - a
        v = pose.positions[tri[2]] - a
        longest = wp.max(longest, wp.max(wp.max(wp.length_sq(u), wp.length_sq(v)), wp.length_sq(u - v)))
        n = wp.normalize(wp.cross(u, v))
        pose.planes[0, t] = n[0]
        pose.planes[1, t] = n[1]
        pose.planes[2, t] = n[2]
        pose.planes[3, t] = wp.dot(n, a) - 1.0e-6
    pose.edges[c] = wp.sqrt(longest)


@wp.func
def edge_plane(a: wp.vec3, b: wp.vec3, ia: int, ib: int) -> wp.vec3:
    """a × b, rounded alike up to its sign whichever of the two triangles at this edge asks."""
    first = wp.where(ia < ib, a, b)
    second = wp.where(ia < ib, b, a)
    return wp.cross(first, second) * wp.where(ia < ib, 1.0, -1.0)


@wp.kernel
def raster(
    solid: Solid,
    pose: Pose,
    origins: wp.array[wp.vec3],
    frames: wp.array[wp.mat33],
    grid: Rays,
    directions: Directions,
    first: int,
    kinds: int,
    keys: wp.array[wp.int64],
    ranges: wp.array[float],
    ids: wp.array[int],
) -> None:
    """Draw all triangles from each origin of the batch: a thread takes a cluster on the CPU, a triangle on the GPU.

    Each ray gets the least range and the triangle it belongs to (the first one of several); on the lattice of shadow
    maps it gets the greatest (1 + u² + v²) / range instead, 0 where nothing is, and no triangle. On the GPU range and
    triangle go into `keys`, the range's bits above the index, by one atomic minimum; see `unpack`. The order of
    execution does not show.

    `first`: the cluster, on the GPU the triangle, that thread 0 takes. `frames` turn coordinates of the camera or LED
    into those of the device. `kinds` 1: all but thin triangles (see `sim.render.thin`), 2: thin ones alone, 3: all.
    Each batch's part of `keys`, `ranges` and `ids` is as long as a row of `grid.rays`: the pixels, and padding.
    """
    batch, block = wp.tid()
    raster_cluster(batch, first + block, solid, pose, origins, frames, grid, directions, kinds, keys, ranges, ids)


@wp.kernel
def unpack(keys: wp.array[wp.int64], ranges: wp.array[float], ids: wp.array[int]) -> None:
    """Split the GPU's keys into ranges and triangles."""
    i = wp.tid()
    key = keys[i]
    ranges[i] = wp.cast(int(key >> wp.int64(32)), wp.float32)
    ids[i] = int(key & wp.int64(0xFFFFFFFF))
