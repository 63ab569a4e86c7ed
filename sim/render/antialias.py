# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""Silhouettes blended by coverage: where an edge crosses the segment between two pixels' centres, exactly.

After Laine et al. 2020, "Modular primitives for high-performance differentiable rendering" (section 3.5), with two
changes. The crossing is that of the edge's plane n through the camera with the two rays, t = n·d0 / (n·d0 - n·d1),
which is exact for any central lens. And the silhouette is looked for by walking over the surface from the nearer
pixel towards the farther one, since the last triangle before a silhouette is often too thin to be seen by any pixel.
Both pixels of a pair are blended, by the area of the pixel that lies beyond the edge.
Where surfaces pass through each other (an eyeball and its lid) the edge is the line in which their planes meet.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.raster import edge_plane
from sim.render.structs import Pose

wp.set_module_options(KERNEL_OPTIONS)

_STEPS = wp.constant(64)
"""Triangles that a walk crosses at most; from one pixel to the next there are seldom more than three."""
_DIAGONAL = wp.constant(0.12)


@wp.func
def _ray(rays: wp.array2d[float], i: int) -> wp.vec3:
    return wp.vec3(rays[0, i], rays[1, i], rays[2, i])


@wp.func
def _plane(pose: Pose, t: int) -> wp.vec4:
    return wp.vec4(pose.planes[0, t], pose.planes[1, t], pose.planes[2, t], pose.planes[3, t])


@wp.func
def _above(plane: wp.vec4, origin: wp.vec3) -> float:
    """Height of the camera above a triangle's plane, m."""
    return plane[0] * origin[0] + plane[1] * origin[1] + plane[2] * origin[2] - plane[3]


@wp.func
def _walk(
    start: int,
    goal: int,
    d0: wp.vec3,
    d1: wp.vec3,
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    pose: Pose,
    origin: wp.vec3,
) -> wp.vec4:
    """From `start`, seen along d0, over the surface towards d1, along which `goal` is seen (-1: nothing).

    All in the device frame. Returns the normal of the outline, in the image, and where it crosses from d0 (0) to d1
    (1): the first place where the surface turns away, has a border, or dips under the plane of `goal`. The crossing is
    -1 if there is none.
    """
    m = wp.vec3(0.0)
    height = float(0.0)
    if goal >= 0:
        far = _plane(pose, goal)
        m = wp.vec3(far[0], far[1], far[2])
        height = -_above(far, origin)
    t = start
    entry = int(-1)
    last = float(0.0)
    own = _plane(pose, t)
    side = wp.where(_above(own, origin) < 0.0, 1.0, -1.0)
    result = wp.vec4(0.0, 0.0, 0.0, -1.0)
    for _ in range(_STEPS):
        if t == goal:
            break
        tri = triangles[t]
        first = float(2.0)
        leave = int(-1)
        plane = wp.vec3(0.0)
        for k in range(3):
            if k != entry:
                i = tri[(k + 1) % 3]
                j = tri[(k + 2) % 3]
                n = edge_plane(pose.positions[i] - origin, pose.positions[j] - origin, i, j) * side
                g1 = wp.dot(n, d1)
                if g1 < 0.0:
                    g0 = wp.max(wp.dot(n, d0), 0.0)
                    x = g0 / (g0 - g1)
                    if x < first:
                        first = x
                        leave = k
                        plane = n
        if goal >= 0:
            # Plane through the camera and the line in which the planes of this triangle and of `goal` meet.
            line = wp.vec3(own[0], own[1], own[2]) * height + m * _above(own, origin)
            g0 = wp.dot(line, d0)
            g1 = wp.dot(line, d1)
            if g0 * g1 < 0.0:
                x = g0 / (g0 - g1)
                if x >= last - 1.0e-4 and x <= wp.min(first, 1.0) + 1.0e-4:
                    result = wp.vec4(line[0], line[1], line[2], wp.clamp(x, 0.0, 1.0))
                    break
        if leave < 0:
            break
        other = neighbours[t][leave]
        outline = other < 0
        next = own
        if not outline:
            next = _plane(pose, other)
            outline = wp.where(_above(next, origin) < 0.0, 1.0, -1.0) != side
        if outline:
            if other >= 0:
                # On a smooth surface the outline runs along a zigzag of edges, some of which are seen end on:
                # its direction is that of the surface, not that of the edge.
                plane = wp.vec3(own[0] + next[0], own[1] + next[1], own[2] + next[2])
            result = wp.vec4(plane[0], plane[1], plane[2], first)
            break
        around = neighbours[other]
        entry = wp.where(around[0] == t, 0, wp.where(around[1] == t, 1, 2))
        last = first
        t = other
        own = next
    return result


