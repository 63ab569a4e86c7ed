"""The innermost loops of `sim.render.raster`: rays of a rectangle against one triangle, eight at a time.

Snippets of `sim.render.raster_native`, in whose scope they stand: the triangle's edge planes n0, n1 and n2, its plane
n, its volume, and bounds on its range, low and high.
"""

MACROS = r"""
#if defined(__CUDA_ARCH__)
#define FMA __fmaf_rn
#else
#define FMA __builtin_fmaf
#endif
// Edge plane a x b, rounded alike up to its sign whichever of the two triangles at the edge asks: see `edge_plane`.
#define EDGE(n, a, b)                                                                     \
    {                                                                                     \
        const int up = i##a[k] < i##b[k];                                                 \
        const float fx = up ? a##x[k] : b##x[k], gx = up ? b##x[k] : a##x[k];             \
        const float fy = up ? a##y[k] : b##y[k], gy = up ? b##y[k] : a##y[k];             \
        const float fz = up ? a##z[k] : b##z[k], gz = up ? b##z[k] : a##z[k];             \
        const float turn = up ? sign : -sign;                                             \
        e##n##x[k] = FMA(fy, gz, -(fz * gy)) * turn;                                      \
        e##n##y[k] = FMA(fz, gx, -(fx * gz)) * turn;                                      \
        e##n##z[k] = FMA(fx, gy, -(fy * gx)) * turn;                                      \
    }
// Whether the ray of lane k hits, as a mask of bits. Minima are written out, here and below: the compiler makes vector
// code of that, and less of `wp::min` and `&&`.
#define HIT                                                                               \
    const float least = f0 < f1 ? f0 : f1;                                                \
    const float inside = least < f2 ? least : f2;                                         \
    const int hit = -(int)(inside >= 0.0f) & -(int)(f0 + f1 + f2 > 0.0f) & -(int)(k <= room);
"""
LATTICE = """
                // A texel's direction is (2 u, 2 v, 1 - u² - v²) / (1 + u² + v²): cheaper computed than fetched. It
                // holds (1 + u² + v²) / range, the product of the plane with the numerator, over the volume.
                if (directions.lattice) {
                    const float scale_w = 1.0f / volume, far_w = 1.0f / high, near_w = 1.0f / low;
                    for (int y = top; y <= bottom; ++y) {
                        const float v = FMA((float)y + 0.5f, pitch, -half_width);
                        const float rest = 1.0f - v * v, longer = FMA(v, v, 1.0f);
                        const float r0 = FMA(2.0f * v, n0y, rest * n0z), r1 = FMA(2.0f * v, n1y, rest * n1z),
                                    r2 = FMA(2.0f * v, n2y, rest * n2z), r = FMA(2.0f * v, ny, rest * nz);
                        const float d0 = 2.0f * n0x, d1 = 2.0f * n1x, d2 = 2.0f * n2x, d = 2.0f * nx;
                        for (int x = left; x <= right; x += lanes) {
                            const float u0 = FMA((float)x + 0.5f, pitch, -half_width);
                            const int room = right - x;
                            int w[lanes];
                            for (int k = 0; k < lanes; ++k) {
                                const float u = FMA((float)k, pitch, u0);
                                const float f0 = FMA(u, FMA(-u, n0z, d0), r0), f1 = FMA(u, FMA(-u, n1z, d1), r1),
                                            f2 = FMA(u, FMA(-u, n2z, d2), r2), f = FMA(u, FMA(-u, nz, d), r);
                                HIT
                                const float length = FMA(u, u, longer);
                                const float least_w = length * far_w, most_w = length * near_w;
                                const float along = f * scale_w, above = along > least_w ? along : least_w;
                                w[k] = bits(above < most_w ? above : most_w) & hit;
                            }
                            int* best = (int*)(ranges.data + offset + y * width + x);
#if defined(__CUDA_ARCH__)
                            if (w[0])
                                atomicMax(best, w[0]);
#else
                            for (int k = 0; k < lanes; ++k)
                                best[k] = w[k] > best[k] ? w[k] : best[k];
#endif
                        }
                    }
                    continue;
                }
"""
DRAW = """
                for (int y = top; y <= bottom; ++y) {
                    for (int x = left; x <= right; x += lanes) {
                        const int i = y * width + x;
                        const int room = right - x;
                        int reach[lanes];
                        for (int k = 0; k < lanes; ++k) {
                            const float d0 = dx[i + k], d1 = dy[i + k], d2 = dz[i + k];
                            const float f0 = FMA(d0, n0x, FMA(d1, n0y, d2 * n0z)),
                                        f1 = FMA(d0, n1x, FMA(d1, n1y, d2 * n1z)),
                                        f2 = FMA(d0, n2x, FMA(d1, n2y, d2 * n2z)),
                                        f = FMA(d0, nx, FMA(d1, ny, d2 * nz));
                            HIT
                            const float along = volume / (f > 0.0f ? f : 1.0f), above = along > low ? along : low;
                            const float within = f > 0.0f ? (above < high ? above : high) : high;
                            reach[k] = (bits(within) & hit) | (EMPTY & ~hit);
                        }
#if defined(__CUDA_ARCH__)
                        if (reach[0] != EMPTY)
                            atomicMin(keys.data + offset + i, ((long long)reach[0] << 32) | t);
#else
                        // A launch is serial on the CPU, in the order of the triangles: plain minima.
                        int* best = (int*)(ranges.data + offset + i);
                        int* id = ids.data + offset + i;
                        int label[lanes];
                        for (int k = 0; k < lanes; ++k)
                            label[k] = id[k] ^ ((id[k] ^ t) & -(int)(reach[k] < best[k]));
                        for (int k = 0; k < lanes; ++k)
                            id[k] = label[k];
                        for (int k = 0; k < lanes; ++k)
                            best[k] = reach[k] < best[k] ? reach[k] : best[k];
#endif
                    }
                }
            }
        }
    }
"""
