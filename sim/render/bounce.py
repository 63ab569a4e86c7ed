# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""One diffuse bounce: patches of face and housing that the LEDs light throw light at each other.

Each patch radiates what it gets from the LEDs, and the housing also what it gets from the face. What arrives at a
patch is kept as an ambient cube: irradiance on six faces along the device's axes (McTaggart 2004); a node blends the
cubes around it by its own normal: E(n) = n_x² E±x + n_y² E±y + n_z² E±z. Nothing stands between patches here; what the
housing sends is scaled by how much of its surroundings a node sees (see `sim.render.openness`).
"""

import warp as wp

from sim.render.device import FUSED_OPTIONS
from sim.render.structs import Vertex

wp.set_module_options(FUSED_OPTIONS)

Cube = wp.types.vector(length=6, dtype=wp.float32)
"""Irradiance on faces whose outward normals are +x, -x, +y, -y, +z, -z."""


@wp.kernel
def sum_patches(
    tissue: int,
    starts: wp.array[int],
    members: wp.array[int],
    nodes: wp.array[int],
    vertices: wp.array[Vertex],
    mass: wp.array[float],
    housing_area: wp.array[float],
    irradiance: wp.array[wp.vec2],
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    flux: wp.array[wp.vec2],
    albedo: wp.array[wp.vec2],
) -> None:
    """Each patch's middle, area times normal, area, and power, W, that it throws back of the LEDs' light."""
    p = wp.tid()
    centre = wp.vec3(0.0, 0.0, 0.0)
    normal = wp.vec3(0.0, 0.0, 0.0)
    total = wp.float32(0.0)
    power = wp.vec2(0.0, 0.0)
    rho = wp.vec2(0.0, 0.0)
    for k in range(starts[p], starts[p + 1]):
        i = members[k]
        a = housing_area[i]
        if i < tissue:
            a = mass[i]
        v = vertices[nodes[i]]
        own = wp.vec2(v[6], v[7])
        centre += a * wp.vec3(v[0], v[1], v[2])
        normal += a * wp.vec3(v[3], v[4], v[5])
        rho += a * own
        power += a * wp.cw_mul(own, irradiance[i])
        total += a
    scale = 1.0 / wp.max(total, 1.0e-12)
    centres[p] = centre * scale
    normals[p] = normal
    areas[p] = total
    flux[p] = power
    albedo[p] = rho * scale


LANES = 8
"""Patches a thread on the CPU."""

_RECEIVERS = """
#if defined(__CUDA_ARCH__)
    const int lanes = 1;
#else
    const int lanes = 8;
#endif
    float px[lanes], py[lanes], pz[lanes];
    int own[lanes];
    for (int k = 0; k < lanes; ++k) {
        own[k] = wp::min(first + k, count - 1);
        px[k] = centres.data[own[k]].c[0];
        py[k] = centres.data[own[k]].c[1];
        pz[k] = centres.data[own[k]].c[2];
    }
"""
_FORM = """
        // Direction to patch q, and what a face turned to it would get of its power per area: cos A / (pi r²).
        const wp::vec_t<3, float> centre = centres.data[q], normal = normals.data[q];
        const float spread = 0.3183f * areas.data[q];
        float dx[lanes], dy[lanes], dz[lanes], share[lanes];
        for (int k = 0; k < lanes; ++k) {
            const float x = centre.c[0] - px[k], y = centre.c[1] - py[k], z = centre.c[2] - pz[k];
            const float square = x * x + y * y + z * z, r2 = square > 1e-12f ? square : 1e-12f;
            const float inverse = 1.0f / wp::sqrt(r2);
            const float towards = -(normal.c[0] * x + normal.c[1] * y + normal.c[2] * z) * inverse;
            share[k] = (towards > 0.0f ? towards : 0.0f) / (3.14159265f * (r2 + spread));
            dx[k] = x * inverse;
            dy[k] = y * inverse;
            dz[k] = z * inverse;
        }
"""
_RELAY = """
    float nx[lanes], ny[lanes], nz[lanes], got0[lanes], got1[lanes];
    for (int k = 0; k < lanes; ++k) {
        const wp::vec_t<3, float> n = normals.data[own[k]];
        const float length2 = n.c[0] * n.c[0] + n.c[1] * n.c[1] + n.c[2] * n.c[2];
        const float unit = length2 > 0.0f ? 1.0f / wp::sqrt(length2) : 0.0f;
        nx[k] = n.c[0] * unit;
        ny[k] = n.c[1] * unit;
        nz[k] = n.c[2] * unit;
        got0[k] = got1[k] = 0.0f;
    }
    for (int q = 0; q < (own[lanes - 1] < heads ? 0 : heads); ++q) {
FORM
        const float scale = 1.0f / wp::max(areas.data[q], 1e-12f);
        const float e0 = flux.data[q].c[0] * scale, e1 = flux.data[q].c[1] * scale;
        for (int k = 0; k < lanes; ++k) {
            const float cosine = nx[k] * dx[k] + ny[k] * dy[k] + nz[k] * dz[k];
            const float part = (cosine > 0.0f ? cosine : 0.0f) * share[k];
            got0[k] += e0 * part;
            got1[k] += e1 * part;
        }
    }
    for (int k = 0; k < lanes; ++k) {
        const int p = own[k];
        const float scale = 1.0f / wp::max(areas.data[p], 1e-12f), relayed = p >= heads ? 1.0f : 0.0f;
        exitance.data[p] = wp::vec_t<2, float>(
            flux.data[p].c[0] * scale + albedo.data[p].c[0] * got0[k] * relayed,
            flux.data[p].c[1] * scale + albedo.data[p].c[1] * got1[k] * relayed);
    }
