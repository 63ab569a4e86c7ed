# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Radiance of pixels under all LEDs: radiant intensity, profile, inverse square, shadow, Lambert and GGX.

For an LED at distance r in direction l, with shading normal n and direction v to the camera:

    E   = I(angle) max(n·l, 0) / r²                                irradiance, W/m²
    L_d = albedo / pi · (s E + glow)                               Lambert; s: the share that leaves where it entered
    L_s = E · D F G2 / (4 (n·l) (n·v))                             microfacets
    D   = a² / (pi ((n·h)² (a² - 1) + 1)²)                         GGX, a: the GGX alpha (Walter et al. 2007)
    G2/(4 (n·l)(n·v)) = 0.5 / ((n·l) Λ(v) + (n·v) Λ(l)),  Λ(x) = sqrt((n·x)² (1 - a²) + a²)
                                                                   height-correlated Smith (Heitz 2014)
    F   = F0 + (1 - F0) (1 - v·h)⁵                                 Schlick

The albedo is the diffuse part alone: what the surface reflects specularly is already taken off it (design, section 5).

Pixels are taken eight at a time, as arrays of eight that the compiler turns into vector registers: Warp's own arrays
have strides known only at run time, which forbid that. Hence native code; it is plain C++ and compiles for both
devices, on the GPU with one pixel a thread.
"""

import warp as wp

from sim.render.arrival import ARRIVE_LIT, SETUP
from sim.render.device import FUSED_OPTIONS
from sim.render.structs import Leds, Maps, Vertex
from sim.render.texels import READ_MAPS, with_constants

wp.set_module_options(FUSED_OPTIONS)

UNEVEN = -(2**31)
"""Bit of a pixel's state: a shadow's edge cuts some LED's light there. The other bits are the LEDs that shine on it."""

LANES = 8
"""Pixels a thread on the CPU."""

_NODES = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    const float* all = (const float*)vertices.data;
    const int stride = rays.shape[1];
    if (maps.width == 0 && irradiance.shape[0] <= 1) {
        // Where nodes hold all the light, it is interpolated, and no LED is asked.
        float most = 0.0f;
        for (int k = 0; k < lanes; ++k)
            most += table.data[materials.data[ids.data[work.data[wp::min(first + k, count - 1)]]]].c[2];
        if (most == 0.0f) {
            float a[4][lanes], b[4][lanes], c[4][lanes], dx[lanes], dy[lanes], dz[lanes];
            for (int k = 0; k < lanes; ++k) {
                const int i = work.data[wp::min(first + k, count - 1)];
                const wp::vec_t<3, int> corner = triangles.data[ids.data[i]];
                const float* p = all + VERTEX * corner.c[0];
                const float* q = all + VERTEX * corner.c[1];
                const float* r = all + VERTEX * corner.c[2];
                for (int j = 0; j < 3; ++j) {
                    a[j][k] = p[j];
                    b[j][k] = q[j];
                    c[j][k] = r[j];
                }
                a[3][k] = p[6] * p[8] + p[7] * p[9];
                b[3][k] = q[6] * q[8] + q[7] * q[9];
                c[3][k] = r[6] * r[8] + r[7] * r[9];
                dx[k] = rays.data[i];
                dy[k] = rays.data[stride + i];
                dz[k] = rays.data[2 * stride + i];
            }
            float out[lanes];
            for (int k = 0; k < lanes; ++k) {
                const float x = R.data[0][0] * dx[k] + R.data[0][1] * dy[k] + R.data[0][2] * dz[k];
                const float y = R.data[1][0] * dx[k] + R.data[1][1] * dy[k] + R.data[1][2] * dz[k];
                const float z = R.data[2][0] * dx[k] + R.data[2][1] * dy[k] + R.data[2][2] * dz[k];
                const float ax = a[0][k] - origin.c[0], ay = a[1][k] - origin.c[1], az = a[2][k] - origin.c[2];
                const float bx = b[0][k] - origin.c[0], by = b[1][k] - origin.c[1], bz = b[2][k] - origin.c[2];
                const float cx = c[0][k] - origin.c[0], cy = c[1][k] - origin.c[1], cz = c[2][k] - origin.c[2];
                float e0 = x * (by * cz - bz * cy) + y * (bz * cx - bx * cz) + z * (bx * cy - by * cx);
                float e1 = x * (cy * az - cz * ay) + y * (cz * ax - cx * az) + z * (cx * ay - cy * ax);
                float e2 = x * (ay * bz - az * by) + y * (az * bx - ax * bz) + z * (ax * by - ay * bx);
                const float side = e0 + e1 + e2 < 0.0f ? -1.0f : 1.0f;
                e0 = wp::max(e0 * side, 0.0f);
                e1 = wp::max(e1 * side, 0.0f);
                e2 = wp::max(e2 * side, 1e-30f);
                out[k] = 0.318309886f * (a[3][k] * e0 + b[3][k] * e1 + c[3][k] * e2) / (e0 + e1 + e2);
            }
            for (int k = 0; k < lanes; ++k) {
                const int i = work.data[wp::min(first + k, count - 1)];
                radiance.data[i] = out[k];
                if (states.shape[0] > 1)
                    states.data[i] = 0;
            }
            return;
        }
    }
