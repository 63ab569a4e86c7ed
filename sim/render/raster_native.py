# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""The native code of `sim.render.raster`: vertices projected, triangles prepared and rays tested, eight at a time.

Arrays of eight become vector registers; on the GPU a thread takes one triangle. The steps: leave out clusters out of
sight and triangles that turn their backs; project the cluster's vertices; compute edge planes and boxes; for each
triangle, rectangles of rays; test the rays (`sim.render.raster_rays`).
"""

import numpy as np
import warp as wp

from sim.render.clusters import CLUSTER
from sim.render.device import KERNEL_OPTIONS
from sim.render.raster_rays import DRAW, LATTICE, MACROS
from sim.render.rays import BLOCK, EMPTY_RANGE, TILE
from sim.render.structs import Directions, Pose, Rays, Solid
from sim.render.tables import BOXED_ANGLE, OUTSIDE, SMALL_ANGLE, UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

_SIGHT = """
    const wp::vec_t<3, float> o = origins.data[batch];
    const wp::mat_t<3, 3, float> R = frames.data[batch];
#if defined(__CUDA_ARCH__)
    const int lanes = 1, most = 3;
    const int begin = block, end = block + 1;
#else
    const int lanes = 8, most = 3 * CLUSTER + 8;
    const int begin = solid.starts.data[block], end = solid.starts.data[block + 1];
    {
        const wp::vec_t<4, float> ball = pose.spheres.data[block];
        const float x = ball.c[0] - o.c[0], y = ball.c[1] - o.c[1], z = ball.c[2] - o.c[2], radius = ball.c[3];
        const float cx = x * R.data[0][0] + y * R.data[1][0] + z * R.data[2][0];
        const float cy = x * R.data[0][1] + y * R.data[1][1] + z * R.data[2][1];
        const float cz = x * R.data[0][2] + y * R.data[1][2] + z * R.data[2][2];
        const float away = wp::sqrt(cx * cx + cy * cy + cz * cz);
        if (away > radius && wp::acos(cz / away) > grid.reach + wp::asin(radius / away))
            return;
        for (int k = 0; k < grid.limits.shape[0]; ++k) {
            const wp::vec_t<3, float> m = grid.limits.data[k];
            if (cx * m.c[0] + cy * m.c[1] + cz * m.c[2] < -radius)
                return;
        }
    }
#endif
    // Triangles that may show a face that is seen.
    int live[CLUSTER];
    int alive = 0;
    const int row = pose.planes.shape[1];
    const float* plane = pose.planes.data;
    for (int s = begin; s < end; s += lanes) {
        int facing[lanes];
        for (int k = 0; k < lanes; ++k)
            facing[k] = plane[s + k] * o.c[0] + plane[row + s + k] * o.c[1] + plane[2 * row + s + k] * o.c[2] >=
                        plane[3 * row + s + k];
        for (int k = 0; k < wp::min(lanes, end - s); ++k) {
            const int sides = solid.two_sided.data[s + k];
            live[alive] = s + k;
            alive += (facing[k] | (sides != 0)) & (kinds >> (sides >> 1)) & 1;
        }
    }
    if (alive == 0)
        return;
"""
_PROJECT = """
    // The vertices: coordinates in the camera's or the LED's frame, roughly the pixel, the largest second derivative
    // of that along great circles nearby (px/rad2; or OUTSIDE, UNKNOWN), and how far off the pixel may be.
    const int width = grid.width, height = grid.height;
    const float half_width = directions.half_width;
    const float pitch = 2.0f * half_width / (float)width;
    float X[most], Y[most], Z[most], U[most], V[most], bend[most], slack[most];
#if defined(__CUDA_ARCH__)
    const int* own = solid.triangles.data[block].c;
    const int points = 3;
#else
    const int* own = solid.cluster_vertices.data + solid.vertex_starts.data[block];
    const int points = solid.vertex_starts.data[block + 1] - solid.vertex_starts.data[block];