"""
_SURROUND = """
    for (int part = 0; part < 2; ++part) {
        float sums[12][lanes];
        for (int j = 0; j < 12; ++j)
            for (int k = 0; k < lanes; ++k)
                sums[j][k] = 0.0f;
        for (int q = part ? heads : 0; q < (part ? count : heads); ++q) {
            const float e0 = exitance.data[q].c[0], e1 = exitance.data[q].c[1];
            if (e0 + e1 <= 0.0f)
                continue;
FORM
            // A patch gets nothing of itself, as `towards` is 0 there.
            for (int k = 0; k < lanes; ++k) {
                const float d[3] = {dx[k] * share[k], dy[k] * share[k], dz[k] * share[k]};
                for (int axis = 0; axis < 3; ++axis) {
                    const float up = d[axis] > 0.0f ? d[axis] : 0.0f, down = up - d[axis];
                    sums[2 * axis][k] += up * e0;
                    sums[2 * axis + 1][k] += down * e0;
                    sums[6 + 2 * axis][k] += up * e1;
                    sums[7 + 2 * axis][k] += down * e1;
                }
            }
        }
        float* out = (float*)cubes.data;
        for (int k = 0; k < lanes; ++k)
            for (int j = 0; j < 12; ++j)
                out[6 * ((2 * part + j / 6) * cubes.shape[1] + own[k]) + j % 6] = sums[j][k];
    }
"""


@wp.func_native(_RECEIVERS + _RELAY.replace("FORM", _FORM))
def _relay(
    first: int,
    count: int,
    heads: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    flux: wp.array[wp.vec2],
    albedo: wp.array[wp.vec2],
    exitance: wp.array[wp.vec2],
) -> None:
    """The patches `first` onwards; see `relay`."""


@wp.kernel
def relay(
    lanes: int,
    count: int,
    heads: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    flux: wp.array[wp.vec2],
    albedo: wp.array[wp.vec2],
    exitance: wp.array[wp.vec2],
) -> None:
    """What each patch radiates, W/m²: the LEDs' light, and on the housing the face's as well.

    Here and below a thread takes `lanes` patches: LANES on the CPU, 1 on the GPU.
    """
    _relay(wp.tid() * lanes, count, heads, centres, normals, areas, flux, albedo, exitance)


@wp.func_native(_RECEIVERS + _SURROUND.replace("FORM", _FORM))
def _surround(
    first: int,
    count: int,
    heads: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    exitance: wp.array[wp.vec2],
    cubes: wp.array2d[Cube],
) -> None:
    """The patches `first` onwards; see `surround`."""


@wp.kernel
def surround(
    lanes: int,
    count: int,
    heads: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    exitance: wp.array[wp.vec2],
    cubes: wp.array2d[Cube],
) -> None:
    """Ambient cubes of each patch: two wavelengths of the head's other patches, then two of the housing's."""
    _surround(wp.tid() * lanes, count, heads, centres, normals, areas, exitance, cubes)


@wp.kernel
def add_surroundings(
    tissue: int,
    local: float,
    nodes: wp.array[int],
    vertices: wp.array[Vertex],
    near: wp.array2d[int],
    weights: wp.array2d[float],
    cubes: wp.array2d[Cube],
    openness: wp.array[float],
    through_hair: wp.array[float],
    irradiance: wp.array[wp.vec2],
    glow: wp.array[wp.vec2],
) -> None:
    """Add to each node's light what its surroundings send; what tissue returns at once goes straight to its glow.

    `through_hair`: (V,) what hair leaves of it, taken to be as much as of the LEDs' light; one number: there is none.
    """
    i = wp.tid()
    v = vertices[nodes[i]]
    got = wp.vec2(0.0, 0.0)
    for k in range(near.shape[1]):
        w = weights[i, k]
        if w > 0.0:
            p = near[i, k]
            for axis in range(3):
                n = v[3 + axis]
                side = 2 * axis
                if n < 0.0:
                    side += 1
                near_by = wp.vec2(cubes[0, p][side], cubes[1, p][side])
                around = wp.vec2(cubes[2, p][side], cubes[3, p][side])
                got += (near_by + around * openness[i]) * (w * n * n)
    if through_hair.shape[0] > 1:
        got *= through_hair[nodes[i]]
    if i < tissue:
        irradiance[i] = irradiance[i] + got
        glow[i] = glow[i] + got * local
    else:
        glow[i] = glow[i] + got
