# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Lashes: strips narrower than a pixel, blended over what is behind them by the share of the pixel that they cover.

Sixteen samples a pixel decide the share of each triangle; strips are narrow enough for shares to add up. Sums are
kept in integers, so that their order does not show.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.project import place
from sim.render.structs import Directions, Rays
from sim.render.tables import UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

_UNKNOWN = wp.constant(UNKNOWN)
_UNIT = 1.0e9
"""Integer steps of radiance in one W/m²/sr."""
_FOLD = 4
"""Samples along each side of a pixel."""


@wp.kernel
def aim(
    thin: wp.array[int],
    triangles: wp.array[wp.vec3i],
    positions: wp.array[wp.vec3],
    device_camera: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    directions: Directions,
    rays: wp.array2d[float],
    boxes: wp.array[wp.vec4i],
    work: wp.array[int],
    counts: wp.array[int],
) -> None:
    """List the thin triangles that may touch the image in `work`, with the pixels they may touch in `boxes`.

    `rays` gets camera-frame rays to their middles, along which `sim.render.light` lights them. `counts[0]` is the
    length of the list. Boxes are left, top, right and bottom, inclusive.
    """
    k = wp.tid()
    tri = triangles[thin[k]]
    a = (positions[tri[0]] - origin) @ device_camera
    b = (positions[tri[1]] - origin) @ device_camera
    c = (positions[tri[2]] - origin) @ device_camera
    pa = place(a, directions)
    pb = place(b, directions)
    pc = place(c, directions)
    if wp.min(wp.min(pa[2], pb[2]), pc[2]) < 0.0 or wp.max(wp.max(pa[2], pb[2]), pc[2]) >= _UNKNOWN:
        return
    # Pixels reach half a pixel around their centres; strips are far too short to bend.
    slack = 0.5 + wp.max(wp.max(pa[3], pb[3]), pc[3])
    x0 = int(wp.max(wp.ceil(wp.min(wp.min(pa[0], pb[0]), pc[0]) - slack), 0.0))
    y0 = int(wp.max(wp.ceil(wp.min(wp.min(pa[1], pb[1]), pc[1]) - slack), 0.0))
    x1 = int(wp.min(wp.floor(wp.max(wp.max(pa[0], pb[0]), pc[0]) + slack), float(grid.width - 1)))
    y1 = int(wp.min(wp.floor(wp.max(wp.max(pa[1], pb[1]), pc[1]) + slack), float(grid.height - 1)))
    if x1 < x0 or y1 < y0:
        return
    work[wp.atomic_add(counts, 0, 1)] = k
    boxes[k] = wp.vec4i(x0, y0, x1, y1)
    d = wp.normalize(a + b + c)
    rays[0, k] = d[0]
    rays[1, k] = d[1]
    rays[2, k] = d[2]


