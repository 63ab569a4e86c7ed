# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Skin under hair, darker by the light that hair keeps from it."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)

_DIM = """
    for (int i = first; i < first + chunk; ++i) {
        const int t = ids.data[i];
        if (t < 0 || !hairy.data[t])
            continue;
        const wp::vec_t<3, int> tri = triangles.data[t];
        const float least = wp::min(wp::min(share.data[tri.c[0]], share.data[tri.c[1]]), share.data[tri.c[2]]);
        if (least > 0.999f)
            continue;
        const int stride = rays.shape[1];
        const wp::vec_t<3, float> ray(rays.data[i], rays.data[stride + i], rays.data[2 * stride + i]);
        const wp::vec_t<3, float> d = wp::mul(R, ray);
        const wp::vec_t<3, float> a = positions.data[tri.c[0]] - origin, b = positions.data[tri.c[1]] - origin,
                                  c = positions.data[tri.c[2]] - origin;
        const float ea = wp::abs(wp::dot(d, wp::cross(b, c))), eb = wp::abs(wp::dot(d, wp::cross(c, a))),
                    ec = wp::abs(wp::dot(d, wp::cross(a, b))) + 1e-30f;
        const float sum = ea * share.data[tri.c[0]] + eb * share.data[tri.c[1]] + ec * share.data[tri.c[2]];
        const float own = sum / (ea + eb + ec);
        radiance.data[i] *= own;
        if (irradiance.shape[0] > 1)
            irradiance.data[i] *= own;
    }
"""


@wp.func_native(_DIM)
def _dim(
    first: int, chunk: int, ids: wp.array[int], rays: wp.array2d[float], triangles: wp.array[wp.vec3i],
    hairy: wp.array[wp.uint8], positions: wp.array[wp.vec3], share: wp.array[float], R: wp.mat33, origin: wp.vec3,
    radiance: wp.array[float], irradiance: wp.array[float],
) -> None:  # fmt: skip
    """The pixels `first` onwards; see `dim_skin`."""


@wp.kernel
def dim_skin(
    chunk: int,
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    hairy: wp.array[wp.uint8],
    positions: wp.array[wp.vec3],
    share: wp.array[float],
    device_camera: wp.mat33,
    origin: wp.vec3,
    radiance: wp.array[float],
    irradiance: wp.array[float],
) -> None:
    """Multiply what the skin under hair sends by the share of light that reaches it; see `hair_light.shade_skin`."""
    _dim(
        wp.tid() * chunk, chunk, ids, rays, triangles, hairy, positions, share, device_camera, origin, radiance,
        irradiance,
    )  # fmt: skip
