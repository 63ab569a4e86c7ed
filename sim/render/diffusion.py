# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Light diffuses over a mesh: u - L² ∇²u = E by linear finite elements, for the two lengths of `sim.render.dipole`.

Mass is lumped and cotangents below 0 are left out, so that the system is symmetric, conserves energy exactly
(Σ mass u = Σ load) and never makes light negative. Chebyshev's iteration (Golub and Van Loan, section 11.2.8) on the
diagonally scaled system needs no sums over all nodes, so that it gives the same bytes on any device.
"""

import warp as wp

from sim.render.device import KERNEL_OPTIONS
from sim.render.structs import Vertex

wp.set_module_options(KERNEL_OPTIONS)

ITERATIONS = 24
"""Leave 2 % of white at the worst node and 0.1 % in the mean, for lengths up to 3 mm on lips' triangles."""
_LOWEST, _HIGHEST = 0.02, 2.0
"""Of the scaled system's eigenvalues, those that are damped alike."""
_BLUR = wp.constant(0.19)
"""A hat function's variance is h²/6 along each axis, h² = 1.155 mass among equilateral triangles. It blurs twice, as
the load is gathered and as pixels interpolate, and a length L has the variance 2 L²."""
_MIDDLE = 0.5 * (_HIGHEST + _LOWEST)
_HALF = 0.5 * (_HIGHEST - _LOWEST)


def chebyshev_steps(count: int = ITERATIONS) -> list[tuple[float, float]]:
    """For each iteration what the last step and the scaled residual are multiplied by."""
    sigma = _MIDDLE / _HALF
    rho = 1 / sigma
    out = [(0.0, 1 / _MIDDLE)]
    for _ in range(count - 1):
        following = 1 / (2 * sigma - rho)
        out.append((following * rho, 2 * following / _HALF))
        rho = following
    return out


_MEASURE = """
    const float* all = (const float*)vertices.data;
    const int size_of = VERTEX;
    const wp::vec_t<3, int> tri = triangles.data[t];
    const float* p[3];
    for (int k = 0; k < 3; ++k)
        p[k] = all + size_of * nodes.data[tri.c[k]];
    float e[3][3], dots[3];
    for (int k = 0; k < 3; ++k)  // the edge opposite corner k
        for (int j = 0; j < 3; ++j)
            e[k][j] = p[(k + 2) % 3][j] - p[(k + 1) % 3][j];
    const float cx = e[0][1] * e[1][2] - e[0][2] * e[1][1], cy = e[0][2] * e[1][0] - e[0][0] * e[1][2],
                cz = e[0][0] * e[1][1] - e[0][1] * e[1][0];
    const float twice = wp::sqrt(cx * cx + cy * cy + cz * cz);
    areas.data[t] = 0.5f * twice;
    const float inverse = 1.0f / wp::max(twice, 1e-12f);
    for (int k = 0; k < 3; ++k) {
        const float* a = e[(k + 1) % 3];
        const float* b = e[(k + 2) % 3];
        const float cot = -(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) * inverse;
        cotangents.data[3 * t + k] = cot < 0.0f ? 0.0f : cot > 20.0f ? 20.0f : cot;
    }
"""


@wp.func_native(_MEASURE.replace("VERTEX", str(len(Vertex()))))
def _measure(
    t: int,
    triangles: wp.array[wp.vec3i],
    nodes: wp.array[int],
    vertices: wp.array[Vertex],
    areas: wp.array[float],
    cotangents: wp.array[float],
) -> None:
    """One triangle; see `measure`."""


@wp.kernel
def measure(
    triangles: wp.array[wp.vec3i],
    nodes: wp.array[int],
    vertices: wp.array[Vertex],
    areas: wp.array[float],
    cotangents: wp.array[float],
) -> None:
    """Each triangle's area, m², and its cotangents at the three corners, between 0 and 20."""
    _measure(wp.tid(), triangles, nodes, vertices, areas, cotangents)