"""
_GATHER = """
    // Corners of each pixel's triangle, relative to the camera: x, y, z, normal, albedo at 850 and 940 nm.
    float a[12][lanes], b[12][lanes], c[12][lanes], dx[lanes], dy[lanes], dz[lanes];
    float keep[lanes], f0[lanes], alpha[lanes], direct[lanes], textured[lanes];
    int pixel[lanes];
    for (int k = 0; k < lanes; ++k) {
        const int i = work.data[wp::min(first + k, count - 1)];
        const int t = ids.data[i];
        const wp::vec_t<3, int> corner = triangles.data[t];
        for (int j = 0; j < 12; ++j) {
            a[j][k] = all[VERTEX * corner.c[0] + j];
            b[j][k] = all[VERTEX * corner.c[1] + j];
            c[j][k] = all[VERTEX * corner.c[2] + j];
        }
        pixel[k] = i;
        dx[k] = rays.data[i];
        dy[k] = rays.data[stride + i];
        dz[k] = rays.data[2 * stride + i];
        keep[k] = t < head_triangles ? 1.0f : 0.0f;  // the housing has no highlights that could need the lift
        const wp::vec_t<4, float> material = table.data[materials.data[t]];
        f0[k] = material.c[0];
        alpha[k] = material.c[1];
        direct[k] = material.c[2] * 0.318309886f;
        textured[k] = material.c[3];
    }
