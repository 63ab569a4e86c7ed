"""What the kernels share, as Warp structs: arrays that always go together travel under one name."""

import warp as wp

Vertex = wp.types.vector(length=12, dtype=wp.float32)
"""What a pixel interpolates, side by side: position and normal in the device frame, albedo at 850 and 940 nm, glow.

Glow is light that does not come straight from an LED, as the irradiance (W/m²) that would leave by the albedo: what
diffused in the skin and what other surfaces throw. It has two parts, which meet the albedos at 850 and 940 nm. The
last two numbers are texture coordinates.
"""


@wp.struct
class Solid:
    """Triangles of one topology in clusters (see `sim.render.clusters`).

    triangles: (T,) corners as indices of vertices; corners: (T,) the same as indices into the cluster's vertices.
    two_sided: (T,) 1 for triangles that are seen from both sides, and 2 more for thin ones (see `sim.render.thin`).
    starts, vertex_starts, cluster_vertices: the clusters' triangles and vertices.
    """

    triangles: wp.array[wp.vec3i]
    corners: wp.array[wp.vec3i]
    two_sided: wp.array[wp.uint8]
    starts: wp.array[int]
    vertex_starts: wp.array[int]
    cluster_vertices: wp.array[int]


@wp.struct
class Pose:
    """Where the vertices are in the device frame.

    positions: (V,) m; planes: (4, T) unit normal and height of each triangle's plane, less a micrometre: from below it,
    the back is seen; spheres: (C,) centre and radius of a ball around each cluster; edges: (C,) its longest edge, m.
    """

    positions: wp.array[wp.vec3]
    planes: wp.array2d[float]
    spheres: wp.array[wp.vec4]
    edges: wp.array[float]


@wp.struct
class Rays:
    """A grid of rays on the device; see `sim.render.rays.RayGrid`."""

    width: int
    height: int
    reach: float
    rays: wp.array2d[float]
    tiles: wp.array2d[wp.vec4]
    blocks: wp.array2d[wp.vec4]
    limits: wp.array[wp.vec3]


@wp.struct
class Directions:
    """From a direction to roughly the pixel where it falls: a lens's table, or the closed form of the LEDs' lattice.

    lattice: 1 for the stereographic lattice of shadow maps, of (2 half_width)² and `Rays.width`² texels.
    nodes, cells, half_width, beyond: see `sim.render.tables.LensTables`; unused by the lattice.
    """

    lattice: int
    half_width: float
    beyond: float
    nodes: wp.array2d[wp.vec2]
    cells: wp.array2d[wp.vec2]


@wp.struct
class Leds:
    """The LEDs of a frame; see `sim.render.emitters`.

    count, values, starts, profiles, polynomials, half_width: see `PackedLeds`; glossy, shadows: whether there are any.
    maps: `size`² texels and padding per LED, see `sim.render.shadow`; bias: m, see `RenderSettings`.
    layers: of transparent sheets; crossed: (layers * count,) 1 where an LED's light meets any, and
    span: the least and greatest u and v there; lost: two numbers for
    each of `lost_size`² texels per layer and LED, see `sim.render.crossings`.
    hairs: 1 if there is hair; veil, veiled: what it takes, `veil_size`² texels per LED, see `sim.render.veil`.
    """

    count: int
    values: wp.array[float]
    starts: wp.array[int]
    profiles: wp.array[float]
    polynomials: wp.array[float]
    half_width: float
    glossy: int
    shadows: int
    maps: wp.array[float]
    size: int
    bias: float
    layers: int
    crossed: wp.array[int]
    span: wp.array[wp.vec4]
    lost: wp.array[float]
    lost_size: int
    hairs: int
    veil: wp.array[float]
    veiled: wp.array[wp.uint8]
    veil_size: int


@wp.struct
class Maps:
    """A wearer's skin maps, see `faces.skin.maps`; width 0: none. texels: (height · width) four bytes each."""

    width: int
    height: int
    texels: wp.array[wp.uint32]


@wp.struct
class Hair:
    """Strands of a frame, in the device frame, and sums of how they dim light; see `sim.render.hair`.

    count, nodes: strands, and points of each. points, widths: (count * nodes,) m; normals: (count,) the skin's;
    albedo0, albedo1: (count,) at 850 and 940 nm. lit: (count,) 1 once the strand is lit.
    light: (count * STATIONS * LEDs) W/m², see `sim.render.hair_light`.
    opacity, near: `size`² texels per LED, on the lattice of shadow maps but coarser: optical depth in steps of
    1 / DEPTH_UNIT, and the range to the nearest hair, m, as the bits of a float.
    """

    count: int
    nodes: int
    points: wp.array[wp.vec3]
    widths: wp.array[float]
    normals: wp.array[wp.vec3]
    albedo0: wp.array[float]
    albedo1: wp.array[float]
    lit: wp.array[int]
    light: wp.array[float]
    opacity: wp.array[int]
    near: wp.array[int]
    size: int
