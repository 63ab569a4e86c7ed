# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Filters of an image: a separable Gaussian, and discs whose size goes with depth; a thread takes a row.

The inner loops run along rows over contiguous pixels, so that the compiler vectorises them.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)


@wp.func_native("""
    const float* in = image.data + y * width;
    float* to = out.data + y * width;
    const int reach = taps.shape[0] / 2;
    for (int x = 0; x < width; ++x)
        to[x] = 0.0f;
    for (int k = -reach; k <= reach; ++k) {
        const float w = taps.data[k + reach];
        const int left = wp::min(wp::max(-k, 0), width), right = wp::max(wp::min(width - k, width), left);
        for (int x = 0; x < left; ++x)
            to[x] += w * in[0];
        for (int x = left; x < right; ++x)
            to[x] += w * in[x + k];
        for (int x = right; x < width; ++x)
            to[x] += w * in[width - 1];
    }
""")
def _along(y: int, width: int, taps: wp.array[float], image: wp.array[float], out: wp.array[float]) -> None:
    """See `filter_rows`."""


@wp.func_native("""
    float* to = out.data + y * width;
    const int reach = taps.shape[0] / 2;
    for (int x = 0; x < width; ++x)
        to[x] = 0.0f;
    for (int k = -reach; k <= reach; ++k) {
        const float w = taps.data[k + reach];
        const float* in = image.data + wp::min(wp::max(y + k, 0), height - 1) * width;
        for (int x = 0; x < width; ++x)
            to[x] += w * in[x];
    }
""")
def _across(
    y: int, width: int, height: int, taps: wp.array[float], image: wp.array[float], out: wp.array[float]
) -> None:
    """See `filter_columns`."""


@wp.kernel
def filter_rows(width: int, taps: wp.array[float], image: wp.array[float], out: wp.array[float]) -> None:
    """Each row with an odd number of taps; the image goes on beyond its edge as it ends there."""
    _along(wp.tid(), width, taps, image, out)


@wp.kernel
def filter_columns(
    width: int, height: int, taps: wp.array[float], image: wp.array[float], out: wp.array[float]
) -> None:
    """Each column likewise."""
    _across(wp.tid(), width, height, taps, image, out)


@wp.func_native("""
    for (int i = y * width; i < (y + 1) * width; ++i) {
        const float z = depth.data[i];
        // Where nothing is seen, it is far away.
        shares.data[i] = z == z && z != 0.0f ? 1.0f - forward.data[i] / z : 1.0f;
    }
""")
def _shares(y: int, width: int, depth: wp.array[float], forward: wp.array[float], shares: wp.array[float]) -> None:
    """See `disc_shares`."""


@wp.kernel
def disc_shares(width: int, depth: wp.array[float], forward: wp.array[float], shares: wp.array[float]) -> None:
    """1 - s / r of each pixel, of which its disc's diameter is so many times that at infinity; below 0: near.

    forward: focus distance s times the ray's z.
    """
    _shares(wp.tid(), width, depth, forward, shares)


@wp.func_native("""
    const float* here = shares.data + y * width;
    const float* above = y > 0 ? here - width : here;
    const float* below = y + 1 < height ? here + width : here;
    float* to = out.data + y * width;
    for (int x = 0; x < width; ++x)
        to[x] = wp::min(here[x], wp::min(above[x], below[x]));
    float low = 1e30f, high = -1e30f;
    float before = to[0];
    for (int x = 0; x < width; ++x) {
        const float column = to[x], after = x + 1 < width ? to[x + 1] : column;
        const float near = wp::min(column, wp::min(before, after));
        before = column;
        // Beside the outline of something nearer and sharper, a pixel holds some of its light.
        const bool sharper = wp::abs(near) < wp::abs(here[x]);
        const float share = sharper && here[x] - near > jump * (1.0f - near) ? near : here[x];
        float v = wp::min(share * share * scale, most);
        v = share < 0.0f ? -v : v;
        to[x] = v;
        low = wp::min(low, v);
        high = wp::max(high, v);
    }
    range.data[2 * y] = low;
    range.data[2 * y + 1] = high;
""")
def _spreads(
    y: int,
    width: int,
    height: int,
    scale: float,
    most: float,
    jump: float,
    shares: wp.array[float],
    out: wp.array[float],
    range: wp.array[float],
) -> None:
    """See `disc_variances`."""


@wp.kernel
def disc_variances(
    width: int,
    height: int,
    scale: float,
    most: float,
    jump: float,
    shares: wp.array[float],
    out: wp.array[float],
    range: wp.array[float],
) -> None:
    """Variance of each pixel's disc, px², below 0 nearer than the focus, and the least and greatest of each row.

    scale: variance at infinity; most: where it is cut off; jump: a neighbour nearer by more than this share of the
    range is an outline, and the pixel beside it gets the nearer one's disc if that is smaller.
    """
    _spreads(wp.tid(), width, height, scale, most, jump, shares, out, range)


