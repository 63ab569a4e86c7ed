# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Direct light of all LEDs at one point: radiant intensity, profile, inverse square, shadow, Lambert and GGX.

For an LED at distance r in direction l, with shading normal n and direction v to the camera:

    E   = I(angle) max(n·l, 0) / r²                                irradiance, W/m²
    L_d = albedo / pi · E                                          Lambert
    L_s = E · D F G2 / (4 (n·l) (n·v))                             microfacets
    D   = a² / (pi ((n·h)² (a² - 1) + 1)²)                         GGX, a: the GGX alpha (Walter et al. 2007)
    G2/(4 (n·l)(n·v)) = 0.5 / ((n·l) Λ(v) + (n·v) Λ(l)),  Λ(x) = sqrt((n·x)² (1 - a²) + a²)
                                                                   height-correlated Smith (Heitz 2014)
    F   = F0 + (1 - F0) (1 - v·h)⁵                                 Schlick

The albedo is the diffuse part alone: what the surface reflects specularly is already taken off it (design, section 5).

LEDs stand in groups of eight, one array a quantity, so that the compiler turns the loop over a group into vector
instructions; Warp's own arrays have strides known only at run time, which forbid that. Hence the native snippet, the
only one; it is plain C++ that compiles for both devices.

A shadow is decided by height: an occluder counts when it stands out of the receiver's tangent plane by more than the
bias, whatever the angle of incidence, so that steep light brings neither acne nor leaks. The four texels around the
receiver's direction vote, bilinearly weighted (percentage-closer filtering).
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)

# The layout of `leds`, `rows` and `profiles` is that of `sim.render.emitters`.
_LIGHT = """
    const float a2 = alpha * alpha;
    const float lambda_v = wp::sqrt(nv * nv * (1.0f - a2) + a2);
    const float texels = 0.5f * (float)(size) / half_width;
    const float pitch = 1.0f / texels;
    float e0 = 0.0f, e1 = 0.0f, specular = 0.0f;
    const float* map0 = shadow_ranges.data;
    const float* table0 = profiles.data;
    for (int g = 0; g < groups; ++g) {
        const float* led = leds.data + g * 14 * 8;
        const int* profile_row = rows.data + g * 16;
        const int* map_row = profile_row + 8;
        float irradiance[8], lobe[8];
        for (int i = 0; i < 8; ++i) {
            const float lx = led[i] - p.c[0], ly = led[8 + i] - p.c[1], lz = led[16 + i] - p.c[2];
            const float r2 = lx * lx + ly * ly + lz * lz;
            const float r = wp::sqrt(r2);
            const float ri = 1.0f / r;
            const float nl = wp::max((n.c[0] * lx + n.c[1] * ly + n.c[2] * lz) * ri, 0.0f);
            // LED frame, stereographic coordinates
            const float px = -(lx * led[24 + i] + ly * led[32 + i] + lz * led[40 + i]);
            const float py = -(lx * led[48 + i] + ly * led[56 + i] + lz * led[64 + i]);
            const float pz = -(lx * led[72 + i] + ly * led[80 + i] + lz * led[88 + i]);
            const float w = 1.0f / wp::max(r + pz, 1e-6f * r);
            const float u = px * w, v = py * w;
            const float rho = wp::sqrt(u * u + v * v);
            const float at = wp::min(rho * (1024.0f / half_width), 1024.0f);
            const int ia = (int)(at);
            const float fa = at - (float)(ia);
            const float* table = table0 + profile_row[i] + ia;
            const float profile = table[0] + (table[1] - table[0]) * fa;
            float light = led[96 + i] * profile * nl * ri * ri;
SHADOW            irradiance[i] = light;
            const float lv = (view.c[0] * lx + view.c[1] * ly + view.c[2] * lz) * ri;
            const float hh = wp::max(2.0f + 2.0f * lv, 1e-6f);  // |l + v|²
            const float nh2 = wp::min((nl + nv) * (nl + nv) / hh, 1.0f);
            const float q = nh2 * (a2 - 1.0f) + 1.0f;
            const float m = 1.0f - 0.5f * wp::sqrt(hh);
            const float m2 = m * m;
            const float fresnel = f0 + (1.0f - f0) * m2 * m2 * m;
            const float smith = nl * lambda_v + nv * wp::sqrt(nl * nl * (1.0f - a2) + a2);
            lobe[i] = light * glossy * fresnel * a2 * 0.5f / (3.14159265f * q * q * wp::max(smith, 1e-7f));
        }
        // Halving sums: a fixed order, and short chains of dependent additions.
        float second[8];
        for (int i = 0; i < 8; ++i) {
            second[i] = irradiance[i] * led[104 + i];
            irradiance[i] -= second[i];
        }
        for (int i = 0; i < 4; ++i) {
            irradiance[i] += irradiance[i + 4];
            second[i] += second[i + 4];
            lobe[i] += lobe[i + 4];
        }
        e0 += (irradiance[0] + irradiance[1]) + (irradiance[2] + irradiance[3]);
        e1 += (second[0] + second[1]) + (second[2] + second[3]);
        specular += (lobe[0] + lobe[1]) + (lobe[2] + lobe[3]);
    }
    return wp::vec_t<3, float>(e0, e1, specular);
"""


