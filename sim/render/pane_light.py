# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""What a camera sees through a pane loses what both surfaces reflect and the material absorbs.

Refraction is left out. A plane-parallel pane 2 mm thick shifts what lies behind it by thickness · sin i ·
(1 - cos i / sqrt(n² - sin² i)): 0.4 mm at 30 degrees, 0.7 mm at 45 (docs/rendering.md has it in pixels). Prescription
adds a prism of power x distance from the middle of the pane: 0.6 degrees for 1 dpt at 10 mm.
"""

import warp as wp

from sim.render.crossings import COSINES
from sim.render.device import FUSED_OPTIONS

wp.set_module_options(FUSED_OPTIONS)

_DIM = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    const int left = box.c[0], right = box.c[2], stride = rays.shape[1];
    const float* dx = rays.data;
    const float* dy = dx + stride;
    const float* dz = dy + stride;
    const float r = surface.c[0], least2 = surface.c[1] * surface.c[1], most2 = surface.c[2] * surface.c[2];
    const bool flat = r == 0.0f;
    const float cx = from_.c[0], cy = from_.c[1], cz = from_.c[2] + r;  // camera from the sphere's centre
    const float c0 = cx * cx + cy * cy + cz * cz - r * r;
    for (int begin = left; begin <= right; begin += lanes) {
        float hx[2][lanes], hy[2][lanes], along[2][lanes], cosine[lanes];
        int some = 0;
        if (flat) {
            for (int q = 0; q < lanes; ++q) {
                const int i = row * width + begin + q;
                const float x = m.data[0][0] * dx[i] + m.data[0][1] * dy[i] + m.data[0][2] * dz[i];
                const float y = m.data[1][0] * dx[i] + m.data[1][1] * dy[i] + m.data[1][2] * dz[i];
                const float z = m.data[2][0] * dx[i] + m.data[2][1] * dy[i] + m.data[2][2] * dz[i];
                const float t = -cz / (wp::abs(z) > 1e-6f ? z : 1e-6f);
                cosine[q] = wp::abs(z);
                hx[0][q] = cx + t * x;
                hy[0][q] = cy + t * y;
                const bool near = t > 0.0f && hx[0][q] * hx[0][q] + hy[0][q] * hy[0][q] <= most2;
                along[0][q] = near ? t : 1e30f;
                along[1][q] = 1e30f;
                some |= near;
            }
        } else {
            for (int q = 0; q < lanes; ++q) {
                const int i = row * width + begin + q;  // the last lanes may read padding
                const float x = m.data[0][0] * dx[i] + m.data[0][1] * dy[i] + m.data[0][2] * dz[i];
                const float y = m.data[1][0] * dx[i] + m.data[1][1] * dy[i] + m.data[1][2] * dz[i];
                const float z = m.data[2][0] * dx[i] + m.data[2][1] * dy[i] + m.data[2][2] * dz[i];
                const float b = x * cx + y * cy + z * cz;
                const float square = b * b - c0;
                const float root = wp::sqrt(square > 0.0f ? square : 0.0f);
                cosine[q] = root / wp::abs(r);
                for (int k = 0; k < 2; ++k) {
                    const float t = k ? root - b : -root - b;
                    hx[k][q] = cx + t * x;
                    hy[k][q] = cy + t * y;
                    const bool near = square > 0.0f && t > 0.0f && (cz + t * z) * r > 0.0f &&
                                      hx[k][q] * hx[k][q] + hy[k][q] * hy[k][q] <= most2;
                    along[k][q] = near ? t : 1e30f;
                    some |= near;
                }
            }
        }
        if (!some)
            continue;
        for (int q = 0; q < lanes && begin + q <= right; ++q) {
            const int i = row * width + begin + q;
            for (int k = 0; k < 2; ++k) {
                // Nothing seen is farther than anything.
                if (along[k][q] >= 1e29f || along[k][q] >= ranges.data[i])
                    continue;
                const float r2 = hx[k][q] * hx[k][q] + hy[k][q] * hy[k][q];
                if (r2 > least2) {
                    const float turn = wp::atan2(hy[k][q], hx[k][q]) * (SECTORS / 6.28318531f);
                    const int sector = ((int)wp::floor(turn) + SECTORS) % SECTORS;
                    if (r2 > reach.data[sector] * reach.data[sector])
                        continue;
                }
                const float at = cosine[q] * COSINES, low = at < COSINES - 1 ? at : COSINES - 1;
                const int j = (int)low;
                radiance.data[i] *= passed.data[j] + (passed.data[j + 1] - passed.data[j]) * (at - (float)j);
                break;
            }
        }
    }
"""


@wp.func_native(_DIM.replace("COSINES", f"{COSINES}").replace("SECTORS", "360"))
def _dim(
    row: int,
    width: int,
    box: wp.vec4i,
    rays: wp.array2d[float],
    m: wp.mat33,
    from_: wp.vec3,
    surface: wp.vec3,
    reach: wp.array[float],
    passed: wp.array[float],
    ranges: wp.array[float],
    radiance: wp.array[float],
) -> None:
    """One row of pixels; see `dim`."""


@wp.kernel
def dim(
    width: int,
    box: wp.vec4i,
    rays: wp.array2d[float],
    pane_camera: wp.mat33,
    origin: wp.vec3,
    surface: wp.vec3,
    reach: wp.array[float],
    passed: wp.array[float],
    ranges: wp.array[float],
    radiance: wp.array[float],
) -> None:
    """Multiply the radiance of the pixels in `box` (left, top, right, bottom) by what a pane before them passes.

    `pane_camera` turns camera coordinates to the pane's, `origin` is the camera there; `surface`: radius of the front
    surface, whose apex is the origin (0: a plane), and least and greatest radius of the edge, m; `reach`: the edge's
    radius by direction; `passed`: by cosine.
    """
    _dim(
        box[1] + wp.tid(), width, box, rays, pane_camera, origin, surface, reach, passed, ranges, radiance
    )  # fmt: skip
