# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""One look at what the pixels of an image see: which are to be lit, which may lie at a silhouette."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Solid

wp.set_module_options(KERNEL_OPTIONS)

_LIST = """
    const int end = first + chunk;
    const int* id = ids.data;
    const wp::vec_t<3, int>* triangle = solid.triangles.data;
    // Triangles with a common corner continue each other, but for cusps that end right between the two pixels.
    auto apart = [=](int s, int t) {
        if (s < 0 || t < 0)
            return true;
        const int* a = triangle[s].c;
        const int* b = triangle[t].c;
        int common = 0;
        for (int i = 0; i < 3; ++i)
            common |= (a[i] == b[0]) | (a[i] == b[1]) | (a[i] == b[2]);
        return common == 0;
    };
    auto add = [=](int which) {
#if defined(__CUDA_ARCH__)
        return atomicAdd(counts.data + which, 1);
#else
        return counts.data[which]++;
#endif
    };
    const int y = first / width, left = first % width;
    const bool bottom = y + 1 == height;
    for (int i = first; i < end; ++i) {
        const int x = left + i - first;
        const int t = id[i];
        if (antialias) {
            if (x + 1 < width && t != id[i + 1] && apart(t, id[i + 1]))
                pairs.data[add(1)] = 2 * i;
            if (!bottom && t != id[i + width] && apart(t, id[i + width]))
                pairs.data[add(1)] = 2 * i + 1;
        }
        if (t < 0) {
            radiance.data[i] = 0.0f;
            continue;
        }
        const int between = coarse && t >= heads ? 3 : sparse ? 1 : 0;
        if (!((x | y) & between))
            work.data[add(0)] = i;
    }
"""


@wp.func_native(_LIST)
def list_chunk(
    first: int,
    chunk: int,
    width: int,
    height: int,
    ids: wp.array[int],
    solid: Solid,
    antialias: int,
    sparse: int,
    coarse: int,
    heads: int,
    radiance: wp.array[float],
    work: wp.array[int],
    pairs: wp.array[int],
    counts: wp.array[int],
) -> None:
    """The pixels `first` onwards; see `list_pixels`."""


@wp.kernel
def list_pixels(
    chunk: int,
    width: int,
    height: int,
    ids: wp.array[int],
    solid: Solid,
    antialias: int,
    sparse: int,
    coarse: int,
    heads: int,
    radiance: wp.array[float],
    work: wp.array[int],
    pairs: wp.array[int],
    counts: wp.array[int],
) -> None:
    """List pixels; a thread takes `chunk` pixels.

    `work` gets the pixels that see something, if `sparse` those of even column and row, and if `coarse` of those that
    see the housing (triangles from `heads` on) each fourth of each fourth row; what sees nothing is blackened.
    `pairs` gets the pairs of neighbours with a silhouette between them, perhaps, numbered as in
    `sim.render.antialias.find_weights`. `counts` holds the lengths of the two lists.
    """
    list_chunk(
        wp.tid() * chunk, chunk, width, height, ids, solid, antialias, sparse, coarse, heads, radiance, work, pairs,
        counts,
    )  # fmt: skip
