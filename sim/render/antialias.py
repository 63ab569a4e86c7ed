# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""Silhouettes blended by coverage: where an edge crosses the segment between two pixels' centres, exactly.

After Laine et al. 2020, "Modular primitives for high-performance differentiable rendering" (section 3.5), with three
changes. The silhouette is looked for by a walk over the surface (`sim.render.outline`). Both pixels of a pair are
blended, by the area of the pixel that lies beyond the edge. And what the farther pixel receives is not only what the
nearer one sees, but the nearer surface lit at that edge, the more the nearer the edge is to its centre: brightness may
change by half within the pixel between them, and the farther one's centre sees just that edge a moment later.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.outline import find_outline
from sim.render.structs import Pose, Vertex

wp.set_module_options(KERNEL_OPTIONS)

SAMPLES = 4
"""Of `counts`: how many samples are listed; the others are those of `sim.render.listing` and `sim.render.spread`."""
_DIAGONAL = wp.constant(0.12)
_SAMPLES = wp.constant(SAMPLES)
_LEAST = wp.constant(0.02)
"""Least share of a pixel for which light is computed."""
_RAMP = wp.constant(1.5)
"""What is received is the edge's light where the edge is at the pixel's centre, and turns into the neighbour's, by this
much a pixel, farther from it. A compromise: the edge's alone is best where skin shines at its rim, but takes light from
an outline where skin darkens towards it (2.6 % of that of a face's outlines before ufe's mouth camera, here 1.8 %)."""


@wp.func
def _ray(rays: wp.array2d[float], i: int) -> wp.vec3:
    return wp.vec3(rays[0, i], rays[1, i], rays[2, i])


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
    vertices: wp.array[Vertex],
    materials: wp.array[int],
    unlit: wp.array[int],
    heads: int,
    pose: Pose,
    device_camera: wp.mat33,
    origin: wp.vec3,
    weights: wp.array[wp.vec4],
    sources: wp.array[wp.vec4i],
    touched: wp.array[int],
    sample_ids: wp.array[int],
    sample_rays: wp.array2d[float],
    sample_work: wp.array[int],
    sample_shares: wp.array[float],
    counts: wp.array[int],
) -> None:
    """Share of a pixel that its neighbour's surface covers, for each candidate pair.

    Pair 2 i is pixel i and the one to its right, pair 2 i + 1 pixel i and the one below. A pixel's four weights are
    what it receives from the right, the left, below and above; pixels that receive are noted in `touched` (-1: none).
    What they receive is the neighbour's light and, by its share, that of the sample in `sources` (-1: none). Samples
    are listed as `sim.render.light` takes pixels. Materials with `unlit` 1, and triangles from `heads` on, get none.
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
    c0 = _ray(rays, near)
    c1 = _ray(rays, far)
    if wp.length_sq(c0) < 0.5 or wp.length_sq(c1) < 0.5:
        return
    d0 = device_camera @ c0
    d1 = device_camera @ c1
    found = find_outline(ids[near], ids[far], d0, d1, triangles, neighbours, vertices, pose, origin)
    x = found.at
    if x < 0.0:
        return
    # An edge is accounted for along the axis that it crosses more steeply; close to the diagonal by both in part.
    along = wp.abs(wp.dot(found.normal, d1 - d0))
    side = wp.abs(wp.dot(found.normal, device_camera @ _ray(rays, near + across) - d0))
    if along == 0.0:
        return
    part = wp.clamp((along / (along + side) - 0.5) / _DIAGONAL + 0.5, 0.0, 1.0)
    slant = side / along
    w_near = part * (1.0 - _coverage(x, slant))
    w_far = part * _coverage(x - 1.0, slant)
    source = int(-1)
    t = found.front
    if w_far > _LEAST and t < heads and unlit[materials[t]] == 0:
        source = wp.atomic_add(counts, _SAMPLES, 1)
        edge = wp.lerp(c0, c1, x)
        sample_ids[source] = t
        sample_rays[0, source] = edge[0]
        sample_rays[1, source] = edge[1]
        sample_rays[2, source] = edge[2]
        sample_work[source] = source
        sample_shares[source] = wp.max(1.0 - _RAMP * (1.0 - x), 0.0)
    # i receives from the right or below (0, 2), j from the left or above (1, 3).
    c = pair % 2 * 2
    weights[i][c] = wp.where(swap, w_far, w_near)
    weights[j][c + 1] = wp.where(swap, w_near, w_far)
    sources[i][c] = wp.where(swap, source, -1)
    sources[j][c + 1] = wp.where(swap, -1, source)
    touched[2 * k] = i
    touched[2 * k + 1] = j


@wp.func
def _received(
    w: float,
    source: int,
    neighbour: int,
    own: float,
    radiance: wp.array[float],
    lit: wp.array[float],
    shares: wp.array[float],
) -> float:
    """What a pixel changes by for one of its weights."""
    if w <= 0.0:
        return 0.0
    received = radiance[neighbour]
    if source >= 0:
        received = wp.lerp(received, lit[source], shares[source])
    return w * (received - own)


@wp.kernel
def blend(
    touched: wp.array[int],
    weights: wp.array[wp.vec4],
    sources: wp.array[wp.vec4i],
    radiance: wp.array[float],
    lit: wp.array[float],
    shares: wp.array[float],
    width: int,
    blended: wp.array[float],
) -> None:
    """New radiance of each listed pixel; a pixel listed twice gets the same value twice. `lit`, `shares`: samples'."""
    k = wp.tid()
    i = touched[k]
    if i < 0:
        return
    own = radiance[i]
    w = weights[i]
    s = sources[i]
    change = _received(w[0], s[0], i + 1, own, radiance, lit, shares)
    change += _received(w[1], s[1], i - 1, own, radiance, lit, shares)
    change += _received(w[2], s[2], i + width, own, radiance, lit, shares)
    change += _received(w[3], s[3], i - width, own, radiance, lit, shares)
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
