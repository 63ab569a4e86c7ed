# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, not a constant.
"""Silhouettes blended by coverage: where an edge crosses the segment between two pixels' centres, exactly.

After Laine et al. 2020, "Modular primitives for high-performance differentiable rendering" (section 3.5), with two
changes. The crossing is that of the edge's plane n through the camera with the two rays, t = n·d0 / (n·d0 - n·d1),
which is exact for any central lens. And the silhouette is looked for by walking over the surface from the nearer
pixel towards the farther one, since the last triangle before a silhouette is often too thin to be seen by any pixel.
Where surfaces pass through each other (an eyeball and its lid) the edge is the line in which their planes meet.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.raster import edge_plane

wp.set_module_options(KERNEL_OPTIONS)

_STEPS = wp.constant(12)
_NOTHING = wp.constant(0x7FFFFFFF)
"""Upper half of the key of a pixel that sees nothing."""


@wp.func
def _ray(rays: wp.array2d[float], i: int) -> wp.vec3:
    return wp.vec3(rays[0, i], rays[1, i], rays[2, i])


@wp.func
def _facing(tri: wp.vec3i, positions: wp.array2d[wp.vec3]) -> float:
    a = positions[0, tri[0]]
    return wp.sign(wp.dot(a, wp.cross(positions[0, tri[1]] - a, positions[0, tri[2]] - a)))


@wp.func
def _has(tri: wp.vec3i, vertex: int) -> bool:
    return tri[0] == vertex or tri[1] == vertex or tri[2] == vertex


@wp.func
def _walk(
    start: int,
    goal: int,
    d0: wp.vec3,
    d1: wp.vec3,
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    positions: wp.array2d[wp.vec3],
) -> wp.vec4:
    """From `start`, seen along d0, over the surface towards d1: (silhouette edge's plane, crossing in 0..1).

    The crossing is -1 where the surface reaches the triangle `goal`, -2 where it ends up behind or before it.
    """
    t = start
    entry = int(-1)
    side = _facing(triangles[t], positions)
    result = wp.vec4(0.0, 0.0, 0.0, -2.0)
    for _ in range(_STEPS):
        tri = triangles[t]
        first = float(2.0)
        leave = int(-1)
        plane = wp.vec3(0.0)
        for k in range(3):
            if k != entry:
                i = tri[(k + 1) % 3]
                j = tri[(k + 2) % 3]
                n = edge_plane(positions[0, i], positions[0, j], i, j) * side
                g1 = wp.dot(n, d1)
                if g1 < 0.0:
                    g0 = wp.max(wp.dot(n, d0), 0.0)
                    x = g0 / (g0 - g1)
                    if x < first:
                        first = x
                        leave = k
                        plane = n
        if leave < 0:
            if t == goal:
                result = wp.vec4(0.0, 0.0, 0.0, -1.0)
            break
        other = neighbours[t][leave]
        silhouette = other < 0
        if not silhouette:
            silhouette = _facing(triangles[other], positions) != side
        if silhouette:
            result = wp.vec4(plane[0], plane[1], plane[2], first)
            break
        around = neighbours[other]
        entry = wp.where(around[0] == t, 0, wp.where(around[1] == t, 1, 2))
        t = other
    return result


@wp.func
def _meeting(s: int, t: int, triangles: wp.array[wp.vec3i], positions: wp.array2d[wp.vec3]) -> wp.vec3:
    """Plane through the camera and the line in which the planes of two triangles meet."""
    a = positions[0, triangles[s][0]]
    n = wp.normalize(wp.cross(positions[0, triangles[s][1]] - a, positions[0, triangles[s][2]] - a))
    b = positions[0, triangles[t][0]]
    m = wp.normalize(wp.cross(positions[0, triangles[t][1]] - b, positions[0, triangles[t][2]] - b))
    return n * wp.dot(m, b) - m * wp.dot(n, a)


@wp.func
def pair_weight(
    i: int,
    j: int,
    across: int,
    keys: wp.array[wp.int64],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    positions: wp.array2d[wp.vec3],
) -> float:
    """Share of a pixel that its neighbour's surface covers: > 0 for pixel i by j, < 0 for j by i.

    `across` is the step to a pixel beside i and j, at a right angle to the pair.
    """
    s = int(keys[i] & wp.int64(0x7FFFFFFF))
    t = int(keys[j] & wp.int64(0x7FFFFFFF))
    if s == t:
        return float(0.0)
    reach_s = int(keys[i] >> wp.int64(32))
    reach_t = int(keys[j] >> wp.int64(32))
    swap = reach_t < reach_s  # the bits of positive floats are ordered as they are
    near = wp.where(swap, j, i)
    far = wp.where(swap, i, j)
    front = wp.where(swap, t, s)
    back = wp.where(swap, s, t)
    empty = wp.max(reach_s, reach_t) == _NOTHING
    if empty:
        back = -1
    else:
        u = triangles[s]
        v = triangles[t]
        if (
            _has(v, u[0]) or _has(v, u[1]) or _has(v, u[2])
        ):  # neighbours: the surface goes on, but where it has a cusp right between the pixels
            return float(0.0)
    d0 = _ray(rays, near)
    d1 = _ray(rays, far)
    if wp.length_sq(d0) < 0.5 or wp.length_sq(d1) < 0.5:
        return float(0.0)
    found = _walk(front, back, d0, d1, triangles, neighbours, positions)
    x = found[3]
    plane = wp.vec3(found[0], found[1], found[2])
    if x == -1.0:
        return float(0.0)
    if x < 0.0:
        if empty:
            return float(0.0)
        plane = _meeting(front, back, triangles, positions)
        g0 = wp.dot(plane, d0)
        g1 = wp.dot(plane, d1)
        if g0 * g1 >= 0.0:
            return float(0.0)
        x = g0 / (g0 - g1)
    # An edge is accounted for along the axis that it crosses more steeply, once.
    slope = wp.abs(wp.dot(plane, d1 - d0))
    if slope < wp.abs(wp.dot(plane, _ray(rays, near + across) - d0)):
        return float(0.0)
    # Coverage of the near surface reaches from its centre to x: below one half it leaves some of its own pixel.
    weight = 0.5 - x
    return wp.where(swap, -weight, weight)


@wp.kernel
def antialias_weights(
    width: int,
    height: int,
    keys: wp.array[wp.int64],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    positions: wp.array2d[wp.vec3],
    weights: wp.array[wp.vec2],
    touched: wp.array[int],
    count: wp.array[int],
) -> None:
    """Weights of the pairs (i, right) and (i, below); pixels that will receive something are listed in `touched`."""
    i = wp.tid()
    x = i % width
    y = i // width
    w = wp.vec2(0.0)
    if x + 1 < width:
        w[0] = pair_weight(
            i, i + 1, wp.where(y + 1 < height, width, -width), keys, rays, triangles, neighbours, positions
        )
        if w[0] != 0.0:
            touched[wp.atomic_add(count, 0, 1)] = wp.where(w[0] > 0.0, i, i + 1)
    if y + 1 < height:
        w[1] = pair_weight(i, i + width, wp.where(x + 1 < width, 1, -1), keys, rays, triangles, neighbours, positions)
        if w[1] != 0.0:
            touched[wp.atomic_add(count, 0, 1)] = wp.where(w[1] > 0.0, i, i + width)
    weights[i] = w


@wp.kernel
def blend(
    touched: wp.array[int],
    weights: wp.array[wp.vec2],
    radiance: wp.array[float],
    width: int,
    height: int,
    blended: wp.array[float],
) -> None:
    """New radiance of each listed pixel; a pixel listed twice gets the same value twice."""
    k = wp.tid()
    i = touched[k]
    x = i % width
    y = i // width
    own = radiance[i]
    total = float(0.0)
    change = float(0.0)
    w = wp.max(weights[i][0], 0.0)
    if w > 0.0:
        total += w
        change += w * (radiance[i + 1] - own)
    w = wp.max(weights[i][1], 0.0)
    if w > 0.0:
        total += w
        change += w * (radiance[i + width] - own)
    if x > 0:
        w = wp.max(-weights[i - 1][0], 0.0)
        total += w
        change += w * (radiance[i - 1] - own)
    if y > 0:
        w = wp.max(-weights[i - width][1], 0.0)
        total += w
        change += w * (radiance[i - width] - own)
    blended[k] = own + change / wp.max(total, 1.0)


@wp.kernel
def store(touched: wp.array[int], blended: wp.array(dtype=float), radiance: wp.array(dtype=float)) -> None:
    """Write the blended values once all of them are computed."""
    k = wp.tid()
    radiance[touched[k]] = blended[k]
