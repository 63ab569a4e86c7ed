# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Electrons and digital numbers of every pixel in one pass, with noise from a hash of pixel and key.

Each pixel hashes (its index, the image's key) to two uniform numbers by pcg3d (Jarzynski and Olano 2020): one gives
its photons, the other its read noise. So neither order nor the number of threads matters.

Poisson numbers are exact inversions below a mean of 4. Above, they are the inverse distribution function's expansion
(Giles 2016, Algorithm 955, Q_N2), rounded down, less than 0.0008 off in sum over all counts, and falling with the mean:
    λ + √λ w + 1/3 + w²/6 - (w/36 + w³/72) / √λ + (-8/405 + 7 w²/810 + w⁴/270) / λ,    w = Φ⁻¹(u)
Φ⁻¹ is linear between 2,049 tabulated values, to 4e-5, and Acklam's rational formula in the outer 1/64 on either side.
"""

import numpy as np
import warp as wp
from scipy.special import ndtri

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)

CELLS = 2048
SMALL_MEAN = 4.0
QUANTILES = ndtri(np.linspace(0.0, 1.0, CELLS + 1).clip(1e-9, 1 - 1e-9)).astype(np.float32)
"""(CELLS + 1,) Φ⁻¹ at equal steps of probability; the ends are never read."""


@wp.struct
class Chip:
    """One camera's sensor and one image's state.

    full_well, dark, read: electrons; gain: DN per electron; offset, white: DN.
    shade: even light over the image, electrons; keep: share of the light that stays where it falls.
    key, frame: 64 bits that the noise depends on, besides the pixel; noisy: 0: no shot and read noise.
    """

    full_well: float
    dark: float
    read: float
    gain: float
    offset: float
    white: float
    shade: float
    keep: float
    key: wp.uint32
    frame: wp.uint32
    noisy: int


_EXPOSE = """
    auto normal = [=](unsigned h) {
        if ((h + 0x04000000u) >= 0x08000000u) {  // not in the outer 1/64 on either side
            const unsigned cell = h >> 21;
            const float a = quantiles.data[cell], b = quantiles.data[cell + 1];
            return a + (b - a) * ((float)(h & 0x1FFFFFu) * 4.76837158203125e-7f);
        }
        const unsigned m = h < 0x80000000u ? h : ~h;
        const float q = wp::sqrt(-2.0f * wp::log(((float)m + 0.5f) * 2.3283064365386963e-10f));
        float x = ((((-7.784894002430293e-03f * q - 3.223964580411365e-01f) * q - 2.400758277161838f) * q
                    - 2.549732539343734f) * q + 4.374664141464968f) * q + 2.938163982698783f;
        x /= (((7.784695709041462e-03f * q + 3.224671290700398e-01f) * q + 2.445134137142996f) * q
              + 3.754408661907416f) * q + 1.0f;
        return h < 0x80000000u ? x : -x;
    };
    // In blocks, each step over the whole block, so that the compiler vectorises all but the tables and small means.
    float mean[BLOCK], e[BLOCK], w[BLOCK], read[BLOCK];
    unsigned one[BLOCK], other[BLOCK];
    const unsigned seed_y = chip.key * 1664525u + 1013904223u, seed_z = chip.frame * 1664525u + 1013904223u;
    for (int start = first; start < first + chunk; start += BLOCK) {
        const int n = wp::min(BLOCK, first + chunk - start);
        const float* electron = electrons.data + start;
        const float* share = field.data + start;
        const float* answer = response.data + start;
        for (int k = 0; k < n; ++k) {
            const float light = electron[k] * share[k] * chip.keep + chip.shade;
            mean[k] = wp::max(light * answer[k], 0.0f) + chip.dark;
            e[k] = mean[k];
            read[k] = 0.0f;
        }
        if (chip.noisy) {
            for (int k = 0; k < n; ++k) {
                // Far beyond the full well all counts are clipped alike.
                mean[k] = wp::min(mean[k], 4.0f * chip.full_well);
                unsigned x = (unsigned)(start + k) * 1664525u + 1013904223u, y = seed_y, z = seed_z;
                x += y * z; y += z * x; z += x * y;
                x ^= x >> 16; y ^= y >> 16; z ^= z >> 16;
                x += y * z; y += z * x;
                one[k] = x;
                other[k] = y;
            }
            for (int k = 0; k < n; ++k) {
                w[k] = normal(one[k]);
                read[k] = chip.read * normal(other[k]);
            }
            for (int k = 0; k < n; ++k) {
                const float m = wp::max(mean[k], 1.0f), v = w[k], v2 = v * v;
                const float root = wp::sqrt(m), over = 1.0f / root;
                const float third = v * (0.0277777778f + 0.0138888889f * v2);
                const float fourth = -0.0197530864f + v2 * (0.00864197531f + 0.0037037037f * v2);
                const float sum = root * v + (0.333333333f + 0.166666667f * v2) - (third - fourth * over) * over;
                e[k] = wp::max(wp::floor(m + sum), 0.0f);
            }
            for (int k = 0; k < n; ++k) {
                if (mean[k] >= SMALL)
                    continue;
                const float u = ((float)(one[k] >> 8) + 0.5f) * 5.9604644775390625e-8f;
                int count = 0;
                if (u > 1.0f - mean[k]) {  // else it is 0: exp(-mean) is not below 1 - mean
                    float p = wp::exp(-mean[k]), total = p;
                    while (u > total && count < 100) {
                        ++count;
                        p *= mean[k] / (float)count;
                        total += p;
                    }
                }
                e[k] = (float)count;
            }
        }
        const float* pattern = dark_signal.data + start;
        for (int k = 0; k < n; ++k) {
            const float signal = wp::min(e[k], chip.full_well) + pattern[k] + read[k];
            const float dn = wp::floor(chip.gain * signal + chip.offset + 0.5f);
            out.data[start + k] = (unsigned short)(int)wp::min(wp::max(dn, 0.0f), chip.white);
        }
    }
""".replace("SMALL", f"{SMALL_MEAN}f").replace("BLOCK", "128")


@wp.func_native(_EXPOSE)
def _expose(
    first: int,
    chunk: int,
    chip: Chip,
    electrons: wp.array[float],
    field: wp.array[float],
    response: wp.array[float],
    dark_signal: wp.array[float],
    quantiles: wp.array[float],
    out: wp.array[wp.uint16],
) -> None:
    """The pixels `first` onwards; see `expose`."""


@wp.kernel
def expose(
    chunk: int,
    chip: Chip,
    electrons: wp.array[float],
    field: wp.array[float],
    response: wp.array[float],
    dark_signal: wp.array[float],
    quantiles: wp.array[float],
    out: wp.array[wp.uint16],
) -> None:
    """Digital numbers; a thread takes `chunk` pixels.

    electrons: expected on the axis; field: relative illumination; response: 1 + PRNU; dark_signal: DSNU, electrons.
    """
    _expose(wp.tid() * chunk, chunk, chip, electrons, field, response, dark_signal, quantiles, out)
