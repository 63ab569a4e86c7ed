# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""What arrives from the LEDs at points of the surface, whatever camera looks (see `sim.render.net`)."""

import warp as wp

from sim.render.arrival import ARRIVE, SETUP
from sim.render.device import FUSED_OPTIONS
from sim.render.structs import Leds, Vertex

wp.set_module_options(FUSED_OPTIONS)

LANES = 8
"""Samples a thread on the CPU."""

_GATHER = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    float px[lanes], py[lanes], pz[lanes], nx[lanes], ny[lanes], nz[lanes];
    const float *gx = nx, *gy = ny, *gz = nz;
    float first_nm[lanes], second_nm[lanes], seen[lanes], could[lanes];
    const float* all = (const float*)vertices.data;
    const int led_count = leds.count;
    const int size_of = VERTEX;
    for (int k = 0; k < lanes; ++k) {
        const int s = wp::min(first + k, count - 1);
        const wp::vec_t<3, int> corner = corners.data[s];
        const wp::vec_t<3, float> weight = weights.data[s];
        const float* a = all + size_of * corner.c[0];
        const float* b = all + size_of * corner.c[1];
        const float* c = all + size_of * corner.c[2];
        float p[6];
        for (int j = 0; j < 6; ++j)
            p[j] = a[j] * weight.c[0] + b[j] * weight.c[1] + c[j] * weight.c[2];
        const float n = 1.0f / wp::sqrt(wp::max(p[3] * p[3] + p[4] * p[4] + p[5] * p[5], 1e-30f));
        px[k] = p[0];
        py[k] = p[1];
        pz[k] = p[2];
        nx[k] = p[3] * n;
        ny[k] = p[4] * n;
        nz[k] = p[5] * n;
        first_nm[k] = second_nm[k] = 0.0f;
        seen[k] = could[k] = 0.0f;
    }
"""
_SUM = """
        for (int k = 0; k < lanes; ++k) {
            const float got = light[k] * share[k];
            first_nm[k] += got * (1.0f - led[13]);
            second_nm[k] += got * led[13];
            seen[k] += nl[k] * share[k];
            could[k] += nl[k];
        }
    }
    for (int k = 0; k < lanes; ++k)
        if (first + k < count) {
            arrived.data[first + k] = wp::vec_t<2, float>(first_nm[k], second_nm[k]);
            open.data[first + k] = wp::vec_t<2, float>(seen[k], could[k]);
        }
"""


@wp.func_native((_GATHER + SETUP + ARRIVE + _SUM).replace("VERTEX", str(len(Vertex()))))
def _light_samples(
    first: int,
    count: int,
    corners: wp.array[wp.vec3i],
    weights: wp.array[wp.vec3],
    vertices: wp.array[Vertex],
    leds: Leds,
    arrived: wp.array[wp.vec2],
    open: wp.array[wp.vec2],
) -> None:
    """The samples `first` onwards; see `light_samples`."""


@wp.kernel
def light_samples(
    count: int,
    lanes: int,
    corners: wp.array[wp.vec3i],
    weights: wp.array[wp.vec3],
    vertices: wp.array[Vertex],
    leds: Leds,
    arrived: wp.array[wp.vec2],
    open: wp.array[wp.vec2],
) -> None:
    """Irradiance at each sample, W/m², split between the two wavelengths of albedos.

    `open`: sums of the cosines towards the LEDs, of those that it sees and of all that it faces. A thread takes `lanes`
    samples.
    """
    _light_samples(wp.tid() * lanes, count, corners, weights, vertices, leds, arrived, open)
