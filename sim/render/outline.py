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

_FOLD = wp.constant(0.1)
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
def _normal_on_edge(
    i: int, j: int, d: wp.vec3, before: wp.vec3, after: wp.vec3, vertices: wp.array[Vertex], pose: Pose, origin: wp.vec3
) -> wp.vec3:
    """The shading normal where the edge between two vertices is seen along d; `before`, `after`: of its triangles."""
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
    doubt = wp.clamp(5.0 * wp.abs(wp.dot(m, d)) - 2.0, 0.0, 1.0)
    if doubt > 0.0:
        m = wp.lerp(m, wp.normalize(wp.normalize(before) + wp.normalize(after)), doubt)
    return m


@wp.struct
class Slice:
    """The plane through the camera and two rays, as dot products with points of it.

    height: 0 in the plane; near, far: their shares tell the place from the first ray (0) to the second (1).
    """

    height: wp.vec3
    near: wp.vec3
    far: wp.vec3


@wp.func
def _slice(d0: wp.vec3, d1: wp.vec3) -> Slice:
    out = Slice()
    out.height = wp.normalize(wp.cross(d0, d1))
    out.near = wp.cross(d1, out.height)
    out.far = wp.cross(out.height, d0)
    return out


@wp.func
def _exit(entry: int, slice: Slice, a: wp.vec3, b: wp.vec3, c: wp.vec3) -> wp.vec2:
    """Where a slice leaves a triangle with these corners, entered by the edge `entry` (-1: it starts there).

    Returns the edge's number, that of the opposite corner, and its place in the slice; edge -1 if there is none.
    """
    # From either triangle at an edge these are the same numbers, so that no walk gets lost.
    height = wp.vec3(wp.dot(slice.height, a), wp.dot(slice.height, b), wp.dot(slice.height, c))
    near = wp.vec3(wp.dot(slice.near, a), wp.dot(slice.near, b), wp.dot(slice.near, c))
    far = wp.vec3(wp.dot(slice.far, a), wp.dot(slice.far, b), wp.dot(slice.far, c))
    leave = int(-1)
    most = float(-1.0e9)
    for k in range(3):
        i = (k + 1) % 3
        j = (k + 2) % 3
        if k != entry and (height[i] < 0.0) != (height[j] < 0.0):
            side = wp.where(height[j] > height[i], 1.0, -1.0)
            g0 = (near[i] * height[j] - near[j] * height[i]) * side
            g1 = (far[i] * height[j] - far[j] * height[i]) * side
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
    below = float(0.0)
    if goal >= 0:
        m = wp.vec3(pose.planes[0, goal], pose.planes[1, goal], pose.planes[2, goal])
        below = pose.planes[3, goal] - wp.dot(m, origin)
    slice = _slice(d0, d1)
    t = start
    entry = int(-1)
    side = float(0.0)
    x = float(0.0)
    front = bool(True)
    i = int(0)
    j = int(0)
    before = wp.vec3(0.0)
    crease = wp.vec2i(-1, -1)
    ahead_of = wp.vec3(0.0)
    beyond = wp.vec3(0.0)
    result = Outline()
    result.at = -1.0
    result.front = start
    dip = Outline()
    dip.at = -1.0
    for _ in range(_STEPS):
        if t == goal:
            result.at = -2.0
            break
        tri = triangles[t]
        a = pose.positions[tri[0]] - origin
        b = pose.positions[tri[1]] - origin
        c = pose.positions[tri[2]] - origin
        own = wp.cross(b - a, c - a)
        above = -wp.dot(own, a)
        if entry < 0:
            side = wp.where(above < 0.0, -1.0, 1.0)
        ahead = above * side >= 0.0
        if front and not ahead and x > result.at:
            result.at = wp.clamp(x, 0.0, 1.0)
            crease = wp.vec2i(i, j)
            ahead_of = before
            beyond = own
        front = ahead
        out = _exit(entry, slice, a, b, c)
        leave = int(out[0])
        if leave < 0:
            break
        if front and goal >= 0 and dip.at < 0.0:
            # Plane through the camera and the line in which the planes of this triangle and of `goal` meet.
            line = own * below + m * above
            g0 = wp.dot(line, d0)
            g1 = wp.dot(line, d1)
            if g0 * g1 < 0.0:
                meet = g0 / (g0 - g1)
                if meet >= x - 1.0e-4 and meet <= wp.min(out[1], 1.0) + 1.0e-4:
                    dip.at = wp.clamp(meet, 0.0, 1.0)
                    dip.normal = line
                    dip.front = t
        x = out[1]
        if front and x >= _BEYOND:
            result.at = -1.0
            break
        if not front and x < result.at - _FOLD:
            break
        i = tri[(leave + 1) % 3]
        j = tri[(leave + 2) % 3]
        if front and x > result.at:
            result.front = t
        other = neighbours[t][leave]
        if other < 0:
            if x > result.at:
                result.at = wp.clamp(x, 0.0, 1.0)
                result.normal = edge_plane(pose.positions[i] - origin, pose.positions[j] - origin, i, j)
                result.front = t
                crease = wp.vec2i(-1, -1)
            break
        entry = _across(t, other, neighbours)
        t = other
        before = own
    # Planes of one surface's triangles meet too; where the walk came to `goal`, it is one surface.
    if dip.at >= 0.0 and result.at != -2.0 and (result.at < 0.0 or dip.at < result.at):
        return dip
    if result.at >= 0.0 and crease[0] >= 0:
        # The outline's direction is that of the surface, interpolated so that it does not jump from edge to edge.
        d = wp.lerp(d0, d1, result.at)
        result.normal = _normal_on_edge(crease[0], crease[1], d, ahead_of, beyond, vertices, pose, origin)
    return result