@wp.kernel
def assemble(
    corner_starts: wp.array[int],
    corners: wp.array[int],
    starts: wp.array[int],
    edges: wp.array[wp.vec2i],
    areas: wp.array[float],
    cotangents: wp.array[float],
    mass: wp.array[float],
    weights: wp.array[float],
) -> None:
    """Lumped mass of each node, m², and the cotangent weight of each edge at it."""
    i = wp.tid()
    m = wp.float32(0.0)
    for c in range(corner_starts[i], corner_starts[i + 1]):
        m += areas[corners[c] // 3]
    mass[i] = m / 3.0
    for k in range(starts[i], starts[i + 1]):
        w = 0.5 * cotangents[edges[k][0]]
        if edges[k][1] >= 0:
            w += 0.5 * cotangents[edges[k][1]]
        weights[k] = w


@wp.kernel
def gather_light(
    tissue: int,
    starts: wp.array[int],
    samples: wp.array[int],
    weights: wp.array[float],
    triangles: wp.array[int],
    shares: wp.array[float],
    areas: wp.array[float],
    mass: wp.array[float],
    arrived: wp.array[wp.vec2],
    irradiance: wp.array[wp.vec2],
) -> None:
    """Irradiance at each node, W/m², the mean over the samples around it."""
    i = wp.tid()
    e = wp.vec2(0.0, 0.0)
    norm = wp.float32(0.0)
    for k in range(starts[i], starts[i + 1]):
        s = samples[k]
        w = weights[k]
        if i < tissue:
            w *= shares[s] * areas[triangles[k]]
        norm += w
        e += w * arrived[s]
    if i < tissue:
        norm = mass[i]
    norm = wp.max(norm, 1.0e-12)
    irradiance[i] = e / norm


@wp.kernel
def weigh(
    squares: wp.vec2,
    starts: wp.array[int],
    others: wp.array[int],
    mass: wp.array[float],
    cotangents: wp.array[float],
    weights: wp.array[wp.vec2],
    sums: wp.array[wp.vec2],
) -> None:
    """What each edge conducts for the two squared lengths, m², and the sum at each node.

    Linear elements blur by themselves, as a length of `_BLUR` mass would; the edge's length is less by that.
    """
    i = wp.tid()
    total = wp.vec2(0.0, 0.0)
    for k in range(starts[i], starts[i + 1]):
        own = _BLUR * 0.5 * (mass[i] + mass[others[k]])
        w = cotangents[k] * wp.vec2(wp.max(squares[0] - own, 0.0), wp.max(squares[1] - own, 0.0))
        weights[k] = w
        total += w
    sums[i] = total


_STEP = """
    const float* before = (const float*)u.data;
    const float* w = (const float*)weights.data;
    float a0 = 0.0f, a1 = 0.0f;
    for (int k = starts.data[i]; k < starts.data[i + 1]; ++k) {
        const float* v = before + 2 * others.data[k];
        a0 += w[2 * k] * v[0];
        a1 += w[2 * k + 1] * v[1];
    }
    const wp::vec_t<2, float> sum = sums.data[i];
    const float m = wp::max(mass.data[i], 1e-20f), load = m * source.data[i];
    const float own0 = before[2 * i], own1 = before[2 * i + 1];
    const float r0 = (load + a0) / (m + sum.c[0]) - own0, r1 = (load + a1) / (m + sum.c[1]) - own1;
    float* s = (float*)steps.data + 2 * i;
    s[0] = keep * s[0] + gain * r0;
    s[1] = keep * s[1] + gain * r1;
    float* next = (float*)after.data + 2 * i;
    next[0] = own0 + s[0];
    next[1] = own1 + s[1];
"""


@wp.func_native(_STEP)
def _step(
    i: int,
    keep: float,
    gain: float,
    starts: wp.array[int],
    others: wp.array[int],
    weights: wp.array[wp.vec2],
    sums: wp.array[wp.vec2],
    mass: wp.array[float],
    source: wp.array[float],
    u: wp.array[wp.vec2],
    steps: wp.array[wp.vec2],
    after: wp.array[wp.vec2],
) -> None:
    """One node; see `chebyshev`."""


@wp.kernel
def chebyshev(
    chunk: int,
    count: int,
    first: int,
    last: int,
    factors: wp.array[wp.vec2],
    starts: wp.array[int],
    others: wp.array[int],
    weights: wp.array[wp.vec2],
    sums: wp.array[wp.vec2],
    mass: wp.array[float],
    source: wp.array[float],
    u: wp.array[wp.vec2],
    steps: wp.array[wp.vec2],
    after: wp.array[wp.vec2],
) -> None:
    """The iterations `first` to `last` - 1 for both lengths, from `u` to `after` and back in turns.

    A thread takes `chunk` nodes; all of them, if it takes more than one iteration.
    """
    begin_node = wp.tid() * chunk
    end = wp.min(begin_node + chunk, count)
    for it in range(first, last):
        keep = factors[it][0]
        gain = factors[it][1]
        if it % 2 == 0:
            for i in range(begin_node, end):
                _step(i, keep, gain, starts, others, weights, sums, mass, source, u, steps, after)
        else:
            for i in range(begin_node, end):
                _step(i, keep, gain, starts, others, weights, sums, mass, source, after, steps, u)


@wp.kernel
def begin(
    wavelength: int,
    irradiance: wp.array[wp.vec2],
    source: wp.array[float],
    u: wp.array[wp.vec2],
    steps: wp.array[wp.vec2],
    after: wp.array[wp.vec2],
) -> None:
    """The source at one wavelength, which is also the first guess."""
    i = wp.tid()
    e = irradiance[i][wavelength]
    source[i] = e
    u[i] = wp.vec2(e, e)
    after[i] = wp.vec2(e, e)
    steps[i] = wp.vec2(0.0, 0.0)


@wp.kernel
def finish(wavelength: int, shares: wp.vec2, u: wp.array[wp.vec2], glow: wp.array[wp.vec2]) -> None:
    """Add what leaves after diffusion, as irradiance that would leave by the albedo, to the nodes' glow.

    Far from all light the iteration leaves a remainder of either sign, 1e-4 of the brightest: what is negative is cut.
    """
    i = wp.tid()
    g = glow[i]
    g[wavelength] = wp.max(g[wavelength] + shares[0] * u[i][0] + shares[1] * u[i][1], wp.float32(0.0))
    glow[i] = g


@wp.kernel
def add_local(share: float, irradiance: wp.array[wp.vec2], glow: wp.array[wp.vec2]) -> None:
    """Add to the nodes' glow what leaves where it entered."""
    i = wp.tid()
    glow[i] = glow[i] + share * irradiance[i]


@wp.kernel
def put_glow(node_of: wp.array[int], glow: wp.array[wp.vec2], vertices: wp.array[Vertex]) -> None:
    """Carry the nodes' glow to the vertices."""
    v = wp.tid()
    g = glow[node_of[v]]
    own = vertices[v]
    own[8] = g[0]
    own[9] = g[1]
    vertices[v] = own
