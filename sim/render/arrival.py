"""Native code, shared by kernels: what arrives from each LED at eight points.

Needs `px, py, pz`, the shading normal `nx, ny, nz` and the smooth one `gx, gy, gz` (lanes) in the device frame, and
`led_count`. `SETUP` comes once; `ARRIVE` opens the loop over LEDs and leaves in it, for LED `l` with its row of values
`led`: the direction `lx, ly, lz` to it, `nl` = max(n·l, 0), the distance `r`, `light`, the irradiance without shadow
but with what transparent sheets and hair take, and `share`, what shadows let through. The loop's closing brace is the
user's. `ARRIVE_LIT` leaves out LEDs whose light reaches none of the points, shadows or not.

A shadow is decided by height: an occluder counts when it stands out of the receiver's tangent plane by more than the
bias, whatever the angle of incidence, so that steep light brings neither acne nor leaks. The four texels around the
receiver's direction vote, bilinearly weighted (percentage-closer filtering).
"""

from sim.render.emitters import DEGREE

SETUP = """
    const float half_width = leds.half_width, bias = leds.bias;
    const int size = leds.size;
    const float texels = 0.5f * (float)size / half_width;
    const float pitch = 1.0f / texels;
    const float top = (float)size - 1.001f;
    const float steps = 2048.0f / (half_width * half_width);
"""
ARRIVE = """
    for (int l = 0; l < led_count; ++l) {
        const float* led = leds.values.data + 14 * l;
        float light[lanes], lx[lanes], ly[lanes], lz[lanes], nl[lanes], r[lanes], share[lanes];
        int facing = 0;
        for (int k = 0; k < lanes; ++k) {
            const float x = led[0] - px[k], y = led[1] - py[k], z = led[2] - pz[k];
            r[k] = wp::sqrt(x * x + y * y + z * z);
            const float inverse = 1.0f / r[k];
            lx[k] = x * inverse;
            ly[k] = y * inverse;
            lz[k] = z * inverse;
            const float cosine = nx[k] * lx[k] + ny[k] * ly[k] + nz[k] * lz[k];
            nl[k] = cosine > 0.0f ? cosine : 0.0f;
            light[k] = led[12] * nl[k] * inverse * inverse;
            share[k] = 1.0f;
            facing |= nl[k] > 0.0f;
        }
        if (!facing)
            continue;  // all turn their backs
        const float* profile = leds.profiles.data + leds.starts.data[l];
        float u[lanes], v[lanes];
        for (int k = 0; k < lanes; ++k) {
            // Stereographic coordinates in the LED's frame, seen from the LED
            const float ex = -(lx[k] * led[3] + ly[k] * led[4] + lz[k] * led[5]);
            const float ey = -(lx[k] * led[6] + ly[k] * led[7] + lz[k] * led[8]);
            const float ez = -(lx[k] * led[9] + ly[k] * led[10] + lz[k] * led[11]);
            const float ahead = 1.0f + ez, s = 1.0f / (ahead > 1e-6f ? ahead : 1e-6f);
            u[k] = ex * s;
            v[k] = ey * s;
        }
        const float* polynomial = leds.polynomials.data + (DEGREE + 2) * l;
        if (polynomial[0] > 0.0f) {
            const float stretch = 2.0f / (half_width * half_width);
            for (int k = 0; k < lanes; ++k) {
                const float beyond = (u[k] * u[k] + v[k] * v[k]) * stretch - 1.0f, t = beyond < 1.0f ? beyond : 1.0f;
                float relative = polynomial[1];
                for (int i = 2; i < DEGREE + 2; ++i)
                    relative = relative * t + polynomial[i];
                light[k] *= relative > 0.0f ? relative : 0.0f;
            }
        } else {
            for (int k = 0; k < lanes; ++k) {
                const float beyond = (u[k] * u[k] + v[k] * v[k]) * steps, at = beyond < 2048.0f ? beyond : 2048.0f;
                const int i = (int)at;
                light[k] *= profile[i] + (profile[i + 1] - profile[i]) * (at - (float)i);
            }
        }
SKIP
        for (int layer = 0; layer < leds.layers; ++layer) {
            if (!leds.crossed.data[layer * leds.count + l])
                continue;
            const wp::vec_t<4, float> span = leds.span.data[layer * leds.count + l];
            int meets = 0;
            for (int k = 0; k < lanes; ++k)
                meets |= (u[k] > span.c[0]) & (v[k] > span.c[1]) & (u[k] < span.c[2]) & (v[k] < span.c[3]);
            if (!meets)
                continue;
            // A texel holds what sheets take and (1 + u² + v²) / range of them: see `sim.render.crossings`.
            const int n = leds.lost_size;
            const float* lost = leds.lost.data + 2 * (long long)(layer * leds.count + l) * n * n;
            const float scale = 0.5f * (float)n / half_width, end = (float)n - 1.001f;
            for (int k = 0; k < lanes; ++k) {
                float x = (u[k] + half_width) * scale - 0.5f, y = (v[k] + half_width) * scale - 0.5f;
                x = x > 0.0f ? x : 0.0f;
                y = y > 0.0f ? y : 0.0f;
                x = x < end ? x : end;
                y = y < end ? y : end;
                const int ix = (int)x, iy = (int)y, i = 2 * (iy * n + ix), j = i + 2 * n;
                const float fx = x - (float)ix, fy = y - (float)iy;
                const float near = (1.0f + u[k] * u[k] + v[k] * v[k]) / r[k];
                const float l00 = near < lost[i + 1] ? lost[i] : 0.0f, l10 = near < lost[i + 3] ? lost[i + 2] : 0.0f;
                const float l01 = near < lost[j + 1] ? lost[j] : 0.0f, l11 = near < lost[j + 3] ? lost[j + 2] : 0.0f;
                const float t0 = l00 + (l10 - l00) * fx, t1 = l01 + (l11 - l01) * fx;
                light[k] *= 1.0f - (t0 + (t1 - t0) * fy);
            }
        }
        if (leds.hairs) {
            // A texel holds the optical depth and where hair begins: see `sim.render.veil`. Most have none near.
            const int n = leds.veil_size;
            const unsigned char* veiled = leds.veiled.data + (long long)l * n * n;
            const float scale = 0.5f * (float)n / half_width, end = (float)n - 1.001f;
            float fx[lanes], fy[lanes];
            int at[lanes], some = 0;
            for (int k = 0; k < lanes; ++k) {
                float x = (u[k] + half_width) * scale - 0.5f, y = (v[k] + half_width) * scale - 0.5f;
                x = x > 0.0f ? x : 0.0f;
                y = y > 0.0f ? y : 0.0f;
                x = x < end ? x : end;
                y = y < end ? y : end;
                const int ix = (int)x, iy = (int)y;
                at[k] = iy * n + ix;
                fx[k] = x - (float)ix;
                fy[k] = y - (float)iy;
            }
            for (int k = 0; k < lanes; ++k)
                some |= veiled[at[k]];
            if (some) {
                const float* veil = leds.veil.data + 2 * (long long)l * n * n;
                for (int k = 0; k < lanes; ++k) {
                    const float* upper = veil + 2 * at[k];
                    const float* lower = upper + 2 * n;
                    const float d00 = r[k] > upper[1] ? upper[0] : 0.0f, d10 = r[k] > upper[3] ? upper[2] : 0.0f;
                    const float d01 = r[k] > lower[1] ? lower[0] : 0.0f, d11 = r[k] > lower[3] ? lower[2] : 0.0f;
                    const float t0 = d00 + (d10 - d00) * fx[k], t1 = d01 + (d11 - d01) * fx[k];
                    float d = t0 + (t1 - t0) * fy[k];
                    d = d < 32.0f ? d : 32.0f;
                    // exp(-d), to 0.1 % at 3
                    float e = 1.0f - d * (0.015625f - d * 0.00012207031f);
                    for (int i = 0; i < 6; ++i)
                        e *= e;
                    light[k] *= e;
                }
            }
        }
        if (leds.shadows) {
            // A texel holds w = (1 + u² + v²) / range. Its occluder shadows if it is nearer than the receiver, so that
            // w exceeds (1 + u² + v²) / r, and stands out of the receiver's tangent plane by more than the bias, so
            // that w exceeds -n·(2 u, 2 v, 1 - u² - v²) / (r n·l - bias).
            const float* map = leds.maps.data + (long long)l * (size * size + 8);
            for (int k = 0; k < lanes; ++k) {
                const float mx = gx[k] * led[3] + gy[k] * led[4] + gz[k] * led[5];
                const float my = gx[k] * led[6] + gy[k] * led[7] + gz[k] * led[8];
                const float mz = gx[k] * led[9] + gy[k] * led[10] + gz[k] * led[11];
                const float gl = gx[k] * lx[k] + gy[k] * ly[k] + gz[k] * lz[k];
                float x = (u[k] + half_width) * texels - 0.5f, y = (v[k] + half_width) * texels - 0.5f;
                x = x > 0.0f ? x : 0.0f;
                y = y > 0.0f ? y : 0.0f;
                x = x < top ? x : top;
                y = y < top ? y : top;
                const int ix = (int)x, iy = (int)y;
                const float fx = x - (float)ix, fy = y - (float)iy;
                const int i = iy * size + ix;
                const float w00 = map[i], w10 = map[i + 1], w01 = map[i + size], w11 = map[i + size + 1];
                const float u0 = ((float)ix + 0.5f) * pitch - half_width, u1 = u0 + pitch;
                const float v0 = ((float)iy + 0.5f) * pitch - half_width, v1 = v0 + pitch;
                const float height = r[k] * gl - bias;
                const float one = -1.0f / (height > 1e-7f ? height : 1e-7f), d = -mz * one;
                const float b = 2.0f * mx * one, c = 2.0f * my * one, a = mz * one, near = 1.0f / r[k];
                const float px0 = u0 * (b + d * u0), px1 = u1 * (b + d * u1);
                const float py0 = v0 * (c + d * v0) + a, py1 = v1 * (c + d * v1) + a;
                const float qx0 = u0 * u0 * near, qx1 = u1 * u1 * near;
                const float qy0 = v0 * v0 * near + near, qy1 = v1 * v1 * near + near;
                const float p00 = px0 + py0, p10 = px1 + py0, p01 = px0 + py1, p11 = px1 + py1;
                const float q00 = qx0 + qy0, q10 = qx1 + qy0, q01 = qx0 + qy1, q11 = qx1 + qy1;
                const float l00 = w00 > (p00 > q00 ? p00 : q00) ? 0.0f : 1.0f;
                const float l10 = w10 > (p10 > q10 ? p10 : q10) ? 0.0f : 1.0f;
                const float l01 = w01 > (p01 > q01 ? p01 : q01) ? 0.0f : 1.0f;
                const float l11 = w11 > (p11 > q11 ? p11 : q11) ? 0.0f : 1.0f;
                const float t0 = l00 + (l10 - l00) * fx, t1 = l01 + (l11 - l01) * fx;
                share[k] = t0 + (t1 - t0) * fy;
            }
        }
""".replace("DEGREE", str(DEGREE))
_UNLIT = """
        int lit = 0;
        for (int k = 0; k < lanes; ++k)
            lit |= light[k] > 0.0f;
        if (!lit)
            continue;  // it shines elsewhere
"""
ARRIVE, ARRIVE_LIT = ARRIVE.replace("SKIP\n", ""), ARRIVE.replace("SKIP\n", _UNLIT)
