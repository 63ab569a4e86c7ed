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
from sim.render.rays import BLOCK, TILE
from sim.render.tables import BOXED_ANGLE, OUTSIDE, SMALL_ANGLE, UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

_SMALL2 = wp.constant(float(SMALL_ANGLE) ** 2)
_BOXED2 = wp.constant(float(BOXED_ANGLE) ** 2)
_TILE = wp.constant(TILE)
_BLOCK = wp.constant(BLOCK)
_OUTSIDE = wp.constant(OUTSIDE)
_UNKNOWN = wp.constant(UNKNOWN)


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


@wp.kernel
def project_camera(
    vertices: wp.array[wp.vec3],
    device_camera: wp.mat33,
    origins: wp.array[wp.vec3],
    nodes: wp.array2d[wp.vec2],
    bounds: wp.array2d[wp.vec2],
    half_width: float,
    beyond: float,
    positions: wp.array2d[wp.vec3],
    pixels: wp.array2d[wp.vec4],
) -> None:
    """Vertices to camera coordinates and, through the direction table, to (x, y, curvature, error) in pixels."""
    i = wp.tid()
    p = (vertices[i] - origins[0]) @ device_camera
    positions[0, i] = p
    n = bounds.shape[0]
    w = wp.length(p) + p[2]
    out = wp.vec4(0.0, 0.0, beyond, 0.0)
    if w > 1.0e-9:
        scale = float(n) / (2.0 * half_width)
        x = (p[0] / w + half_width) * scale
        y = (p[1] / w + half_width) * scale
        if x >= 0.0 and y >= 0.0 and x < float(n) and y < float(n):
            ix = int(x)
            iy = int(y)
            fx = x - float(ix)
            fy = y - float(iy)
            b = bounds[iy, ix]
            upper = nodes[iy, ix] * (1.0 - fx) + nodes[iy, ix + 1] * fx
            lower = nodes[iy + 1, ix] * (1.0 - fx) + nodes[iy + 1, ix + 1] * fx
            q = upper * (1.0 - fy) + lower * fy
            out = wp.vec4(q[0], q[1], b[0], b[1])
    pixels[0, i] = out


@wp.kernel
def project_lattice(
    vertices: wp.array[wp.vec3],
    frames: wp.array[wp.mat33],
    origins: wp.array[wp.vec3],
    half_width: float,
    size: int,
    positions: wp.array2d[wp.vec3],
    pixels: wp.array2d[wp.vec4],
) -> None:
    """Vertices to LED coordinates and to texels of the stereographic lattice that shadow maps use."""
    k, i = wp.tid()
    p = (vertices[i] - origins[k]) @ frames[k]
    positions[k, i] = p
    w = wp.length(p) + p[2]
    out = wp.vec4(0.0, 0.0, _OUTSIDE, 0.0)
    if w > 1.0e-9:
        u = p[0] / w
        v = p[1] / w
        rho2 = u * u + v * v
        # 0.16 > tan(SMALL_ANGLE / 2): from further out no small triangle reaches the disc of directions with light.
        far = (half_width + 0.16) / wp.max(1.0 - half_width * 0.16, 0.05)
        if rho2 <= far * far:
            scale = 0.5 * float(size) / half_width
            # A great circle bends by at most rho (1 + rho²) / 2 in these coordinates; 2 covers its variation.
            out = wp.vec4(
                (u + half_width) * scale - 0.5,
                (v + half_width) * scale - 0.5,
                2.0 * scale * (wp.sqrt(rho2) + 0.1) * (1.0 + rho2) * 0.5,
                0.01,
            )
    pixels[k, i] = out


@wp.func
def edge_plane(a: wp.vec3, b: wp.vec3, ia: int, ib: int) -> wp.vec3:
    """a × b, rounded alike up to its sign whichever of the two triangles at this edge asks."""
    first = wp.where(ia < ib, a, b)
    second = wp.where(ia < ib, b, a)
    return wp.cross(first, second) * wp.where(ia < ib, 1.0, -1.0)


