# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Strands a fraction of a pixel wide, blended over the image by the share of each pixel that they cover.

Between its points a strand is a straight bar in the image. Seen across a direction, a square pixel is a trapezium: the
sum of two uniform densities. With F its distribution, a bar of width w whose axis passes at distance d covers
F(d + w/2) - F(d - w/2) of the pixel, exactly if it is long, and its ends take F(length - t) - F(-t) of that.
Pieces of hair are taken as independent: transmittance is the product of 1 - coverage. Its logarithm adds up in
integers, and so does radiance weighted with it, so that their order does not show.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.fibre import fibre
from sim.render.hair_light import STATIONS, light_strand
from sim.render.led_light import toward
from sim.render.project import place
from sim.render.structs import Directions, Hair, Leds, Rays
from sim.render.tables import UNKNOWN

wp.set_module_options(KERNEL_OPTIONS)

_UNKNOWN = wp.constant(UNKNOWN)
_STATIONS = wp.constant(STATIONS)
_BIAS = 0.4e-3
"""A strand is seen where it is nearer than the surface by no less than minus this, m: roots lie on the skin."""
_LOG_UNIT = 1048576.0
_UNIT = 1.0e9
"""Integer steps of optical depth 1 and of radiance 1 W/m²/sr."""

_DRAW = """
    const float dx = bx - ax, dy = by - ay, length = wp::sqrt(dx * dx + dy * dy);
    if (!(length > 1e-3f))
        return;
    const float tx = dx / length, ty = dy / length;  // the normal is (-ty, tx)
    const int width = grid.width, height = grid.height, stride = grid.rays.shape[1];
    const float* rays = grid.rays.data;
    // Local scale: how far apart the rays of neighbouring pixels are.
    const int mx = wp::clamp((int)(0.5f * (ax + bx) + 0.5f), 0, width - 2);
    const int my = wp::clamp((int)(0.5f * (ay + by) + 0.5f), 0, height - 2), m = my * width + mx;
    float across = 0.0f, down = 0.0f;
    for (int c = 0; c < 3; ++c) {
        const float r = rays[c * stride + m], x = rays[c * stride + m + 1] - r, y = rays[c * stride + m + width] - r;
        across += x * x;
        down += y * y;
    }
    // Along the strand's normal.
    const float angle = wp::sqrt(across * ty * ty + down * tx * tx);
    if (!(angle > 0.0f) || angle > 0.1f)
        return;
    const float w0 = wa / (ar * angle), w1 = wb / (br * angle);
    const float p = 0.5f * wp::abs(tx), q = 0.5f * wp::abs(ty);
    const float big = p > q ? p : q, less = p > q ? q : p, small = less > 0.01f ? less : 0.01f;
    const float sum = big + small, gap = big - small, norm = 0.125f / (big * small);
    const float reach = sum + 0.5f * (w0 > w1 ? w0 : w1);
    float top = (ay < by ? ay : by) - 1.0f - reach, bottom = (ay < by ? by : ay) + 1.0f + reach;
    const int y0 = top > 0.0f ? (int)wp::ceil(top) : 0;
    const int y1 = bottom < (float)(height - 1) ? (int)wp::floor(bottom) : height - 1;
    const float per = 1.0f / length;
    for (int y = y0; y <= y1; ++y) {
        const float v = (float)y - ay;
        // Where the row crosses the bar: |d| < reach and -sum < t < length + sum.
        float low = -1e9f, high = 1e9f;
        if (wp::abs(ty) > 1e-4f) {
            const float c = v * tx / ty, e = wp::abs(reach / ty);
            low = c - e;
            high = c + e;
        } else if (wp::abs(v) > reach)
            continue;
        if (wp::abs(tx) > 1e-4f) {
            const float c = (-sum - v * ty) / tx, e = (length + sum - v * ty) / tx;
            const float l = c < e ? c : e, h = c < e ? e : c;
            low = l > low ? l : low;
            high = h < high ? h : high;
        }
        low += ax;
        high += ax;
        if (!(low <= high) || high < 0.0f || low > (float)(width - 1))
            continue;
        const int x0 = low > 0.0f ? (int)wp::ceil(low) : 0;
        const int x1 = high < (float)(width - 1) ? (int)wp::floor(high) : width - 1;
        for (int x = x0; x <= x1; ++x) {
            const float u = (float)x - ax;
            const float d = wp::abs(v * tx - u * ty), t = u * tx + v * ty;
            const float way = t * per, s = way > 0.0f ? (way < 1.0f ? way : 1.0f) : 0.0f;
            const int i = y * width + x;
            if (ar + (br - ar) * s > ranges.data[i] + BIAS)
                continue;
            const float half = 0.5f * (w0 + (w1 - w0) * s);
            float cover = 0.0f, kept = 0.0f;
            const float at[4] = {d + half, d - half, length - t, -t};
            const bool inner = t >= sum && t <= length - sum;
            for (int k = 0; k < (inner ? 2 : 4); ++k) {
                const float a = at[k] + sum, b = at[k] + gap, c = at[k] - gap, e = at[k] - sum;
                const float a0 = a > 0.0f ? a : 0.0f, b0 = b > 0.0f ? b : 0.0f, c0 = c > 0.0f ? c : 0.0f,
                            e0 = e > 0.0f ? e : 0.0f;
                const float f = (a0 * a0 - b0 * b0 - c0 * c0 + e0 * e0) * norm;
                (k < 2 ? cover : kept) += k & 1 ? -f : f;
            }
            kept = inner ? 1.0f : kept;
            float share = cover * kept;
            if (!(share > 1e-5f))
                continue;
            share = share < 0.95f ? share : 0.95f;
            const float z = rays[2 * stride + i], rx = rays[i], ry = rays[stride + i];
            if (rx * rx + ry * ry + z * z < 0.5f)
                continue;  // the lens has no ray there
            // log(1 - share) by atanh's series: exact to 1e-4 below a half
            const float g = share / (2.0f - share), g2 = g * g;
            const float depth = 2.0f * g * (1.0f + g2 * (0.33333333f + g2 * (0.2f + g2 * (0.14285714f + g2 * 0.111f))));
            wp::atomic_add(depths.data + i, (int)(depth * LOG_UNIT + 0.5f));
            wp::atomic_add(light.data + i, (wp::int64)(depth * (la + (lb - la) * s) * UNIT));
        }
    }
"""
_LAY_OVER = """
    const int* depth = depths.data + first;
    for (int begin = 0; begin < chunk; begin += 8) {
        int some = 0;
        for (int q = begin; q < wp::min(begin + 8, chunk); ++q)
            some |= depth[q];
        if (!some)
            continue;
        for (int i = first + begin; i < first + wp::min(begin + 8, chunk); ++i) {
            const int n = depths.data[i];
            if (n == 0)
                continue;
            const float sum = (float)n / LOG_UNIT, left = wp::exp(-sum);
            const float own = (float)light.data[i] / (UNIT * sum);
            radiance.data[i] = own + (radiance.data[i] - own) * left;
            depths.data[i] = 0;
            light.data[i] = 0;
        }
    }
"""