@wp.func_native("""
    const int row = y * width;
    const int above = y > 0 ? row - width : row, below = y + 1 < height ? row + width : row;
    const float* in = image.data;
    const float* var = variances.data;
    float* to = out.data;
    // What two pixels exchange is for the nearer to say, whose edge it is; its variance is the lesser, sign included.
    auto flow = [=](int i, int j) { return wp::abs(wp::min(var[i], var[j])) * (in[j] - in[i]); };
    for (int x = 0; x < width; ++x)
        to[row + x] = in[row + x] + 0.5f * (flow(row + x, above + x) + flow(row + x, below + x));
    for (int x = 1; x < width; ++x)
        to[row + x] += 0.5f * flow(row + x, row + x - 1);
    for (int x = 0; x < width - 1; ++x)
        to[row + x] += 0.5f * flow(row + x, row + x + 1);
""")
def _exchange(
    y: int, width: int, height: int, variances: wp.array[float], image: wp.array[float], out: wp.array[float]
) -> None:
    """See `exchange`."""


@wp.kernel
def exchange(width: int, height: int, variances: wp.array[float], image: wp.array[float], out: wp.array[float]) -> None:
    """Blur by variances of at most half a px²: each pixel gives its neighbours half of it, and gets theirs."""
    _exchange(wp.tid(), width, height, variances, image, out)


@wp.func_native("""
    for (int i = y * width; i < (y + 1) * width; ++i) {
        const float v = variances.data[i];
        const float share = v < middle ? (v - low) * up : (high - v) * down;
        float part = wp::min(wp::max(share, 0.0f), 1.0f);
        if (wp::abs(v) < inner) {
            // One is laid over the other: such that their shares of the sum are right, and each goes to 0 and 1.
            const bool behind = (v < 0.0f) == (middle == 0.0f);
            part = behind ? wp::sqrt(part) : part / (wp::sqrt(1.0f - part) + part);
        }
        cover.data[i] = part;
        light.data[i] = part * image.data[i];
    }
""")
def _select(
    y: int,
    width: int,
    low: float,
    middle: float,
    high: float,
    up: float,
    down: float,
    inner: float,
    variances: wp.array[float],
    image: wp.array[float],
    cover: wp.array[float],
    light: wp.array[float],
) -> None:
    """See `select_layer`."""


@wp.kernel
def select_layer(
    first: int,
    width: int,
    low: float,
    middle: float,
    high: float,
    up: float,
    down: float,
    inner: float,
    variances: wp.array[float],
    image: wp.array[float],
    cover: wp.array[float],
    light: wp.array[float],
) -> None:
    """Each pixel's cover in a layer: 1 at `middle`, falling to 0 at `low` and `high` with slopes `up` and `down`.

    inner: up to this variance a pixel lies in two groups, of which one is laid over the other.
    """
    _select(first + wp.tid(), width, low, middle, high, up, down, inner, variances, image, cover, light)


@wp.func_native("""
    float* to_cover = group_cover.data + y * width;
    float* to_light = group_light.data + y * width;
    const int n = taps.shape[0];
    for (int k = 0; k < n; ++k) {
        const int dx = (int)taps.data[k].c[0], row = y + (int)taps.data[k].c[1];
        const float w = taps.data[k].c[2];
        if (row < first || row >= last)
            continue;
        const float* in_cover = cover.data + row * width;
        const float* in_light = light.data + row * width;
        const int left = wp::max(-dx, 0), right = wp::min(width - dx, width);
        for (int x = left; x < right; ++x) {
            to_cover[x] += w * in_cover[x + dx];
            to_light[x] += w * in_light[x + dx];
        }
    }
""")
def _spread(
    y: int,
    width: int,
    first: int,
    last: int,
    taps: wp.array[wp.vec3],
    cover: wp.array[float],
    light: wp.array[float],
    group_cover: wp.array[float],
    group_light: wp.array[float],
) -> None:
    """See `spread_layer`."""


@wp.kernel
def spread_layer(
    start: int,
    width: int,
    first: int,
    last: int,
    taps: wp.array[wp.vec3],
    cover: wp.array[float],
    light: wp.array[float],
    group_cover: wp.array[float],
    group_light: wp.array[float],
) -> None:
    """Add a layer's rows `first` to `last`, each pixel spread over a disc (dx, dy, weight), to its group."""
    _spread(start + wp.tid(), width, first, last, taps, cover, light, group_cover, group_light)


@wp.func_native("""
    for (int i = y * width; i < (y + 1) * width; ++i) {
        const float a = group_cover.data[i];
        const float part = left.data[i] * (a > 1.0f ? 1.0f / a : 1.0f);
        sum.data[i] += part * group_light.data[i];
        left.data[i] -= part * a;
        group_cover.data[i] = 0.0f;
        group_light.data[i] = 0.0f;
        if (final) {
            const float seen = 1.0f - left.data[i];
            sum.data[i] = seen > 1e-6f ? sum.data[i] / seen : 0.0f;
        }
    }
""")
def _lay_under(
    y: int,
    width: int,
    final: int,
    group_cover: wp.array[float],
    group_light: wp.array[float],
    left: wp.array[float],
    sum: wp.array[float],
) -> None:
    """See `lay_under`."""


@wp.kernel
def lay_under(
    width: int,
    final: int,
    group_cover: wp.array[float],
    group_light: wp.array[float],
    left: wp.array[float],
    sum: wp.array[float],
) -> None:
    """Lay a group under what is there, and clear it; `left`: share not covered yet; `final`: nothing lies behind."""
    _lay_under(wp.tid(), width, final, group_cover, group_light, left, sum)