RASTER_BOX = """
    const int stride = rays.shape[1];
    const float* dx = rays.data;
    const float* dy = dx + stride;
    const float* dz = dy + stride;
    const long long offset = (long long)(batch) * stride;
    for (int y = y0; y <= y1; ++y) {
        for (int x = x0; x <= x1; x += 8) {
            const int i = y * width + x;
            const int left = x1 - x;
            float reach[8];
            for (int k = 0; k < 8; ++k) {
                const float e0 = dx[i + k] * n0.c[0] + dy[i + k] * n0.c[1] + dz[i + k] * n0.c[2];
                const float e1 = dx[i + k] * n1.c[0] + dy[i + k] * n1.c[1] + dz[i + k] * n1.c[2];
                const float e2 = dx[i + k] * n2.c[0] + dy[i + k] * n2.c[1] + dz[i + k] * n2.c[2];
                const float s = dx[i + k] * plane.c[0] + dy[i + k] * plane.c[1] + dz[i + k] * plane.c[2];
                const float least = wp::min(wp::min(e0, e1), e2);
                const float along = det / (s > 0.0f ? s : 1.0f);
                const float r = s > 0.0f ? wp::min(wp::max(along, nearest), farthest) : farthest;
                reach[k] = ((least >= 0.0f) & (e0 + e1 + e2 > 0.0f) & (k <= left)) ? r : 1.0e30f;
            }
#if defined(__CUDA_ARCH__)
            for (int k = 0; k < 8; ++k) {
                if (reach[k] >= 1.0e30f)
                    continue;
                if (labelled)
                    atomicMin(keys.data + offset + i + k, ((long long)(__float_as_int(reach[k])) << 32) | t);
                else
                    wp::atomic_min(ranges.data + offset + i + k, reach[k]);
            }
#else
            // A launch is serial on the CPU, in the order of the triangles: plain minima, vector instructions.
            float* best = ranges.data + offset + i;
            // (Selection by mask: written with ?: it stays scalar.)
            if (labelled) {
                int* id = ids.data + offset + i;
                int label[8];
                for (int k = 0; k < 8; ++k)
                    label[k] = id[k] ^ ((id[k] ^ t) & -(int)(reach[k] < best[k]));
                for (int k = 0; k < 8; ++k)
                    id[k] = label[k];
            }
            for (int k = 0; k < 8; ++k)
                best[k] = reach[k] < best[k] ? reach[k] : best[k];
#endif
        }
    }
"""


@wp.func_native(RASTER_BOX)
def raster_box(
    batch: int,
    t: int,
    x0: int,
    y0: int,
    x1: int,
    y1: int,
    width: int,
    rays: wp.array2d[float],
    n0: wp.vec3,
    n1: wp.vec3,
    n2: wp.vec3,
    plane: wp.vec3,
    det: float,
    nearest: float,
    farthest: float,
    keys: wp.array[wp.int64],
    ranges: wp.array[float],
    ids: wp.array[int],
    labelled: int,
) -> None:
    """Test the rays of a box, eight at a time; the planes point inwards, det > 0.

    `rays` is (3, pixels + padding), and so long is each batch's part of `keys` and `ranges`.
    """


@wp.func
def meets_cone(cone: wp.vec4, u0: wp.vec3, u1: wp.vec3, u2: wp.vec3) -> bool:
    """Whether a tile's cone reaches the inner side of all three planes (False for a tile without rays)."""
    axis = wp.vec3(cone[0], cone[1], cone[2])
    return cone[3] >= 0.0 and wp.min(wp.min(wp.dot(axis, u0), wp.dot(axis, u1)), wp.dot(axis, u2)) >= -cone[3]