def _snippet(code: str) -> str:
    for name, value in {"BIAS": _BIAS, "LOG_UNIT": _LOG_UNIT, "UNIT": _UNIT}.items():
        code = code.replace(name, f"{value}f")
    return code


@wp.func_native(_snippet(_DRAW))
def _draw(
    ax: float, ay: float, ar: float, wa: float, la: float,
    bx: float, by: float, br: float, wb: float, lb: float,
    grid: Rays, ranges: wp.array[float], depths: wp.array[int], light: wp.array[wp.int64],
) -> None:  # fmt: skip
    """Add one straight piece: pixel, range (m), width (m) and radiance at either end."""


@wp.func_native(_snippet(_LAY_OVER))
def _lay_over(
    first: int, chunk: int, depths: wp.array[int], light: wp.array[wp.int64], radiance: wp.array[float]
) -> None:
    """The pixels `first` onwards; see `lay_strands_over`."""


@wp.func
def _strand(
    s: int,
    hair: Hair,
    leds: Leds,
    device_camera: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    directions: Directions,
    ranges: wp.array[float],
    depths: wp.array[int],
    light: wp.array[wp.int64],
) -> None:
    """Light one strand, and add it to `depths` and `light`."""
    first = s * hair.nodes
    middle = hair.points[first + hair.nodes / 2]
    view = origin - middle
    far = wp.length(view)
    view = view / far
    way = hair.points[first + hair.nodes - 1] - hair.points[first]
    span = wp.length(way)
    if hair.lit[s] == 0:  # by the first camera that sees it, for all
        light_strand(s, hair, leds)
        hair.lit[s] = 1
    tangent = way / span
    dim = wp.float32(0.0)
    bright = wp.float32(0.0)
    for led in range(leds.count):
        e0 = hair.light[s * _STATIONS * leds.count + led]
        e1 = hair.light[(s * _STATIONS + 1) * leds.count + led]
        if e0 + e1 > 0.0:
            weight = leds.values[14 * led + 13]
            albedo = hair.albedo0[s] + (hair.albedo1[s] - hair.albedo0[s]) * weight
            to = toward(middle, led, leds)
            f = fibre(tangent, to.direction, view, albedo, leds.glossy)
            dim += e0 * f
            bright += e1 * f

    # Few pieces where the strand is short in the image.
    long = float(grid.width) * span / (far * wp.max(grid.reach, 0.3))
    stride = wp.where(long > 60.0, 1, wp.where(long > 24.0, 2, wp.where(long > 8.0, 3, 6)))
    a = (hair.points[first] - origin) @ device_camera
    pa = place(a, directions)
    ra = wp.length(a)
    before = wp.int32(0)
    while before < hair.nodes - 1:
        k = wp.min(before + stride, hair.nodes - 1)
        b = (hair.points[first + k] - origin) @ device_camera
        pb = place(b, directions)
        rb = wp.length(b)
        if wp.min(pa[2], pb[2]) >= 0.0 and wp.max(pa[2], pb[2]) < _UNKNOWN:
            t0 = wp.clamp(2.0 * float(before) / float(hair.nodes - 1) - 0.5, 0.0, 1.0)
            t1 = wp.clamp(2.0 * float(k) / float(hair.nodes - 1) - 0.5, 0.0, 1.0)
            _draw(
                pa[0], pa[1], ra, hair.widths[first + before], dim + (bright - dim) * t0,
                pb[0], pb[1], rb, hair.widths[first + k], dim + (bright - dim) * t1,
                grid, ranges, depths, light,
            )  # fmt: skip
        pa = pb
        ra = rb
        before = k