#endif
    for (int s = 0; s < points; s += lanes) {
        float dx[lanes], dy[lanes], dz[lanes];
        for (int k = 0; k < lanes; ++k) {
            const wp::vec_t<3, float> p = pose.positions.data[own[wp::min(s + k, points - 1)]];
            dx[k] = p.c[0] - o.c[0];
            dy[k] = p.c[1] - o.c[1];
            dz[k] = p.c[2] - o.c[2];
        }
        for (int k = 0; k < lanes; ++k) {
            X[s + k] = dx[k] * R.data[0][0] + dy[k] * R.data[1][0] + dz[k] * R.data[2][0];
            Y[s + k] = dx[k] * R.data[0][1] + dy[k] * R.data[1][1] + dz[k] * R.data[2][1];
            Z[s + k] = dx[k] * R.data[0][2] + dy[k] * R.data[1][2] + dz[k] * R.data[2][2];
        }
        float u[lanes], v[lanes];
        for (int k = 0; k < lanes; ++k) {
            const float x = X[s + k], y = Y[s + k], z = Z[s + k];
            const float w = wp::sqrt(x * x + y * y + z * z) + z;
            const float inverse = w > 1e-9f ? 1.0f / w : 1e9f;
            u[k] = x * inverse;
            v[k] = y * inverse;
        }
        if (directions.lattice) {
            const float scale = 0.5f * (float)width / half_width;
            // 0.16 > tan(SMALL_ANGLE / 2): from further out no small triangle reaches the disc of lit directions.
            const float far = (half_width + 0.16f) / wp::max(1.0f - half_width * 0.16f, 0.05f);
            for (int k = 0; k < lanes; ++k) {
                const float rho2 = u[k] * u[k] + v[k] * v[k];
                U[s + k] = (u[k] + half_width) * scale - 0.5f;
                V[s + k] = (v[k] + half_width) * scale - 0.5f;
                // A great circle bends by at most rho (1 + rho2) / 2 in these coordinates; 2 covers its variation.
                const float curve = scale * (wp::sqrt(rho2) + 0.1f) * (1.0f + rho2);
                bend[s + k] = rho2 <= far * far ? curve : OUTSIDE;
                slack[s + k] = 0.01f;
            }
        } else {
            const int n = directions.cells.shape[0];
            const float scale = 0.5f * (float)n / half_width;
            for (int k = 0; k < lanes; ++k) {
                const float x = (u[k] + half_width) * scale, y = (v[k] + half_width) * scale;
                const bool inside = (x >= 0.0f) & (y >= 0.0f) & (x < (float)n) & (y < (float)n);
                const int ix = inside ? (int)x : 0, iy = inside ? (int)y : 0;
                const float fx = x - (float)ix, fy = y - (float)iy;
                const wp::vec_t<2, float>* node = directions.nodes.data + iy * (n + 1) + ix;
                const wp::vec_t<2, float> cell = directions.cells.data[iy * n + ix];
                const float ux = node[0].c[0] + (node[1].c[0] - node[0].c[0]) * fx;
                const float lx = node[n + 1].c[0] + (node[n + 2].c[0] - node[n + 1].c[0]) * fx;
                const float uy = node[0].c[1] + (node[1].c[1] - node[0].c[1]) * fx;
                const float ly = node[n + 1].c[1] + (node[n + 2].c[1] - node[n + 1].c[1]) * fx;
                U[s + k] = inside ? ux + (lx - ux) * fy : 0.0f;
                V[s + k] = inside ? uy + (ly - uy) * fy : 0.0f;
                bend[s + k] = inside ? cell.c[0] : directions.beyond;
                slack[s + k] = inside ? cell.c[1] : 0.0f;
            }
        }
    }