_SHADOW = """
            const float nx = n.c[0] * led[24 + i] + n.c[1] * led[32 + i] + n.c[2] * led[40 + i];
            const float ny = n.c[0] * led[48 + i] + n.c[1] * led[56 + i] + n.c[2] * led[64 + i];
            const float nz = n.c[0] * led[72 + i] + n.c[1] * led[80 + i] + n.c[2] * led[88 + i];
            const float top = (float)(size) - 1.001f;
            const float x = wp::min(wp::max((u + half_width) * texels - 0.5f, 0.0f), top);
            const float y = wp::min(wp::max((v + half_width) * texels - 0.5f, 0.0f), top);
            const int ix = (int)(x), iy = (int)(y);
            const float fx = x - (float)(ix), fy = y - (float)(iy);
            const float* map = map0 + map_row[i] * (size * size + 8) + iy * size + ix;
            const float s00 = map[0], s10 = map[1], s01 = map[size], s11 = map[size + 1];
            const float u0 = ((float)(ix) + 0.5f) * pitch - half_width, u1 = u0 + pitch;
            const float v0 = ((float)(iy) + 0.5f) * pitch - half_width, v1 = v0 + pitch;
            const float uu0 = u0 * u0, uu1 = u1 * u1, vv0 = v0 * v0, vv1 = v1 * v1;
            // Height of the occluder above the receiver's tangent plane, times 1 + rho²: stored range times
            // n·direction plus r n·l. The receiver is in shadow where that exceeds the bias.
            const float free = bias - r * nl;
            const float ax0 = 2.0f * nx * u0 + nz, ax1 = 2.0f * nx * u1 + nz;
            const float ay0 = 2.0f * ny * v0, ay1 = 2.0f * ny * v1;
            const float c00 = s00 * (ax0 + ay0 - nz * (uu0 + vv0)) - free * (1.0f + uu0 + vv0);
            const float c10 = s10 * (ax1 + ay0 - nz * (uu1 + vv0)) - free * (1.0f + uu1 + vv0);
            const float c01 = s01 * (ax0 + ay1 - nz * (uu0 + vv1)) - free * (1.0f + uu0 + vv1);
            const float c11 = s11 * (ax1 + ay1 - nz * (uu1 + vv1)) - free * (1.0f + uu1 + vv1);
            const float l00 = ((c00 > 0.0f) & (s00 < r)) ? 0.0f : 1.0f;
            const float l10 = ((c10 > 0.0f) & (s10 < r)) ? 0.0f : 1.0f;
            const float l01 = ((c01 > 0.0f) & (s01 < r)) ? 0.0f : 1.0f;
            const float l11 = ((c11 > 0.0f) & (s11 < r)) ? 0.0f : 1.0f;
            const float t0 = l00 + (l10 - l00) * fx, t1 = l01 + (l11 - l01) * fx;
            light *= t0 + (t1 - t0) * fy;
"""


@wp.func_native(_LIGHT.replace("SHADOW", _SHADOW))
def direct_light(
    p: wp.vec3,
    n: wp.vec3,
    view: wp.vec3,
    nv: float,
    f0: float,
    alpha: float,
    glossy: float,
    groups: int,
    leds: wp.array[float],
    rows: wp.array[int],
    profiles: wp.array[float],
    half_width: float,
    shadow_ranges: wp.array[float],
    size: int,
    bias: float,
) -> wp.vec3:
    """Irradiance (W/m²) to be met by the albedo at 850 nm, the same at 940 nm, and specular radiance (W/m²/sr)."""


@wp.func_native(_LIGHT.replace("SHADOW", ""))
def unshadowed_light(
    p: wp.vec3,
    n: wp.vec3,
    view: wp.vec3,
    nv: float,
    f0: float,
    alpha: float,
    glossy: float,
    groups: int,
    leds: wp.array[float],
    rows: wp.array[int],
    profiles: wp.array[float],
    half_width: float,
    shadow_ranges: wp.array[float],
    size: int,
    bias: float,
) -> wp.vec3:
    """`direct_light` where nothing is in the way."""