@wp.kernel
def raster(
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
) -> None:
    """Draw all triangles from each origin of the batch.

    Each pixel gets the least range and, if `labelled`, the triangle it belongs to (the first one of several). On the
    GPU both go into `keys`, the range's bits above the triangle's index, by one atomic minimum; see `unpack`.
    The order of execution does not show.
    """
    batch, t = wp.tid()
    front = planes[t]
    o = origins[batch]
    if front[0] * o[0] + front[1] * o[1] + front[2] * o[2] < front[3] and two_sided[t] == wp.uint8(0):
        return  # quickly: half of all triangles
    tri = triangles[t]
    pa = pixels[batch, tri[0]]
    pb = pixels[batch, tri[1]]
    pc = pixels[batch, tri[2]]
    curvature = wp.max(wp.max(pa[2], pb[2]), pc[2])
    gone = wp.min(wp.min(pa[2], pb[2]), pc[2]) < 0.0
    a = positions[batch, tri[0]]
    b = positions[batch, tri[1]]
    c = positions[batch, tri[2]]
    plane = wp.cross(b - a, c - a)
    det = wp.dot(a, plane)
    if det == 0.0 or (det > 0.0 and two_sided[t] == wp.uint8(0)):
        return
    edge2 = wp.max(wp.max(wp.length_sq(b - a), wp.length_sq(c - b)), wp.length_sq(a - c))
    near2 = wp.min(wp.min(wp.length_sq(a), wp.length_sq(b)), wp.length_sq(c))
    if gone and edge2 < _SMALL2 * near2:
        return
    sign = wp.sign(det)
    n0 = edge_plane(b, c, tri[1], tri[2]) * sign
    n1 = edge_plane(c, a, tri[2], tri[0]) * sign
    n2 = edge_plane(a, b, tri[0], tri[1]) * sign
    plane = plane * sign
    det = det * sign
    nearest = det / wp.length(plane)
    farthest = wp.sqrt(wp.max(wp.max(wp.length_sq(a), wp.length_sq(b)), wp.length_sq(c)))
    if not gone and curvature < _UNKNOWN and edge2 < _BOXED2 * near2:
        # An arc of angle t strays from its chord by at most t²/8 times the map's second derivative.
        pad = curvature * 0.14 * edge2 / near2 + wp.max(wp.max(pa[3], pb[3]), pc[3])
        x0 = wp.max(int(wp.ceil(wp.max(wp.min(wp.min(pa[0], pb[0]), pc[0]) - pad, -1.0))), 0)
        y0 = wp.max(int(wp.ceil(wp.max(wp.min(wp.min(pa[1], pb[1]), pc[1]) - pad, -1.0))), 0)
        x1 = int(wp.floor(wp.min(wp.max(wp.max(pa[0], pb[0]), pc[0]) + pad, float(width - 1))))
        y1 = int(wp.floor(wp.min(wp.max(wp.max(pa[1], pb[1]), pc[1]) + pad, float(height - 1))))
        raster_box(
            batch,
            t,
            x0,
            y0,
            x1,
            y1,
            width,
            rays,
            n0,
            n1,
            n2,
            plane,
            det,
            nearest,
            farthest,
            keys,
            ranges,
            ids,
            labelled,
        )
        return
    for k in range(limits.shape[0]):
        m = limits[k]
        if wp.max(wp.max(wp.dot(a, m), wp.dot(b, m)), wp.dot(c, m)) < 0.0:
            return
    u0 = wp.normalize(n0)
    u1 = wp.normalize(n1)
    u2 = wp.normalize(n2)
    for by in range(blocks.shape[0]):
        for bx in range(blocks.shape[1]):
            if meets_cone(blocks[by, bx], u0, u1, u2):
                for ty in range(by * _BLOCK, wp.min(by * _BLOCK + _BLOCK, tiles.shape[0])):
                    for tx in range(bx * _BLOCK, wp.min(bx * _BLOCK + _BLOCK, tiles.shape[1])):
                        if meets_cone(tiles[ty, tx], u0, u1, u2):
                            raster_box(
                                batch,
                                t,
                                tx * _TILE,
                                ty * _TILE,
                                wp.min(tx * _TILE + _TILE, width) - 1,
                                wp.min(ty * _TILE + _TILE, height) - 1,
                                width,
                                rays,
                                n0,
                                n1,
                                n2,
                                plane,
                                det,
                                nearest,
                                farthest,
                                keys,
                                ranges,
                                ids,
                                labelled,
                            )


@wp.kernel
def unpack(keys: wp.array[wp.int64], ranges: wp.array[float], ids: wp.array[int]) -> None:
    """Split the GPU's keys into ranges and triangles."""
    i = wp.tid()
    key = keys[i]
    ranges[i] = wp.cast(int(key >> wp.int64(32)), wp.float32)
    ids[i] = int(key & wp.int64(0xFFFFFFFF))
