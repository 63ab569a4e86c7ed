# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""Where, between two pixels' centres, a surface ends, and what is seen on either side of that.

Looked for by walking over the surface from the nearer pixel towards the farther one, since the last triangle before a
silhouette is often too thin to be seen by any pixel. The crossing is that of the edge's plane n through the camera
with the two rays, t = n·d0 / (n·d0 - n·d1), which is exact for any central lens. Where surfaces pass through each
other (an eyeball and its lid) the edge is the line in which their planes meet.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.raster import edge_plane
from sim.render.structs import Pose, Vertex

wp.set_module_options(KERNEL_OPTIONS)

_STEPS = wp.constant(64)
"""Triangles that a walk crosses at most; from one pixel to the next there are seldom more than three."""


@wp.struct
class Outline:
    """Where, between two pixels' centres, one surface ends and another is seen; all in the device frame.

    at: from the nearer pixel's centre (0) to the farther one's (1); -1: nowhere, -2: it is one surface.
    normal: of the outline, in the image; front: the triangle of the nearer surface that ends there.
    """

    at: float
    normal: wp.vec3
    front: int


@wp.func
def _plane(pose: Pose, t: int) -> wp.vec4:
    return wp.vec4(pose.planes[0, t], pose.planes[1, t], pose.planes[2, t], pose.planes[3, t])


@wp.func
def _above(plane: wp.vec4, origin: wp.vec3) -> float:
    """Height of the camera above a triangle's plane, m."""
    return plane[0] * origin[0] + plane[1] * origin[1] + plane[2] * origin[2] - plane[3]


@wp.func
def _normal_on_edge(
    i: int, j: int, d: wp.vec3, vertices: wp.array[Vertex], pose: Pose, origin: wp.vec3
) -> wp.vec3:
    """The shading normal where the edge between two vertices is seen along d."""
    a = pose.positions[i] - origin
    b = pose.positions[j] - origin
    n = wp.cross(a, b)
    from_a = wp.max(wp.dot(wp.cross(a, d), n), 0.0)
    from_b = wp.max(wp.dot(wp.cross(d, b), n), 0.0)
    whole = from_a + from_b
    share = wp.where(whole > 0.0, from_a / wp.max(whole, 1.0e-30), 0.5)
    p = vertices[i]
    q = vertices[j]
    return wp.lerp(wp.vec3(p[3], p[4], p[5]), wp.vec3(q[3], q[4], q[5]), share)


@wp.func
def find_outline(
    start: int,
    goal: int,
    d0: wp.vec3,
    d1: wp.vec3,
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    pose: Pose,
    origin: wp.vec3,
) -> Outline:
    """From `start`, seen along d0, over the surface towards d1, along which `goal` is seen (-1: nothing).

    The outline is the first place where the surface turns away, has a border, or dips under the plane of `goal`.
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
    result = Outline()
    result.at = -1.0
    for _ in range(_STEPS):
        if t == goal:
            result.at = -2.0
            break
        tri = triangles[t]
        first = float(2.0)
        leave = int(-1)
        result.front = t
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
                    result.at = wp.clamp(x, 0.0, 1.0)
                    result.normal = line
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
            result.at = first
            result.normal = plane
            if other >= 0:
                # On a smooth surface the outline runs along a zigzag of edges, some of which are seen end on: its
                # direction is that of the surface, interpolated so that it does not jump from edge to edge.
                i = tri[(leave + 1) % 3]
                j = tri[(leave + 2) % 3]
                result.normal = _normal_on_edge(i, j, wp.lerp(d0, d1, first), vertices, pose, origin)
            break
        around = neighbours[other]
        entry = wp.where(around[0] == t, 0, wp.where(around[1] == t, 1, 2))
        last = first
        t = other
        own = next
    return result


@wp.func
def follow(
    start: int,
    d0: wp.vec3,
    d1: wp.vec3,
    triangles: wp.array[wp.vec3i],
    neighbours: wp.array[wp.vec3i],
    pose: Pose,
    origin: wp.vec3,
) -> int:
    """The triangle seen along d1 of the surface of which `start` is seen along d0; or the last one before it ends."""
    t = start
    entry = int(-1)
    side = wp.where(_above(_plane(pose, t), origin) < 0.0, 1.0, -1.0)
    for _ in range(_STEPS):
        tri = triangles[t]
        first = float(1.0)
        leave = int(-1)
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
        if leave < 0:
            break
        other = neighbours[t][leave]
        if other < 0:
            break
        if wp.where(_above(_plane(pose, other), origin) < 0.0, 1.0, -1.0) != side:
            break
        around = neighbours[other]
        entry = wp.where(around[0] == t, 0, wp.where(around[1] == t, 1, 2))
        t = other
    return t
