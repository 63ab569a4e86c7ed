# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""One diffuse bounce: patches of face and housing that the LEDs light throw light at each other.

Each patch radiates what it gets from the LEDs, and the housing also what it gets from the face. What arrives at a
patch is kept as an ambient cube: irradiance on six faces along the device's axes (McTaggart 2004); a node blends the
cubes around it by its own normal: E(n) = n_x² E±x + n_y² E±y + n_z² E±z. Nothing stands between patches here; what the
housing sends is scaled by how much of its surroundings a node sees (see `sim.render.openness`).
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Vertex

wp.set_module_options(KERNEL_OPTIONS)

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


@wp.func
def form(centre: wp.vec3, from_centre: wp.vec3, from_normal: wp.vec3, from_area: float) -> wp.vec4:
    """Direction to a patch, and what a face turned to it would get of its power per area: cos A / (π r²)."""
    d = from_centre - centre
    r2 = wp.dot(d, d)
    inverse = 1.0 / wp.sqrt(wp.max(r2, 1.0e-12))
    towards = wp.max(-wp.dot(from_normal, d) * inverse, 0.0)
    share = towards / (3.14159265 * (r2 + 0.3183 * from_area))
    return wp.vec4(d[0] * inverse, d[1] * inverse, d[2] * inverse, share)


@wp.kernel
def relay(
    heads: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    flux: wp.array[wp.vec2],
    albedo: wp.array[wp.vec2],
    exitance: wp.array[wp.vec2],
) -> None:
    """What each patch radiates, W/m²: the LEDs' light, and on the housing the face's as well."""
    p = wp.tid()
    out = flux[p] / wp.max(areas[p], 1.0e-12)
    if p >= heads:
        n = wp.normalize(normals[p])
        arriving = wp.vec2(0.0, 0.0)
        for q in range(heads):
            f = form(centres[p], centres[q], normals[q], areas[q])
            cosine = wp.max(n[0] * f[0] + n[1] * f[1] + n[2] * f[2], 0.0)
            arriving += flux[q] / wp.max(areas[q], 1.0e-12) * (cosine * f[3])
        out += wp.cw_mul(albedo[p], arriving)
    exitance[p] = out


@wp.kernel
def surround(
    heads: int,
    count: int,
    centres: wp.array[wp.vec3],
    normals: wp.array[wp.vec3],
    areas: wp.array[float],
    exitance: wp.array[wp.vec2],
    cubes: wp.array2d[Cube],
) -> None:
    """Ambient cubes of each patch: two wavelengths of the head's other patches, then two of the housing's."""
    p = wp.tid()
    for part in range(2):
        first = Cube()
        second = Cube()
        begin = wp.where(part == 0, 0, heads)
        end = wp.where(part == 0, heads, count)
        for q in range(begin, end):
            e = exitance[q]
            if q != p and e[0] + e[1] > 0.0:
                f = form(centres[p], centres[q], normals[q], areas[q])
                if f[3] > 0.0:
                    for k in range(3):
                        up = wp.max(f[k], 0.0) * f[3]
                        down = wp.max(-f[k], 0.0) * f[3]
                        first[2 * k] += up * e[0]
                        first[2 * k + 1] += down * e[0]
                        second[2 * k] += up * e[1]
                        second[2 * k + 1] += down * e[1]
        cubes[2 * part, p] = first
        cubes[2 * part + 1, p] = second


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
