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
from sim.render.raster_native import raster_chunk

wp.set_module_options(KERNEL_OPTIONS)


@wp.kernel
def face_planes(
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[wp.vec3],
    planes: wp.array[wp.vec4],
) -> None:
    """Per triangle the unit normal and the height of its plane, less a micrometre: below it, the back is seen."""
    t = wp.tid()
    tri = triangles[t]
    a = vertices[tri[0]]
    n = wp.normalize(wp.cross(vertices[tri[1]] - a, vertices[tri[2]] - a))
    planes[t] = wp.vec4(n[0], n[1], n[2], wp.dot(n, a) - 1.0e-6)


@wp.func
def edge_plane(a: wp.vec3, b: wp.vec3, ia: int, ib: int) -> wp.vec3:
    """a × b, rounded alike up to its sign whichever of the two triangles at this edge asks."""
    first = wp.where(ia < ib, a, b)
    second = wp.where(ia < ib, b, a)
    return wp.cross(first, second) * wp.where(ia < ib, 1.0, -1.0)


@wp.kernel
def raster(
    chunk: int,
    triangles: wp.array[wp.vec3i],
    two_sided: wp.array[wp.uint8],
    planes: wp.array[wp.vec4],
    origins: wp.array[wp.vec3],
    positions: wp.array2d[wp.vec3],
    pixels: wp.array2d[wp.vec4],
    rays: wp.array2d[float],
    tiles: wp.array2d[wp.vec4],
    blocks: wp.array2d[wp.vec4],
    limits: wp.array[wp.vec3],
    width: int,
    height: int,
    keys: wp.array[wp.int64],
    ranges: wp.array[float],
    ids: wp.array[int],
    labelled: int,
    kinds: int,
) -> None:
    """Draw all triangles from each origin of the batch; a thread takes `chunk` of them, CHUNK at most.

    Each pixel gets the least range and, if `labelled`, the triangle it belongs to (the first one of several). On the
    GPU both go into `keys`, the range's bits above the triangle's index, by one atomic minimum; see `unpack`.
    The order of execution does not show.

    `kinds` 1: all but thin triangles (see `sim.render.thin`), 2: thin ones alone, 3: all. `two_sided` is 1 for
    triangles that are seen from both sides, and 2 more for thin ones.

    `rays` is (3, pixels + padding), and so long is each batch's part of `keys`, `ranges` and `ids`. For `pixels` see
    `sim.render.project`, for `tiles`, `blocks` and `limits` `sim.render.rays`.
    """
    batch, block = wp.tid()
    raster_chunk(
        batch, block, chunk, triangles.shape[0], triangles, two_sided, planes, origins, positions, pixels, rays, tiles,
        blocks, limits, width, height, keys, ranges, ids, labelled, kinds,
    )  # fmt: skip


@wp.kernel
def unpack(keys: wp.array[wp.int64], ranges: wp.array[float], ids: wp.array[int]) -> None:
    """Split the GPU's keys into ranges and triangles."""
    i = wp.tid()
    key = keys[i]
    ranges[i] = wp.cast(int(key >> wp.int64(32)), wp.float32)
    ids[i] = int(key & wp.int64(0xFFFFFFFF))