_COVER = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    const wp::vec_t<3, int> tri = triangles.data[thin.data[k]];
    float p[3][3];  // corners in the camera frame
    for (int c = 0; c < 3; ++c) {
        const wp::vec_t<3, float> v = positions.data[tri.c[c]];
        const float x = v.c[0] - origin.c[0], y = v.c[1] - origin.c[1], z = v.c[2] - origin.c[2];
        for (int i = 0; i < 3; ++i)
            p[c][i] = x * R.data[0][i] + y * R.data[1][i] + z * R.data[2][i];
    }
    const float ux = p[1][0] - p[0][0], uy = p[1][1] - p[0][1], uz = p[1][2] - p[0][2];
    const float wx = p[2][0] - p[0][0], wy = p[2][1] - p[0][1], wz = p[2][2] - p[0][2];
    float plane[3] = {uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx};
    float volume = p[0][0] * plane[0] + p[0][1] * plane[1] + p[0][2] * plane[2];
    if (volume == 0.0f)
        return;
    const float sign = volume < 0.0f ? -1.0f : 1.0f;
    volume *= sign;
    float n[3][3], far = 0.0f, near = 1e30f;
    for (int c = 0; c < 3; ++c) {
        const float* a = p[(c + 1) % 3];
        const float* b = p[(c + 2) % 3];
        plane[c] *= sign;
        n[c][0] = (a[1] * b[2] - a[2] * b[1]) * sign;
        n[c][1] = (a[2] * b[0] - a[0] * b[2]) * sign;
        n[c][2] = (a[0] * b[1] - a[1] * b[0]) * sign;
        const float length = wp::sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
        far = length > far ? length : far;
        near = length < near ? length : near;
    }
    const wp::int64 amount = (wp::int64)(own.data[k] * UNIT);
    const wp::vec_t<4, int> box = boxes.data[k];
    const int width = grid.width, height = grid.height, stride = grid.rays.shape[1];
    const float* dx = grid.rays.data;
    const float* dy = dx + stride;
    const float* dz = dy + stride;
    for (int y = box.c[1]; y <= box.c[3]; ++y) {
        const int down = y + 1 < height ? width : -width;
        const float turn_y = down > 0 ? 1.0f : -1.0f;
        for (int x = box.c[0]; x <= box.c[2]; x += lanes) {
            const int i = y * width + x;
            int inside[lanes];
            float along[lanes];
            for (int q = 0; q < lanes; ++q)
                inside[q] = 0;
            // The three edge functions across the pixel: at its centre, and their steps along x and y.
            float e[3][lanes], ex[3][lanes], ey[3][lanes];
            int good[lanes];
            for (int q = 0; q < lanes; ++q) {
                const int j = i + q;
                const bool last = x + q + 1 >= width;
                const float rx = last ? dx[j - 1] : dx[j + 1], ry = last ? dy[j - 1] : dy[j + 1],
                            rz = last ? dz[j - 1] : dz[j + 1];
                const float turn_x = last ? -1.0f : 1.0f;
                // The last lanes may reach past the image; padding is as long as they are.
                const int below = j + down < width * height ? j + down : j;
                const float bx = dx[below], by = dy[below], bz = dz[below];
                for (int c = 0; c < 3; ++c) {
                    e[c][q] = dx[j] * n[c][0] + dy[j] * n[c][1] + dz[j] * n[c][2];
                    ex[c][q] = (rx * n[c][0] + ry * n[c][1] + rz * n[c][2] - e[c][q]) * turn_x;
                    ey[c][q] = (bx * n[c][0] + by * n[c][1] + bz * n[c][2] - e[c][q]) * turn_y;
                }
                const float s = dx[j] * plane[0] + dy[j] * plane[1] + dz[j] * plane[2];
                const float reach = volume / (s > 0.0f ? s : 1.0f), least = reach > near ? reach : near;
                along[q] = s > 0.0f ? (least < far ? least : far) : far;
                // All three rays must exist.
                const float r2 = rx * rx + ry * ry + rz * rz, b2 = bx * bx + by * by + bz * bz;
                const float d2 = dx[j] * dx[j] + dy[j] * dy[j] + dz[j] * dz[j];
                good[q] = (r2 > 0.5f) & (b2 > 0.5f) & (d2 > 0.5f) & (x + q <= box.c[2]);
            }
            for (int row = 0; row < FOLD; ++row)
                for (int column = 0; column < FOLD; ++column) {
                    const float u = ((float)column + 0.5f) / FOLD - 0.5f, v = ((float)row + 0.5f) / FOLD - 0.5f;
                    for (int q = 0; q < lanes; ++q) {
                        const float f0 = e[0][q] + ex[0][q] * u + ey[0][q] * v;
                        const float f1 = e[1][q] + ex[1][q] * u + ey[1][q] * v;
                        const float f2 = e[2][q] + ex[2][q] * u + ey[2][q] * v;
                        const float least = f0 < f1 ? f0 : f1;
                        inside[q] += (least < f2 ? least : f2) >= 0.0f ? 1 : 0;
                    }
                }
            for (int q = 0; q < lanes; ++q)
                if (good[q] && inside[q] && along[q] < ranges.data[i + q]) {
                    wp::atomic_add(samples.data + i + q, inside[q]);
                    wp::atomic_add(light.data + i + q, (wp::int64)inside[q] * amount);
                }
        }
    }
"""
_LAY_OVER = """
    const int* count = samples.data + first;
    for (int begin = 0; begin < chunk; begin += 8) {
        int some = 0;
        for (int q = begin; q < wp::min(begin + 8, chunk); ++q)
            some |= count[q];
        if (!some)
            continue;
        for (int i = first + begin; i < first + wp::min(begin + 8, chunk); ++i) {
            const int n = samples.data[i];
            if (n == 0)
                continue;
            const float share = n < FOLD * FOLD ? (float)n / (FOLD * FOLD) : 1.0f;
            const float own = (float)(light.data[i] / n) / UNIT;
            radiance.data[i] += (own - radiance.data[i]) * share;
            samples.data[i] = 0;
            light.data[i] = 0;
        }
    }
"""


def _snippet(code: str) -> str:
    return code.replace("FOLD", str(_FOLD)).replace("UNIT", f"{_UNIT}f")


@wp.func_native(_snippet(_COVER))
def _cover(
    k: int,
    thin: wp.array[int],
    triangles: wp.array[wp.vec3i],
    positions: wp.array[wp.vec3],
    R: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    boxes: wp.array[wp.vec4i],
    ranges: wp.array[float],
    own: wp.array[float],
    samples: wp.array[int],
    light: wp.array[wp.int64],
) -> None:
    """One triangle, eight pixels at a time; see `cover`."""


@wp.func_native(_snippet(_LAY_OVER))
def _lay_over(
    first: int, chunk: int, samples: wp.array[int], light: wp.array[wp.int64], radiance: wp.array[float]
) -> None:
    """The pixels `first` onwards; see `lay_over`."""


@wp.kernel
def cover(
    work: wp.array[int],
    thin: wp.array[int],
    triangles: wp.array[wp.vec3i],
    positions: wp.array[wp.vec3],
    device_camera: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    boxes: wp.array[wp.vec4i],
    ranges: wp.array[float],
    own: wp.array[float],
    samples: wp.array[int],
    light: wp.array[wp.int64],
) -> None:
    """Add each listed triangle's samples, and its radiance `own` times them, to the pixels where it is in front."""
    _cover(
        work[wp.tid()], thin, triangles, positions, device_camera, origin, grid, boxes, ranges, own, samples, light
    )  # fmt: skip


@wp.kernel
def lay_over(chunk: int, samples: wp.array[int], light: wp.array[wp.int64], radiance: wp.array[float]) -> None:
    """Blend the thin layer over the image, and empty it; a thread takes `chunk` pixels."""
    _lay_over(wp.tid() * chunk, chunk, samples, light, radiance)