"""
_HIDDEN = """
#if !defined(__CUDA_ARCH__)
    // Is all of the cluster behind what is drawn already? No point of a triangle is farther than its longest edge
    // / sqrt(3) from all of its corners, and no edge strays from its chord by more than `pad`.
    {
        float left[lanes], right[lanes], above[lanes], below[lanes];
        float near2[lanes], curve[lanes], known[lanes], off[lanes];
        for (int k = 0; k < lanes; ++k) {
            left[k] = above[k] = near2[k] = 1.0e9f;
            right[k] = below[k] = -1.0e9f;
            curve[k] = off[k] = 0.0f;
            known[k] = 1.0f;
        }
        for (int s = 0; s < points; s += lanes)
            for (int k = 0; k < lanes; ++k) {
                const float range2 = X[s + k] * X[s + k] + Y[s + k] * Y[s + k] + Z[s + k] * Z[s + k];
                left[k] = U[s + k] < left[k] ? U[s + k] : left[k];
                right[k] = U[s + k] > right[k] ? U[s + k] : right[k];
                above[k] = V[s + k] < above[k] ? V[s + k] : above[k];
                below[k] = V[s + k] > below[k] ? V[s + k] : below[k];
                near2[k] = range2 < near2[k] ? range2 : near2[k];
                curve[k] = bend[s + k] > curve[k] ? bend[s + k] : curve[k];
                known[k] = bend[s + k] < known[k] ? bend[s + k] : known[k];
                off[k] = slack[s + k] > off[k] ? slack[s + k] : off[k];
            }
        for (int k = 1; k < lanes; ++k) {
            left[0] = wp::min(left[0], left[k]);
            right[0] = wp::max(right[0], right[k]);
            above[0] = wp::min(above[0], above[k]);
            below[0] = wp::max(below[0], below[k]);
            near2[0] = wp::min(near2[0], near2[k]);
            curve[0] = wp::max(curve[0], curve[k]);
            known[0] = wp::min(known[0], known[k]);
            off[0] = wp::max(off[0], off[k]);
        }
        const float edge = pose.edges.data[block];
        if (known[0] >= 0.0f && curve[0] < UNKNOWN && edge * edge < BOXED2 * near2[0]) {
            const float pad = curve[0] * 0.14f * edge * edge / near2[0] + off[0];
            const int x0 = (int)wp::max(left[0] - pad, 0.0f), y0 = (int)wp::max(above[0] - pad, 0.0f);
            const int x1 = (int)wp::min(right[0] + pad, (float)(width - 1));
            const int y1 = (int)wp::min(below[0] + pad, (float)(height - 1));
            const float nearest = wp::max(wp::sqrt(near2[0]) - 0.578f * edge, 1e-9f);
            const float ua = (float)x0 * pitch - half_width, ub = (float)(x1 + 1) * pitch - half_width;
            const float va = (float)y0 * pitch - half_width, vb = (float)(y1 + 1) * pitch - half_width;
            const float longest = 1.0f + wp::max(ua * ua, ub * ub) + wp::max(va * va, vb * vb);
            int seen = 0;
            for (int y = y0; y <= y1 && !seen; ++y) {
                const float* row = ranges.data + (long long)batch * grid.rays.shape[1] + y * width;
                if (directions.lattice) {
                    for (int x = x0; x <= x1; ++x)
                        seen |= row[x] * nearest < longest;
                } else {
                    for (int x = x0; x <= x1; ++x)
                        seen |= row[x] > nearest;
                }
            }
            if (!seen)
                return;
        }
    }
