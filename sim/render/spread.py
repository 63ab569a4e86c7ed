# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Light of a quarter of the pixels spread to those between, wherever it changes so little that none is lost.

Pixels with even column and row are lit first. One between two or four of them takes their mean if all see the same
matt material on one continuous surface, get light from the same LEDs with no shadow's edge at any of them, and differ
by at most CONTRAST. What can then be missed is a feature that lies between two pixels and shows at neither; on smooth
skin the mean is right to a part in a thousand. The other pixels are listed, to be lit like the first.

The housing has neither pores nor wrinkles, and reflects a tenth of what skin does: there each fourth pixel of each
fourth row is lit first, those halfway between follow, then the rest. Light from the same LEDs may differ by SLOPE,
since a smooth change as large as that leaves the mean right to a hundredth (cosh(d / 2) - 1 of an exponential's); and
what differs by at most CONTRAST, or FLOOR of what skin in full light sends, is averaged though a shadow's edge may lie
there.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.light import UNEVEN

wp.set_module_options(KERNEL_OPTIONS)

CONTRAST = 0.03
"""Greatest relative difference of radiance that is averaged."""
SLOPE = 0.25
"""The same on the housing, under the same LEDs."""
FLOOR = 0.002
"""Of the radiance of skin in full light: half a step of an image of eight bits that is exposed for it."""
MATT = 0.2
"""Least GGX alpha of a surface whose highlights are wide enough."""
_STEP = 0.003
"""Greatest relative difference of a range from the mean of those around it, on a continuous surface."""

_SPREAD = """
    const int y = first / width, left = first % width, last = step - 1;
    if (y & last)
        return;
    for (int i = first; i < first + chunk; i += step) {
        const int x = left + i - first;
        const int t = ids.data[i], across = x & step, down = y & step;
        if (t < begin || (x & last) || !(across | down))
            continue;
        const bool plain = t >= heads;  // of one material, which is matt
        const int material = materials.data[t];
        bool even = (plain || table.data[material].c[1] >= MATT) && x + across < width && y + down < height;
        float mean = 0.0f, range = 0.0f, light = 0.0f;
        if (even) {
            // Two neighbours, or four on the diagonals.
            const int along = across + down * width, other = across && down ? down * width - across : along;
            const int around[4] = {i - along, i + along, i - other, i + other};
            const int n = across && down ? 4 : 2;
            const int state = states.data[around[0]];
            float least = 1e30f, most = 0.0f;
            bool same = state >= 0;
            for (int k = 0; k < n; ++k) {
                const int j = around[k], s = ids.data[j];
                even = even && (plain ? s >= heads : s >= 0 && materials.data[wp::max(s, 0)] == material);
                same = same && states.data[j] == state;
                const float own = radiance.data[j];
                least = own < least ? own : least;
                most = own > most ? own : most;
                mean += own;
                range += ranges.data[j];
                light += lit ? irradiance.data[j] : 0.0f;
            }
            const float share = 1.0f / (float)n;
            mean *= share;
            range *= share;
            light *= share;
            const float contrast = plain && same ? SLOPE : CONTRAST, limit = contrast * most;
            even = even && (same || plain) && most - least <= (plain && limit < floor ? floor : limit) &&
                   wp::abs(range - ranges.data[i]) <= STEP * range;
            if (even)
                states.data[i] = same ? state : UNEVEN;
        }
        if (even) {
            radiance.data[i] = mean;
            if (lit)
                irradiance.data[i] = light;
            continue;
        }
#if defined(__CUDA_ARCH__)
        work.data[atomicAdd(counts.data + 1 + step, 1)] = i;
#else
        work.data[counts.data[1 + step]++] = i;
#endif
    }
"""


def _snippet() -> str:
    code = _SPREAD
    for name, value in {"CONTRAST": CONTRAST, "SLOPE": SLOPE, "MATT": MATT, "STEP": _STEP}.items():
        code = code.replace(name, f"{value}f")
    return code.replace("UNEVEN", str(UNEVEN))


@wp.func_native(_snippet())
def _spread(
    first: int,
    chunk: int,
    width: int,
    height: int,
    step: int,
    begin: int,
    heads: int,
    ids: wp.array[int],
    materials: wp.array[int],
    table: wp.array[wp.vec4],
    ranges: wp.array[float],
    states: wp.array[int],
    lit: int,
    floor: float,
    radiance: wp.array[float],
    irradiance: wp.array[float],
    work: wp.array[int],
    counts: wp.array[int],
) -> None:
    """The pixels `first` onwards; see `spread`."""


@wp.kernel
def spread(
    chunk: int,
    width: int,
    height: int,
    step: int,
    begin: int,
    heads: int,
    ids: wp.array[int],
    materials: wp.array[int],
    table: wp.array[wp.vec4],
    ranges: wp.array[float],
    states: wp.array[int],
    lit: int,
    floor: float,
    radiance: wp.array[float],
    irradiance: wp.array[float],
    work: wp.array[int],
    counts: wp.array[int],
) -> None:
    """Fill in pixels, or list them in `work`; a thread takes `chunk` pixels of a row.

    `step`: 1 for all that lie between pixels of even column and row, 2 for those of even column and row that lie
    between each fourth of each fourth row; they are counted in `counts[1 + step]`. `begin`: the first triangle whose
    pixels are wanted; `heads`: the housing's first one. `states` are those of `sim.render.light`; `lit`: whether
    `irradiance` has room; `floor`: the difference, W/m²/sr, that is averaged on the housing anyhow.
    """
    _spread(
        wp.tid() * chunk, chunk, width, height, step, begin, heads, ids, materials, table, ranges, states, lit, floor,
        radiance, irradiance, work, counts,
    )  # fmt: skip
