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

_FOLD = wp.constant(0.25)
"""How far a surface may turn back, in pixels, before that is an outline."""

_BEYOND = wp.constant(1.001)
"""Where the farther pixel's centre is passed for sure, rounding considered."""


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
    i: int, j: int, d: wp.vec3, flat: wp.vec3, vertices: wp.array[Vertex], pose: Pose, origin: wp.vec3
) -> wp.vec3:
    """The shading normal where the edge between two vertices is seen along d; `flat`: the mean of its triangles'."""
    a = pose.positions[i] - origin
    b = pose.positions[j] - origin
    n = wp.cross(a, b)
    from_a = wp.max(wp.dot(wp.cross(a, d), n), 0.0)
    from_b = wp.max(wp.dot(wp.cross(d, b), n), 0.0)
    whole = from_a + from_b
    share = wp.where(whole > 0.0, from_a / wp.max(whole, 1.0e-30), 0.5)
    p = vertices[i]
    q = vertices[j]
    m = wp.normalize(wp.lerp(wp.vec3(p[3], p[4], p[5]), wp.vec3(q[3], q[4], q[5]), share))
    # A crease's shading normal may face the camera, and tells nothing then.
    return wp.lerp(m, flat, wp.clamp(5.0 * wp.abs(wp.dot(m, d)) - 2.0, 0.0, 1.0))


@wp.func
def _exit(
    t: int,
    entry: int,
    d0: wp.vec3,
    d1: wp.vec3,
    slice: wp.vec3,
    triangles: wp.array[wp.vec3i],
    pose: Pose,
    origin: wp.vec3,
) -> wp.vec2:
    """Where the slice through the camera, d0 and d1 leaves a triangle entered by edge `entry` (-1: starts there).

    Returns the edge's number, that of the opposite corner, and its place from d0 (0) to d1 (1); edge -1 if there is
    none.
    """
    tri = triangles[t]
    leave = int(-1)
    most = float(-1.0e9)
    for k in range(3):
        if k != entry:
            a = pose.positions[tri[(k + 1) % 3]] - origin
            b = pose.positions[tri[(k + 2) % 3]] - origin
            # From either triangle at an edge these are the same numbers, so that no walk gets lost.
            ha = wp.dot(slice, a)
            hb = wp.dot(slice, b)
            if (ha < 0.0) != (hb < 0.0):
                p = (a * hb - b * ha) * wp.where(hb > ha, 1.0, -1.0)
                g0 = wp.dot(wp.cross(p, d1), slice)
                g1 = wp.dot(wp.cross(d0, p), slice)
                x = g1 / wp.max(g0 + g1, 1.0e-30)
                if x > most:
                    most = x
                    leave = k
    return wp.vec2(float(leave), most)


@wp.func
def _across(t: int, other: int, neighbours: wp.array[wp.vec3i]) -> int:
    """The number of `other`'s edge towards t."""
    around = neighbours[other]
    return wp.where(around[0] == t, 0, wp.where(around[1] == t, 1, 2))


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
    Where it turns away for less than `_FOLD` it is taken to go on: an outline of triangles is a zigzag.
    """
    m = wp.vec3(0.0)
    height = float(0.0)
    if goal >= 0:
        far = _plane(pose, goal)
        m = wp.vec3(far[0], far[1], far[2])
        height = -_above(far, origin)
    slice = wp.normalize(wp.cross(d0, d1))
    t = start
    entry = int(-1)
    last = float(0.0)
    own = _plane(pose, t)
    side = wp.where(_above(own, origin) < 0.0, 1.0, -1.0)
    front = bool(True)
    result = Outline()
    result.at = -1.0
    dip = Outline()
    dip.at = -1.0
    for _ in range(_STEPS):
        if t == goal:
            result.at = -2.0
            break
        out = _exit(t, entry, d0, d1, slice, triangles, pose, origin)
        leave = int(out[0])
        if leave < 0:
            break
        x = out[1]
        if front and goal >= 0:
            # Plane through the camera and the line in which the planes of this triangle and of `goal` meet.
            line = wp.vec3(own[0], own[1], own[2]) * height + m * _above(own, origin)
            g0 = wp.dot(line, d0)
            g1 = wp.dot(line, d1)
            if g0 * g1 < 0.0:
                meet = g0 / (g0 - g1)
                if dip.at < 0.0 and meet >= last - 1.0e-4 and meet <= wp.min(x, 1.0) + 1.0e-4:
                    dip.at = wp.clamp(meet, 0.0, 1.0)
                    dip.normal = line
                    dip.front = t
        if front and x >= _BEYOND:
            result.at = -1.0
            break
        if not front and x < result.at - _FOLD:
            break
        other = neighbours[t][leave]
        tri = triangles[t]
        i = tri[(leave + 1) % 3]
        j = tri[(leave + 2) % 3]
        if other < 0:
            if x > result.at:
                result.at = wp.clamp(x, 0.0, 1.0)
                result.normal = edge_plane(pose.positions[i] - origin, pose.positions[j] - origin, i, j)
                result.front = t
            break
        next = _plane(pose, other)
        ahead = wp.where(_above(next, origin) < 0.0, 1.0, -1.0) == side
        if front and not ahead and x > result.at:
            # The outline's direction is that of the surface, interpolated so that it does not jump from edge to edge.
            result.at = wp.clamp(x, 0.0, 1.0)
            flat = wp.normalize(wp.vec3(own[0] + next[0], own[1] + next[1], own[2] + next[2]))
            result.normal = _normal_on_edge(i, j, wp.lerp(d0, d1, x), flat, vertices, pose, origin)
            result.front = t
        entry = _across(t, other, neighbours)
        last = x
        t = other
        own = next
        front = ahead
    # Planes of one surface's triangles meet too; where the walk came to `goal`, it is one surface.
    if dip.at >= 0.0 and result.at != -2.0 and (result.at < 0.0 or dip.at < result.at):
        return dip
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
    slice = wp.normalize(wp.cross(d0, d1))
    t = start
    entry = int(-1)
    side = wp.where(_above(_plane(pose, t), origin) < 0.0, 1.0, -1.0)
    for _ in range(_STEPS):
        out = _exit(t, entry, d0, d1, slice, triangles, pose, origin)
        leave = int(out[0])
        if leave < 0 or out[1] >= 1.0:
            break
        other = neighbours[t][leave]
        if other < 0:
            break
        if wp.where(_above(_plane(pose, other), origin) < 0.0, 1.0, -1.0) != side:
            break
        entry = _across(t, other, neighbours)
        t = other
    return t