@wp.kernel
def draw_strands(
    chunk: int,
    hair: Hair,
    leds: Leds,
    device_camera: wp.mat33,
    origin: wp.vec3,
    grid: Rays,
    directions: Directions,
    ranges: wp.array[float],
    depths: wp.array[int],
    light: wp.array[wp.int64],
) -> None:
    """Light each strand that the camera may see, and add it to `depths` and `light`; a thread takes `chunk` strands."""
    begin = wp.tid() * chunk
    for s in range(begin, wp.min(begin + chunk, hair.count)):
        first = s * hair.nodes
        middle = hair.points[first + hair.nodes / 2]
        view = origin - middle
        far = wp.length(view)
        view = view / far
        way = hair.points[first + hair.nodes - 1] - hair.points[first]
        span = wp.length(way)
        if span < 1.0e-5:
            continue
        # Strands behind the head's horizon, and those out of the image, are left out early.
        if wp.dot(view, hair.normals[s]) < -0.5:
            continue
        p = -view @ device_camera
        around = wp.min(grid.reach + span / far, 3.1)
        if p[2] < wp.cos(around):
            continue
        q = place(p, directions)
        if q[2] < 0.0 or q[2] >= _UNKNOWN:
            continue
        slack = 4.0 + 2.0 * float(grid.width) * span / far
        if q[0] < -slack or q[1] < -slack or q[0] > float(grid.width) + slack or q[1] > float(grid.height) + slack:
            continue
        px = int(wp.clamp(q[0], 0.0, float(grid.width - 1)))
        py = int(wp.clamp(q[1], 0.0, float(grid.height - 1)))
        if far > ranges[py * grid.width + px] + 2.0 * span + 0.5e-3:
            continue  # well behind what is seen there

        _strand(s, hair, leds, device_camera, origin, grid, directions, ranges, depths, light)


@wp.kernel
def lay_strands_over(chunk: int, depths: wp.array[int], light: wp.array[wp.int64], radiance: wp.array[float]) -> None:
    """Blend the strands over the image, and empty the layer; a thread takes `chunk` pixels."""
    _lay_over(wp.tid() * chunk, chunk, depths, light, radiance)