"""
_SURFACE = """
    // Position, shading normal towards the camera, direction to the camera, albedo.
    float px[lanes], py[lanes], pz[lanes], nx[lanes], ny[lanes], nz[lanes], gx[lanes], gy[lanes], gz[lanes];
    float vx[lanes], vy[lanes], vz[lanes];
    float nv[lanes], albedo0[lanes], albedo1[lanes], glow[lanes], a2[lanes], lambda_v[lanes];
    float tex_u[lanes], tex_v[lanes], away[lanes];
    const float ox = origin.c[0], oy = origin.c[1], oz = origin.c[2];
    for (int k = 0; k < lanes; ++k) {
        const float x = R.data[0][0] * dx[k] + R.data[0][1] * dy[k] + R.data[0][2] * dz[k];
        const float y = R.data[1][0] * dx[k] + R.data[1][1] * dy[k] + R.data[1][2] * dz[k];
        const float z = R.data[2][0] * dx[k] + R.data[2][1] * dy[k] + R.data[2][2] * dz[k];
        const float ax = a[0][k] - ox, ay = a[1][k] - oy, az = a[2][k] - oz;
        const float bx = b[0][k] - ox, by = b[1][k] - oy, bz = b[2][k] - oz;
        const float cx = c[0][k] - ox, cy = c[1][k] - oy, cz = c[2][k] - oz;
        float e0 = x * (by * cz - bz * cy) + y * (bz * cx - bx * cz) + z * (bx * cy - by * cx);
        float e1 = x * (cy * az - cz * ay) + y * (cz * ax - cx * az) + z * (cx * ay - cy * ax);
        float e2 = x * (ay * bz - az * by) + y * (az * bx - ax * bz) + z * (ax * by - ay * bx);
        // All have the sign of their sum, but for rounding on thin triangles; the front has a negative one.
        const float side = e0 + e1 + e2 < 0.0f ? -1.0f : 1.0f;
        e0 = wp::max(e0 * side, 0.0f);
        e1 = wp::max(e1 * side, 0.0f);
        e2 = wp::max(e2 * side, 1e-30f);
        const float inverse = 1.0f / (e0 + e1 + e2);
        e0 *= inverse;
        e1 *= inverse;
        e2 *= inverse;
        const float qx = ax * e0 + bx * e1 + cx * e2, qy = ay * e0 + by * e1 + cy * e2,
                    qz = az * e0 + bz * e1 + cz * e2;
        const float mx = a[3][k] * e0 + b[3][k] * e1 + c[3][k] * e2, my = a[4][k] * e0 + b[4][k] * e1 + c[4][k] * e2,
                    mz = a[5][k] * e0 + b[5][k] * e1 + c[5][k] * e2;
        const float m = -side / wp::sqrt(wp::max(mx * mx + my * my + mz * mz, 1e-30f));
        const float q = -1.0f / wp::sqrt(qx * qx + qy * qy + qz * qz);
        px[k] = qx + ox;
        py[k] = qy + oy;
        pz[k] = qz + oz;
        gx[k] = nx[k] = mx * m;
        gy[k] = ny[k] = my * m;
        gz[k] = nz[k] = mz * m;
        vx[k] = qx * q;
        vy[k] = qy * q;
        vz[k] = qz * q;
        albedo0[k] = a[6][k] * e0 + b[6][k] * e1 + c[6][k] * e2;
        albedo1[k] = a[7][k] * e0 + b[7][k] * e1 + c[7][k] * e2;
        const float glow0 = a[8][k] * e0 + b[8][k] * e1 + c[8][k] * e2;
        const float glow1 = a[9][k] * e0 + b[9][k] * e1 + c[9][k] * e2;
        glow[k] = (albedo0[k] * glow0 + albedo1[k] * glow1) * 0.318309886f;
        tex_u[k] = a[10][k] * e0 + b[10][k] * e1 + c[10][k] * e2;
        tex_v[k] = a[11][k] * e0 + b[11][k] * e1 + c[11][k] * e2;
        away[k] = wp::sqrt(qx * qx + qy * qy + qz * qz);
    }
"""
_DETAIL = """
    float any_texture = 0.0f;
    for (int k = 0; k < lanes; ++k)
        any_texture += textured[k];
    if (maps.width > 0 && any_texture > 0.0f) {
        float texels[4][lanes];
        for (int k = 0; k < lanes; ++k) {
            if (textured[k] > 0.0f) {
                float texel[4];
                read_maps(tex_u[k], tex_v[k], texel);
                for (int j = 0; j < 4; ++j)
                    texels[j][k] = texel[j];
            } else {
                for (int j = 0; j < 4; ++j)
                    texels[j][k] = ZERO;
            }
        }
        for (int k = 0; k < lanes; ++k) {
            // Unit vectors along increasing u and v; a slope along each tilts the normal.
            const float u1 = b[10][k] - a[10][k], v1 = b[11][k] - a[11][k], u2 = c[10][k] - a[10][k],
                        v2 = c[11][k] - a[11][k];
            const float turn = u1 * v2 - u2 * v1 < 0.0f ? -1.0f : 1.0f;
            const float x1 = b[0][k] - a[0][k], y1 = b[1][k] - a[1][k], z1 = b[2][k] - a[2][k];
            const float x2 = c[0][k] - a[0][k], y2 = c[1][k] - a[1][k], z2 = c[2][k] - a[2][k];
            float ux = (x1 * v2 - x2 * v1) * turn, uy = (y1 * v2 - y2 * v1) * turn, uz = (z1 * v2 - z2 * v1) * turn;
            float wx = (x2 * u1 - x1 * u2) * turn, wy = (y2 * u1 - y1 * u2) * turn, wz = (z2 * u1 - z1 * u2) * turn;
            const float lu = 1.0f / wp::sqrt(ux * ux + uy * uy + uz * uz + 1e-20f);
            const float lw = 1.0f / wp::sqrt(wx * wx + wy * wy + wz * wz + 1e-20f);
            ux *= lu;
            uy *= lu;
            uz *= lu;
            wx *= lw;
            wy *= lw;
            wz *= lw;
            const float along = ux * wx + uy * wy + uz * wz, apart = 1.0f - along * along;
            // At a silhouette relief is far finer than a pixel, and its highlights would sparkle.
            const float seen = gx[k] * vx[k] + gy[k] * vy[k] + gz[k] * vz[k], near = seen < 0.4f ? 2.5f * seen : 1.0f;
            const float scale = INVERSE * (near > 0.0f ? near : 0.0f) / (apart > 0.2f ? apart : 0.2f);
            const float cu = (texels[2][k] - ZERO) * scale, cw = (texels[3][k] - ZERO) * scale;
            const float su = cu - along * cw, sw = cw - along * cu;
            const float x = nx[k] - ux * su - wx * sw, y = ny[k] - uy * su - wy * sw, z = nz[k] - uz * su - wz * sw;
            const float unit = 1.0f / wp::sqrt(x * x + y * y + z * z);
            nx[k] = x * unit;
            ny[k] = y * unit;
            nz[k] = z * unit;
            const float gain = 1.0f + textured[k] * (texels[0][k] * GAIN - 1.0f);
            albedo0[k] *= gain;
            albedo1[k] *= gain;
            glow[k] *= gain;
            alpha[k] += textured[k] * (ALPHA_LOW + ALPHA_SPAN * texels[1][k] - alpha[k]);
            f0[k] *= 1.0f + textured[k] * (SMOOTH - SPAN * texels[1][k] - 1.0f);
        }
    }