#endif
"""
_PREPARE = """
    const int stride = grid.rays.shape[1];
    const float* dx = grid.rays.data;
    const float* dy = dx + stride;
    const float* dz = dy + stride;
    const long long offset = (long long)batch * stride;
    auto bits = [](float f) {
        union {
            float f;
            int i;
        } both;
        both.f = f;
        return both.i;
    };
    for (int s = 0; s < alive; s += lanes) {
        float ax[lanes], ay[lanes], az[lanes], bx[lanes], by[lanes], bz[lanes], cx[lanes], cy[lanes], cz[lanes];
        float u[3][lanes], v[3][lanes], curvature[lanes], least[lanes], error[lanes], single[lanes];
        int ia[lanes], ib[lanes], ic[lanes];  // compare as the vertices do
        for (int k = 0; k < lanes; ++k) {
            const int t = live[wp::min(s + k, alive - 1)];
#if defined(__CUDA_ARCH__)
            const int a = 0, b = 1, c = 2;
            ia[k] = own[0]; ib[k] = own[1]; ic[k] = own[2];
#else
            const wp::vec_t<3, int> corner = solid.corners.data[t];
            const int a = corner.c[0], b = corner.c[1], c = corner.c[2];
            ia[k] = a; ib[k] = b; ic[k] = c;
#endif
            ax[k] = X[a]; ay[k] = Y[a]; az[k] = Z[a];
            bx[k] = X[b]; by[k] = Y[b]; bz[k] = Z[b];
            cx[k] = X[c]; cy[k] = Y[c]; cz[k] = Z[c];
            u[0][k] = U[a]; u[1][k] = U[b]; u[2][k] = U[c];
            v[0][k] = V[a]; v[1][k] = V[b]; v[2][k] = V[c];
            curvature[k] = wp::max(wp::max(bend[a], bend[b]), bend[c]);
            least[k] = wp::min(wp::min(bend[a], bend[b]), bend[c]);
            error[k] = wp::max(wp::max(slack[a], slack[b]), slack[c]);
            single[k] = solid.two_sided.data[t] ? 0.0f : 1.0f;
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
            const int empty = boxed & ((x1[k] < x0[k]) | (y1[k] < y0[k]));
            mode[k] = (skip | empty) ? 0 : (boxed ? 1 : 2);
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
                parts = grid.blocks.shape[0] * grid.blocks.shape[1] * BLOCK * BLOCK;
                for (int k = 0; k < grid.limits.shape[0]; ++k) {
                    const wp::vec_t<3, float> m = grid.limits.data[k];
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
                    if (within == 0 && !meets(grid.blocks.data[which])) {
                        part += BLOCK * BLOCK - 1;
                        continue;
                    }
                    const int row = which / grid.blocks.shape[1] * BLOCK + within / BLOCK;
                    const int column = which % grid.blocks.shape[1] * BLOCK + within % BLOCK;
                    if (row >= grid.tiles.shape[0] || column >= grid.tiles.shape[1] ||
                        !meets(grid.tiles.data[row * grid.tiles.shape[1] + column]))
                        continue;
                    left = column * TILE;
                    top = row * TILE;
                    right = wp::min(left + TILE, width) - 1;
                    bottom = wp::min(top + TILE, height) - 1;
                }
"""


def _snippet() -> str:
    code = MACROS + _SIGHT + _PROJECT + _HIDDEN + _PREPARE + _RECTANGLES + LATTICE + DRAW
    numbers = {
        "SMALL2": f"{SMALL_ANGLE**2:.8g}f",
        "BOXED2": f"{BOXED_ANGLE**2:.8g}f",
        "UNKNOWN": f"{UNKNOWN:.8g}f",
        "OUTSIDE": f"{OUTSIDE:.1f}f",
        "EMPTY": str(int(EMPTY_RANGE.view(np.int32))),
        "CLUSTER": str(CLUSTER),
        "BLOCK": str(BLOCK),
        "TILE": str(TILE),
    }
    for name, value in numbers.items():
        code = code.replace(name, value)
    return code


@wp.func_native(_snippet())
def raster_cluster(
    batch: int,
    block: int,
    solid: Solid,
    pose: Pose,
    origins: wp.array[wp.vec3],
    frames: wp.array[wp.mat33],
    grid: Rays,
    directions: Directions,
    kinds: int,
    keys: wp.array[wp.int64],
    ranges: wp.array[float],
    ids: wp.array[int],
) -> None:
    """Draw the triangles of one cluster, on the GPU one triangle; see `raster`."""
