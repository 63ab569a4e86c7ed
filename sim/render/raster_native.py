# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""The native code of `sim.render.raster`: triangles prepared, and rays tested, eight at a time.

Arrays of eight become vector registers; on the GPU a thread takes one triangle. The steps: leave out triangles that
turn their backs; compute edge planes and boxes; for each triangle, rectangles of rays; test the rays.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.rays import BLOCK, TILE
from sim.render.tables import BOXED_ANGLE, SMALL_ANGLE, UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

CHUNK = 64
"""Triangles a thread on the CPU."""

_FACING = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    const int begin = block * chunk, end = wp::min(begin + chunk, count);
    const wp::vec_t<3, float> o = origins.data[batch];
    // Triangles that may show a face that is seen.
    int live[64];
    int alive = 0;
    for (int t = begin; t < end; ++t) {
        const wp::vec_t<4, float> p = planes.data[t];
        const int sides = two_sided.data[t];
        live[alive] = t;
        alive += ((p.c[0] * o.c[0] + p.c[1] * o.c[1] + p.c[2] * o.c[2] >= p.c[3]) | (sides != 0)) &
                 (kinds >> (sides >> 1)) & 1;
    }
    const int stride = rays.shape[1];
    const float* dx = rays.data;
    const float* dy = dx + stride;
    const float* dz = dy + stride;
    const long long offset = (long long)batch * stride;
    const int points = positions.shape[1];
    const wp::vec_t<3, float>* place = positions.data + (long long)batch * points;
    const wp::vec_t<4, float>* spot = pixels.data + (long long)batch * points;