"""
_RIM = """
    // Where nodes hold all the light, no LED is asked.
    int led_count = irradiance.shape[0] > 1 ? leds.count : 0;
    for (int k = 0; k < lanes; ++k)
        led_count = direct[k] > 0.0f ? leds.count : led_count;
    if (led_count == 0) {
        for (int k = 0; k < lanes; ++k) {
            radiance.data[pixel[k]] = glow[k];
            if (states.shape[0] > 1)
                states.data[pixel[k]] = 0;
            if (irradiance.shape[0] > 1)
                irradiance.data[pixel[k]] = 0.0f;
        }
        return;
    }
    for (int k = 0; k < lanes; ++k) {
        // Curvature, 1/m: how fast normals turn along the edges. At half a pixel from a silhouette n·v is the root of
        // curvature times pixel width; below that a highlight is narrower than the pixel, and v is turned towards n.
        float bend2 = 0.0f;
        for (int e = 0; e < 3; ++e) {
            const float* p = e == 0 ? &a[0][k] : e == 1 ? &b[0][k] : &c[0][k];
            const float* q = e == 0 ? &b[0][k] : e == 1 ? &c[0][k] : &a[0][k];
            float along = 1e-12f, turn = 0.0f;
            for (int j = 0; j < 3; ++j) {
                along += (q[j * lanes] - p[j * lanes]) * (q[j * lanes] - p[j * lanes]);
                turn += (q[(j + 3) * lanes] - p[(j + 3) * lanes]) * (q[(j + 3) * lanes] - p[(j + 3) * lanes]);
            }
            const float own = turn / along;
            bend2 = own > bend2 ? own : bend2;
        }
        const float rim = wp::sqrt(wp::sqrt(bend2) * pixel_angle * away[k]) * keep[k], least = rim < 0.5f ? rim : 0.5f;
        const float seen = nx[k] * vx[k] + ny[k] * vy[k] + nz[k] * vz[k];
        const float lift = seen < least ? least - seen : 0.0f;
        const float straight = 1.0f / wp::sqrt(1.0f + lift * (2.0f * seen + lift));
        vx[k] = (vx[k] + nx[k] * lift) * straight;
        vy[k] = (vy[k] + ny[k] * lift) * straight;
        vz[k] = (vz[k] + nz[k] * lift) * straight;
        nv[k] = wp::max(nx[k] * vx[k] + ny[k] * vy[k] + nz[k] * vz[k], 1e-3f);
        a2[k] = alpha[k] * alpha[k] + lift * lift;  // a pixel there holds as many normals
        a2[k] = a2[k] < 1.0f ? a2[k] : 1.0f;
        lambda_v[k] = wp::sqrt(nv[k] * nv[k] * (1.0f - a2[k]) + a2[k]);
    }
"""
_REFLECT_SETUP = """
    float out[lanes], arriving[lanes];
    int state[lanes];
    float shiny = 0.0f;
    for (int k = 0; k < lanes; ++k)
        shiny += f0[k];
    const bool glossy = leds.glossy && shiny > 0.0f;
    for (int k = 0; k < lanes; ++k) {
        out[k] = glow[k];
        arriving[k] = 0.0f;
        state[k] = 0;
    }
