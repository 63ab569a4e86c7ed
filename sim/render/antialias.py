# mypy: ignore-errors
# ruff: noqa: RUF046, SIM102, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
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
def is_candidate(s: int, t: int, triangles: wp.array[wp.vec3i]) -> bool:
    """Whether there may be a silhouette between pixels that see triangles s and t (-1: nothing).

    Triangles with a common corner continue each other, but for cusps that end right between the two pixels.
    """
    if s == t:
        return False
    if s < 0 or t < 0:
        return True
    u = triangles[s]
    v = triangles[t]
    return not (_has(v, u[0]) or _has(v, u[1]) or _has(v, u[2]))


@wp.kernel
def list_pixels(
    width: int,
    height: int,
    ids: wp.array[int],
    triangles: wp.array[wp.vec3i],
    antialias: int,
    radiance: wp.array[float],
    work: wp.array[int],
    pairs: wp.array[int],
    counts: wp.array[int],
) -> None:
    """List the pixels that see something in `work`, blacken the others, and list candidate pairs in `pairs`.

    `counts` holds the lengths of the two lists; pairs are numbered as in `find_weights`.
    """
    i = wp.tid()
    t = ids[i]
    if antialias == 1:
        if (i + 1) % width != 0:
            if is_candidate(t, ids[i + 1], triangles):
                pairs[wp.atomic_add(counts, 1, 1)] = 2 * i
        if i + width < width * height:
            if is_candidate(t, ids[i + width], triangles):
                pairs[wp.atomic_add(counts, 1, 1)] = 2 * i + 1
    if t < 0:
        radiance[i] = 0.0
    else:
        work[wp.atomic_add(counts, 0, 1)] = i


@wp.kernel
def find_weights(
    pairs: wp.array[int],
    width: int,
    height: int,
    ranges: wp.array[float],
    ids: wp.array[int],
    rays: wp.array2d[float],
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    positions: wp.array2d[wp.vec3],
    weights: wp.array[float],
    touched: wp.array[int],
) -> None:
    """Share of a pixel that its neighbour's surface covers, for each candidate pair.

    Pair 2 i is pixel i and the one to its right, pair 2 i + 1 pixel i and the one below. A weight is positive where
    pixel i receives, negative where the other one does; that pixel is noted in `touched` (-1: none).
    """
    k = wp.tid()
    pair = pairs[k]
    touched[k] = -1
    i = pair // 2
    j = i + 1
    across = wp.where(i // width + 1 < height, width, -width)
    if pair % 2 == 1:
        j = i + width
        across = wp.where(i % width + 1 < width, 1, -1)
    swap = ranges[j] < ranges[i]
    near = wp.where(swap, j, i)
    far = wp.where(swap, i, j)
    front = ids[near]
    back = ids[far]
    d0 = _ray(rays, near)
    d1 = _ray(rays, far)
    if wp.length_sq(d0) < 0.5 or wp.length_sq(d1) < 0.5:
        return
    found = _walk(front, back, d0, d1, triangles, neighbours, positions)
    x = found[3]
    plane = wp.vec3(found[0], found[1], found[2])
    if x == -1.0:
        return
    if x < 0.0:
        if back < 0:
            return
        plane = _meeting(front, back, triangles, positions)
        g0 = wp.dot(plane, d0)
        g1 = wp.dot(plane, d1)
        if g0 * g1 >= 0.0:
            return
        x = g0 / (g0 - g1)
    # An edge is accounted for along the axis that it crosses more steeply, once.
    slope = wp.abs(wp.dot(plane, d1 - d0))
    if slope < wp.abs(wp.dot(plane, _ray(rays, near + across) - d0)):
        return
    # Coverage of the near surface reaches from its centre to x: below one half it leaves some of its own pixel.
    weight = 0.5 - x
    weights[pair] = wp.where(swap, -weight, weight)
    touched[k] = wp.where(weight > 0.0, near, far)


@wp.kernel
def blend(
    touched: wp.array[int],
    weights: wp.array[float],
    radiance: wp.array[float],
    width: int,
    height: int,
    blended: wp.array[float],
) -> None:
    """New radiance of each listed pixel; a pixel listed twice gets the same value twice."""
    k = wp.tid()
    i = touched[k]
    if i < 0:
        return
    x = i % width
    y = i // width
    own = radiance[i]
    total = float(0.0)
    change = float(0.0)
    w = wp.max(weights[2 * i], 0.0)
    if w > 0.0:
        total += w
        change += w * (radiance[i + 1] - own)
    w = wp.max(weights[2 * i + 1], 0.0)
    if w > 0.0:
        total += w
        change += w * (radiance[i + width] - own)
    if x > 0:
        w = wp.max(-weights[2 * i - 2], 0.0)
        total += w
        change += w * (radiance[i - 1] - own)
    if y > 0:
        w = wp.max(-weights[2 * (i - width) + 1], 0.0)
        total += w
        change += w * (radiance[i - width] - own)
    blended[k] = own + change / wp.max(total, 1.0)


@wp.kernel
def store(touched: wp.array[int], blended: wp.array(dtype=float), radiance: wp.array(dtype=float)) -> None:
    """Write the blended values once all of them are computed."""
    k = wp.tid()
    if touched[k] >= 0:
        radiance[touched[k]] = blended[k]