"""
_PREPARE = """
    for (int s = 0; s < alive; s += lanes) {
        float ax[lanes], ay[lanes], az[lanes], bx[lanes], by[lanes], bz[lanes], cx[lanes], cy[lanes], cz[lanes];
        float u[3][lanes], v[3][lanes], curvature[lanes], least[lanes], error[lanes], single[lanes];
        int ia[lanes], ib[lanes], ic[lanes];
        for (int k = 0; k < lanes; ++k) {
            const int t = live[wp::min(s + k, alive - 1)];
            const wp::vec_t<3, int> tri = triangles.data[t];
            const wp::vec_t<3, float> a = place[tri.c[0]], b = place[tri.c[1]], c = place[tri.c[2]];
            const wp::vec_t<4, float> qa = spot[tri.c[0]], qb = spot[tri.c[1]], qc = spot[tri.c[2]];
            ia[k] = tri.c[0];
            ib[k] = tri.c[1];
            ic[k] = tri.c[2];
            ax[k] = a.c[0]; ay[k] = a.c[1]; az[k] = a.c[2];
            bx[k] = b.c[0]; by[k] = b.c[1]; bz[k] = b.c[2];
            cx[k] = c.c[0]; cy[k] = c.c[1]; cz[k] = c.c[2];
            u[0][k] = qa.c[0]; u[1][k] = qb.c[0]; u[2][k] = qc.c[0];
            v[0][k] = qa.c[1]; v[1][k] = qb.c[1]; v[2][k] = qc.c[1];
            curvature[k] = wp::max(wp::max(qa.c[2], qb.c[2]), qc.c[2]);
            least[k] = wp::min(wp::min(qa.c[2], qb.c[2]), qc.c[2]);
            error[k] = wp::max(wp::max(qa.c[3], qb.c[3]), qc.c[3]);
            single[k] = two_sided.data[t] ? 0.0f : 1.0f;
        }
        // Edge planes and the triangle's plane pointing inwards, so that all products with rays inside are positive.
        float e0x[lanes], e0y[lanes], e0z[lanes], e1x[lanes], e1y[lanes], e1z[lanes], e2x[lanes], e2y[lanes],
            e2z[lanes], px[lanes], py[lanes], pz[lanes], det[lanes], nearest[lanes], farthest[lanes];
        float x0[lanes], y0[lanes], x1[lanes], y1[lanes];
        int mode[lanes];
        for (int k = 0; k < lanes; ++k) {
            const float ux = bx[k] - ax[k], uy = by[k] - ay[k], uz = bz[k] - az[k];
            const float wx = cx[k] - ax[k], wy = cy[k] - ay[k], wz = cz[k] - az[k];
            const float nx = uy * wz - uz * wy, ny = uz * wx - ux * wz, nz = ux * wy - uy * wx;
            const float d = ax[k] * nx + ay[k] * ny + az[k] * nz;
            const float sign = d < 0.0f ? -1.0f : 1.0f;
            px[k] = nx * sign;
            py[k] = ny * sign;
            pz[k] = nz * sign;
            det[k] = d * sign;
            EDGE(0, b, c)
            EDGE(1, c, a)
            EDGE(2, a, b)
            const float aa = ax[k] * ax[k] + ay[k] * ay[k] + az[k] * az[k];
            const float bb = bx[k] * bx[k] + by[k] * by[k] + bz[k] * bz[k];
            const float cc = cx[k] * cx[k] + cy[k] * cy[k] + cz[k] * cz[k];
            const float vx = cx[k] - bx[k], vy = cy[k] - by[k], vz = cz[k] - bz[k];
            const float size2 = wp::max(wp::max(ux * ux + uy * uy + uz * uz, wx * wx + wy * wy + wz * wz),
                                        vx * vx + vy * vy + vz * vz);
            const float near2 = wp::min(wp::min(aa, bb), cc);
            farthest[k] = wp::sqrt(wp::max(wp::max(aa, bb), cc));
            nearest[k] = det[k] / wp::sqrt(wp::max(nx * nx + ny * ny + nz * nz, 1e-38f));
            // An arc of angle t strays from its chord by at most t²/8 times the map's second derivative.
            const float pad = curvature[k] * 0.14f * size2 / near2 + error[k];
            const float left = wp::min(wp::min(u[0][k], u[1][k]), u[2][k]) - pad;
            const float right = wp::max(wp::max(u[0][k], u[1][k]), u[2][k]) + pad;
            const float above = wp::min(wp::min(v[0][k], v[1][k]), v[2][k]) - pad;
            const float below = wp::max(wp::max(v[0][k], v[1][k]), v[2][k]) + pad;
            // Truncation is the ceiling for what lies left of 0; for the rest a pixel more does no harm.
            x0[k] = wp::min(wp::max(left, 0.0f), (float)width);
            y0[k] = wp::min(wp::max(above, 0.0f), (float)height);
            x1[k] = wp::max(wp::min(right, (float)(width - 1)), -1.0f);
            y1[k] = wp::max(wp::min(below, (float)(height - 1)), -1.0f);
            const int gone = least[k] < 0.0f;
            const int back = (d == 0.0f) | ((d > 0.0f) & (single[k] > 0.0f));
            const int skip = back | (gone & (size2 < SMALL2 * near2));
            const int boxed = (gone == 0) & (curvature[k] < UNKNOWN) & (size2 < BOXED2 * near2);
            mode[k] = skip ? 0 : (boxed ? 1 : 2);
        }
        const int here = wp::min(lanes, alive - s);
        for (int l = 0; l < here; ++l) {
            if (mode[l] == 0)
                continue;
            const int t = live[s + l];
            const float n0x = e0x[l], n0y = e0y[l], n0z = e0z[l], n1x = e1x[l], n1y = e1y[l], n1z = e1z[l],
                        n2x = e2x[l], n2y = e2y[l], n2z = e2z[l], nx = px[l], ny = py[l], nz = pz[l];
            const float volume = det[l], low = nearest[l], high = farthest[l];
"""
_RECTANGLES = """
            // One box; or, for triangles that are large or not bounded by the table, the tiles that they may touch:
            // half-spaces that hold all rays come first, then cones of blocks, then cones of tiles.
            int parts = 1;
            float l0 = 0.0f, l1 = 0.0f, l2 = 0.0f;
            if (mode[l] == 2) {
                parts = blocks.shape[0] * blocks.shape[1] * BLOCK * BLOCK;
                for (int k = 0; k < limits.shape[0]; ++k) {
                    const wp::vec_t<3, float> m = limits.data[k];
                    const float da = ax[l] * m.c[0] + ay[l] * m.c[1] + az[l] * m.c[2];
                    const float db = bx[l] * m.c[0] + by[l] * m.c[1] + bz[l] * m.c[2];
                    const float dc = cx[l] * m.c[0] + cy[l] * m.c[1] + cz[l] * m.c[2];
                    parts = wp::max(wp::max(da, db), dc) < 0.0f ? 0 : parts;
                }
                l0 = wp::sqrt(n0x * n0x + n0y * n0y + n0z * n0z);
                l1 = wp::sqrt(n1x * n1x + n1y * n1y + n1z * n1z);
                l2 = wp::sqrt(n2x * n2x + n2y * n2y + n2z * n2z);
            }
            auto meets = [=](const wp::vec_t<4, float>& cone) {
                const float x = cone.c[0], y = cone.c[1], z = cone.c[2], sine = cone.c[3];
                return sine >= 0.0f && x * n0x + y * n0y + z * n0z >= -sine * l0 &&
                       x * n1x + y * n1y + z * n1z >= -sine * l1 && x * n2x + y * n2y + z * n2z >= -sine * l2;
            };
            for (int part = 0; part < parts; ++part) {
                int left, top, right, bottom;
                if (mode[l] == 1) {
                    left = (int)x0[l] + (x0[l] > (float)(int)x0[l]);
                    top = (int)y0[l] + (y0[l] > (float)(int)y0[l]);
                    right = x1[l] < 0.0f ? -1 : (int)x1[l];
                    bottom = y1[l] < 0.0f ? -1 : (int)y1[l];
                } else {
                    const int which = part / (BLOCK * BLOCK), within = part % (BLOCK * BLOCK);
                    if (within == 0 && !meets(blocks.data[which])) {
                        part += BLOCK * BLOCK - 1;
                        continue;
                    }
                    const int row = which / blocks.shape[1] * BLOCK + within / BLOCK;
                    const int column = which % blocks.shape[1] * BLOCK + within % BLOCK;
                    if (row >= tiles.shape[0] || column >= tiles.shape[1] ||
                        !meets(tiles.data[row * tiles.shape[1] + column]))
                        continue;
                    left = column * TILE;
                    top = row * TILE;
                    right = wp::min(left + TILE, width) - 1;
                    bottom = wp::min(top + TILE, height) - 1;
                }
"""
_DRAW = """
                for (int y = top; y <= bottom; ++y) {
                    for (int x = left; x <= right; x += lanes) {
                        const int i = y * width + x;
                        const int room = right - x;
                        float reach[lanes];
                        for (int k = 0; k < lanes; ++k) {
                            const float f0 = dx[i + k] * n0x + dy[i + k] * n0y + dz[i + k] * n0z;
                            const float f1 = dx[i + k] * n1x + dy[i + k] * n1y + dz[i + k] * n1z;
                            const float f2 = dx[i + k] * n2x + dy[i + k] * n2y + dz[i + k] * n2z;
                            const float f = dx[i + k] * nx + dy[i + k] * ny + dz[i + k] * nz;
                            const float inside = wp::min(wp::min(f0, f1), f2);
                            const float along = volume / (f > 0.0f ? f : 1.0f);
                            const float r = f > 0.0f ? wp::min(wp::max(along, low), high) : high;
                            reach[k] = ((inside >= 0.0f) & (f0 + f1 + f2 > 0.0f) & (k <= room)) ? r : 1.0e30f;
                        }
#if defined(__CUDA_ARCH__)
                        if (reach[0] < 1.0e30f) {
                            if (labelled)
                                atomicMin(keys.data + offset + i, ((long long)(__float_as_int(reach[0])) << 32) | t);
                            else
                                wp::atomic_min(ranges.data + offset + i, reach[0]);
                        }
#else
                        // A launch is serial on the CPU, in the order of the triangles: plain minima.
                        float* best = ranges.data + offset + i;
                        if (labelled) {
                            // Selection by mask: written with ?: it stays scalar.
                            int* id = ids.data + offset + i;
                            int label[lanes];
                            for (int k = 0; k < lanes; ++k)
                                label[k] = id[k] ^ ((id[k] ^ t) & -(int)(reach[k] < best[k]));
                            for (int k = 0; k < lanes; ++k)
                                id[k] = label[k];
                        }
                        for (int k = 0; k < lanes; ++k)
                            best[k] = reach[k] < best[k] ? reach[k] : best[k];
#endif
                    }
                }
            }
        }
    }