@wp.func
def _ramp(x: float) -> float:
    """Integral of clamp(x, 0, 1)."""
    return wp.where(x < 1.0, 0.5 * wp.max(x, 0.0) * wp.max(x, 0.0), x - 0.5)


@wp.func
def _coverage(x: float, slant: float) -> float:
    """Area of a pixel, one wide around 0, on the near side of an edge that crosses its middle row at x.

    From row to row the crossing moves by `slant`, >= 0.
    """
    m = wp.max(slant, 1.0e-3)
    return wp.clamp((_ramp(x + 0.5 + 0.5 * m) - _ramp(x + 0.5 - 0.5 * m)) / m, 0.0, 1.0)


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
    pose: Pose,
    device_camera: wp.mat33,
    origin: wp.vec3,
    weights: wp.array[wp.vec4],
    touched: wp.array[int],
) -> None:
    """Share of a pixel that its neighbour's surface covers, for each candidate pair.

    Pair 2 i is pixel i and the one to its right, pair 2 i + 1 pixel i and the one below. A pixel's four weights are
    what it receives from the right, the left, below and above; pixels that receive are noted in `touched` (-1: none).
    """
    k = wp.tid()
    pair = pairs[k]
    touched[2 * k] = -1
    touched[2 * k + 1] = -1
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
    d0 = device_camera @ _ray(rays, near)
    d1 = device_camera @ _ray(rays, far)
    if wp.length_sq(d0) < 0.5 or wp.length_sq(d1) < 0.5:
        return
    found = _walk(front, back, d0, d1, triangles, neighbours, pose, origin)
    x = found[3]
    plane = wp.vec3(found[0], found[1], found[2])
    if x < 0.0:
        return
    # An edge is accounted for along the axis that it crosses more steeply; close to the diagonal by both in part.
    along = wp.abs(wp.dot(plane, d1 - d0))
    side = wp.abs(wp.dot(plane, device_camera @ _ray(rays, near + across) - d0))
    if along == 0.0:
        return
    part = wp.clamp((along / (along + side) - 0.5) / _DIAGONAL + 0.5, 0.0, 1.0)
    slant = side / along
    w_near = part * (1.0 - _coverage(x, slant))
    w_far = part * _coverage(x - 1.0, slant)
    # i receives from the right or below (0, 2), j from the left or above (1, 3).
    c = pair % 2 * 2
    weights[i][c] = wp.where(swap, w_far, w_near)
    weights[j][c + 1] = wp.where(swap, w_near, w_far)
    touched[2 * k] = i
    touched[2 * k + 1] = j


@wp.kernel
def blend(
    touched: wp.array[int],
    weights: wp.array[wp.vec4],
    radiance: wp.array[float],
    width: int,
    blended: wp.array[float],
) -> None:
    """New radiance of each listed pixel; a pixel listed twice gets the same value twice."""
    k = wp.tid()
    i = touched[k]
    if i < 0:
        return
    own = radiance[i]
    w = weights[i]
    change = float(0.0)
    if w[0] > 0.0:
        change += w[0] * (radiance[i + 1] - own)
    if w[1] > 0.0:
        change += w[1] * (radiance[i - 1] - own)
    if w[2] > 0.0:
        change += w[2] * (radiance[i + width] - own)
    if w[3] > 0.0:
        change += w[3] * (radiance[i - width] - own)
    # Where all of a dim pixel is covered by a dark neighbour, rounding may leave a hair less than nothing.
    blended[k] = wp.max(own + change / wp.max(w[0] + w[1] + w[2] + w[3], 1.0), 0.0)


@wp.kernel
def store(
    touched: wp.array[int],
    blended: wp.array[float],
    radiance: wp.array[float],
    weights: wp.array[wp.vec4],
) -> None:
    """Write the blended values once all of them are computed, and leave the weights at zero for the next image."""
    k = wp.tid()
    i = touched[k]
    if i >= 0:
        radiance[i] = blended[k]
        weights[i] = wp.vec4(0.0)