"""
_REFLECT = """
        const int bit = l < 31 ? 1 << l : UNEVEN;
        for (int k = 0; k < lanes; ++k) {
            light[k] *= share[k];
            state[k] |= -(int)(light[k] > 0.0f) & (share[k] < 1.0f ? UNEVEN : bit);
        }
        const float shine = 0.5f / 3.14159265f;
        if (!glossy) {
            for (int k = 0; k < lanes; ++k) {
                const float albedo = albedo0[k] + (albedo1[k] - albedo0[k]) * led[13];
                out[k] += light[k] * (direct[k] > 0.0f ? albedo * direct[k] : 0.0f);
                arriving[k] += light[k];
            }
            continue;
        }
        for (int k = 0; k < lanes; ++k) {
            const float sum2 = 2.0f + 2.0f * (vx[k] * lx[k] + vy[k] * ly[k] + vz[k] * lz[k]);  // |l + v|²
            const float hh = sum2 > 1e-6f ? sum2 : 1e-6f;
            const float nh = nl[k] + nv[k], nh2 = nh * nh;
            const float q = (nh2 < hh ? nh2 : hh) * (a2[k] - 1.0f) + hh;
            const float m = 1.0f - 0.5f * wp::sqrt(hh);
            const float m2 = m * m;
            const float fresnel = f0[k] > 0.0f ? f0[k] + (1.0f - f0[k]) * m2 * m2 * m : 0.0f;
            const float smith = nl[k] * lambda_v[k] + nv[k] * wp::sqrt(nl[k] * nl[k] * (1.0f - a2[k]) + a2[k]);
            const float lobe = shine * fresnel * a2[k] * hh * hh / (q * q * (smith > 1e-7f ? smith : 1e-7f));
            const float albedo = albedo0[k] + (albedo1[k] - albedo0[k]) * led[13];
            out[k] += light[k] * (direct[k] > 0.0f ? albedo * direct[k] + lobe : 0.0f);
            arriving[k] += light[k];
        }
    }
    for (int k = 0; k < lanes; ++k)
        radiance.data[pixel[k]] = out[k];
    if (states.shape[0] > 1)
        for (int k = 0; k < lanes; ++k)
            states.data[pixel[k]] = state[k];
    if (irradiance.shape[0] > 1)
        for (int k = 0; k < lanes; ++k)
            irradiance.data[pixel[k]] = arriving[k];
"""


_CODE = READ_MAPS + _NODES + _GATHER + _SURFACE + _DETAIL + _RIM + SETUP + _REFLECT_SETUP + ARRIVE_LIT + _REFLECT


@wp.func_native(with_constants(_CODE.replace("UNEVEN", str(UNEVEN)).replace("VERTEX", str(len(Vertex())))))
def light_pixels(
    first: int,
    count: int,
    work: wp.array[int],
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    materials: wp.array[int],
    table: wp.array[wp.vec4],
    head_triangles: int,
    R: wp.mat33,
    origin: wp.vec3,
    pixel_angle: float,
    maps: Maps,
    leds: Leds,
    radiance: wp.array[float],
    irradiance: wp.array[float],
    states: wp.array[int],
) -> None:
    """The pixels `work[first]` onwards; see `light`."""


@wp.kernel
def light(
    count: int,
    lanes: int,
    work: wp.array[int],
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    materials: wp.array[int],
    table: wp.array[wp.vec4],
    head_triangles: int,
    device_camera: wp.mat33,
    origin: wp.vec3,
    pixel_angle: float,
    maps: Maps,
    leds: Leds,
    radiance: wp.array[float],
    irradiance: wp.array[float],
    states: wp.array[int],
) -> None:
    """Radiance, W/m²/sr, and where their arrays have room irradiance, W/m², and state of the pixels listed in `work`.

    `pixel_angle`: between neighbouring rays, rad. One thread takes `lanes`
    pixels: LANES on the CPU, 1 on the GPU.
    """
    light_pixels(
        wp.tid() * lanes, count, work, ids, rays, triangles, vertices, materials, table, head_triangles, device_camera,
        origin, pixel_angle, maps, leds, radiance, irradiance, states,
    )  # fmt: skip