"""
# a × b, rounded alike up to its sign whichever of the two triangles at the edge asks: see `edge_plane`.
_EDGE = """{
                const int up = iA[k] < iB[k];
                const float fx = up ? Ax[k] : Bx[k], fy = up ? Ay[k] : By[k], fz = up ? Az[k] : Bz[k];
                const float gx = up ? Bx[k] : Ax[k], gy = up ? By[k] : Ay[k], gz = up ? Bz[k] : Az[k];
                const float turn = up ? sign : -sign;
                eNx[k] = (fy * gz - fz * gy) * turn;
                eNy[k] = (fz * gx - fx * gz) * turn;
                eNz[k] = (fx * gy - fy * gx) * turn;
            }"""


def _snippet() -> str:
    code = _FACING + _PREPARE + _RECTANGLES + _DRAW
    for n, a, b in (("0", "b", "c"), ("1", "c", "a"), ("2", "a", "b")):
        edge = _EDGE.replace("A", a).replace("B", b).replace("eN", "e" + n)
        code = code.replace(f"EDGE({n}, {a}, {b})", edge)
    numbers = {
        "SMALL2": f"{SMALL_ANGLE**2:.8g}f",
        "BOXED2": f"{BOXED_ANGLE**2:.8g}f",
        "UNKNOWN": f"{UNKNOWN:.8g}f",
        "BLOCK": str(BLOCK),
        "TILE": str(TILE),
    }
    for name, value in numbers.items():
        code = code.replace(name, value)
    return code


@wp.func_native(_snippet())
def raster_chunk(
    batch: int,
    block: int,
    chunk: int,
    count: int,
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
    """Draw the triangles of one chunk; see `raster`."""
