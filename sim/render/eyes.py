# mypy: ignore-errors
# ruff: noqa: RUF046, SIM102, UP018
# Kernels are written in Warp's language, which mypy cannot type; there int(1) declares a variable, and `and` does
# not short-circuit.
"""The eye behind its refracting cornea: pixels of the eyeballs shaded anew, after the ordinary light.

The mesh says which pixels see an eye; the surfaces themselves are exact: a ray meets the front conic, is refracted into
the cornea and again into the aqueous, and ends on the plane of iris and pupil. Seen from outside, iris and pupil are
albedo / pi times their irradiance, times the tear film's transmittance, over the aqueous's index squared.

Their irradiance comes from a table of traced light (`faces.eyes.illumination`). For an LED's profile and its shadow the
iris stands where its paraxial image is, a plane 3.19 mm behind the apex and 1.135 times larger: shadows are looked up
where the straight line from there to the LED leaves the cornea.
Outside the cornea the ordinary light stands, scaled by the wearer's own sclera and its vessels.
"""

import warp as wp

from faces.eyeball import IRIS_RADIUS, SCLERA_RADIUS
from faces.eyes.illumination import ACROSS, ALONG, ANGLES, HALF
from faces.eyes.optics import CORNEA_EDGE, IRIS_OUTER, paraxial_pupil
from faces.eyes.texture import IRIS_SIZE, LEVELS, REFERENCE_PUPIL, SCLERA_SIZE
from sim.render.device import FUSED_OPTIONS
from sim.render.eye_optics import APEX, AQUEOUS, FRONT_P, FRONT_R, conic_hit, conic_normal, iris_point, tear_reflectance
from sim.render.led_light import led_intensity, led_irradiance, led_position, led_share
from sim.render.rays import TILE
from sim.render.structs import Leds, Rays, Vertex

wp.set_module_options(FUSED_OPTIONS)

_TILE = wp.constant(TILE)
_EDGE = wp.constant(CORNEA_EDGE)
_LIMBUS = wp.constant(IRIS_RADIUS)
_IRIS_OUTER = wp.constant(IRIS_OUTER)
_REFERENCE = wp.constant(REFERENCE_PUPIL)
_IRIS_SIZE = wp.constant(IRIS_SIZE)
_SCLERA_SIZE = wp.constant(SCLERA_SIZE)
_SCLERA_RADIUS = wp.constant(SCLERA_RADIUS)
_LEVELS = wp.constant(LEVELS)
_IMAGE_Z = wp.constant(float(APEX) - paraxial_pupil()[0])
_MAGNIFICATION = wp.constant(paraxial_pupil()[1])
_FLOOR = wp.constant(float(APEX) - 0.0036)
"""Below this height the conic is inside the sclera, m."""
_REACH = wp.constant(0.0145)
"""Everything of an eye lies within this of its rotation centre, m."""
_APART = wp.constant(0.0015)
"""Greatest distance along a ray between mesh and exact surface, m."""
_MARKS = wp.constant(256)
_MARKED = wp.constant(0.0115)
_GRAZING = wp.constant(0.003)
"""Light this close to a tangent plane, m, is not told from none by the shadow maps; it is nothing, either."""
_ANGLES = wp.constant(ANGLES)
_ALONG = wp.constant(ALONG)
_ACROSS = wp.constant(ACROSS)
_HALF = wp.constant(HALF)
_FILL = wp.constant(0.05)
"""Light on the iris by way of sclera, limbus and cornea, even, as a share of the direct mean; prior."""
_BEHIND_ROOT = wp.constant(0.35)
"""Of the iris's albedo, where a ray passes its root; prior."""


@wp.struct
class Eyes:
    """Both eyes of one frame, left then right.

    rotations: eye to device, with the right eye's x reversed; centres: of rotation, m, device frame.
    pupil, iris, sclera, vessels, limbus, bright: see `faces.eyes.look.EyeLook`; pupil as radius and limbus as width, m;
    sclera relative to the mesh's albedo; dark: the pupil's albedo; lobe: half width (1/e) of the fundus's return, rad.
    iris_map, vessel_map: see `faces.eyes.texture`; light, gain: `iris_light` and
    `diffuse_gain` of `faces.eyes.illumination`.
    """

    rotations: wp.array[wp.mat33]
    centres: wp.array[wp.vec3]
    pupil: float
    iris: float
    sclera: float
    sclera_albedo: wp.vec2
    vessels: float
    limbus: float
    bright: float
    dark: float
    lobe: float
    iris_map: wp.array3d[float]
    vessel_map: wp.array3d[float]
    light: wp.array3d[float]
    gain: float


@wp.func
def _sample(image: wp.array3d[float], size: int, x: float, y: float, level: float) -> float:
    """Bilinear at (x, y) in [-1, 1], and between two levels."""
    u = wp.clamp((x + 1.0) * 0.5 * float(size) - 0.5, 0.0, float(size) - 1.001)
    v = wp.clamp((y + 1.0) * 0.5 * float(size) - 0.5, 0.0, float(size) - 1.001)
    i = int(u)
    j = int(v)
    k = int(wp.clamp(level, 0.0, float(_LEVELS) - 1.001))
    f = u - float(i)
    g = v - float(j)
    first = wp.lerp(
        wp.lerp(image[k, j, i], image[k, j, i + 1], f), wp.lerp(image[k, j + 1, i], image[k, j + 1, i + 1], f), g
    )  # fmt: skip
    k += 1
    second = wp.lerp(
        wp.lerp(image[k, j, i], image[k, j, i + 1], f), wp.lerp(image[k, j + 1, i], image[k, j + 1, i + 1], f), g
    )  # fmt: skip
    return wp.lerp(first, second, wp.clamp(level - float(k - 1), 0.0, 1.0))


@wp.func
def _smooth(low: float, high: float, x: float) -> float:
    t = wp.clamp((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@wp.func
def _vessels(q: wp.vec3, eyes: Eyes, width: float) -> float:
    """What the vessels leave of the sclera's light at q; `width`: of a pixel there, m."""
    scale = 1.0 / (_SCLERA_RADIUS + wp.max(q[2], 0.0))
    level = wp.log2(wp.max(width * scale * 0.5 * float(_SCLERA_SIZE), 1.0e-3))
    return 1.0 - eyes.vessels * _sample(eyes.vessel_map, _SCLERA_SIZE, q[0] * scale, q[1] * scale, level)


@wp.func
def _iris_albedo(p: wp.vec3, rho: float, eyes: Eyes, width: float) -> float:
    """Albedo at p in the plane of the iris, rho from the axis."""
    s = wp.clamp((rho - eyes.pupil) / (_IRIS_OUTER - eyes.pupil), 0.0, 1.0)
    stretch = (_REFERENCE + s * (_IRIS_OUTER - _REFERENCE)) / wp.max(rho, 1.0e-6) / _IRIS_OUTER
    level = wp.log2(wp.max(0.5 * width / _IRIS_OUTER * float(_IRIS_SIZE), 1.0e-3))
    value = eyes.iris * _sample(eyes.iris_map, _IRIS_SIZE, p[0] * stretch, p[1] * stretch, level)
    return value * wp.lerp(1.0, _BEHIND_ROOT, _smooth(_IRIS_OUTER - 0.0002, _IRIS_OUTER + 0.0005, rho))


@wp.func
def _edge_width(e: wp.vec3, d: wp.vec3, width: float) -> float:
    """How much a pixel of this width (m, across the ray d) spans along e in the plane z = const."""
    z = wp.min(d[2], -0.05)
    g = e - d * wp.dot(e, d) - (wp.vec3(0.0, 0.0, 1.0) - d * d[2]) * (wp.dot(e, d) / z)
    return width * wp.length(g)


@wp.func
def _on_iris(table: wp.array3d[float], bearing: wp.vec4, p: wp.vec3) -> float:
    """Irradiance at p on the iris plane per W/sr, 1/m², unshadowed."""
    row = bearing[0]
    if row >= float(_ANGLES - 1):
        return 0.0
    scale = float(_ALONG - 1) / (2.0 * _HALF)
    u = wp.clamp((bearing[1] * p[0] + bearing[2] * p[1] + _HALF) * scale, 0.0, float(_ALONG) - 1.001)
    v = wp.clamp(wp.abs(bearing[1] * p[1] - bearing[2] * p[0]) * scale, 0.0, float(_ACROSS) - 1.001)
    k = int(row)
    i = int(u)
    j = int(v)
    f = u - float(i)
    g = v - float(j)
    first = wp.lerp(
        wp.lerp(table[k, i, j], table[k, i + 1, j], f), wp.lerp(table[k, i, j + 1], table[k, i + 1, j + 1], f), g
    )
    k += 1
    second = wp.lerp(
        wp.lerp(table[k, i, j], table[k, i + 1, j], f), wp.lerp(table[k, i, j + 1], table[k, i + 1, j + 1], f), g
    )
    return wp.lerp(first, second, row - float(k - 1)) * bearing[3]


@wp.kernel
def mark_leds(eyes: Eyes, leds: Leds, fills: wp.array[float], bearings: wp.array[wp.vec4]) -> None:
    """Whether any light of LED k % count reaches the front of eye k // count: most LEDs are behind the nose or a lid.

    It looks at MARKS points in a spiral, a millimetre apart. `bearings`: row in the table of light, cosine and sine of
    the azimuth about the optical axis, inverse square of the distance, 1/m². `fills`: -1 for an LED that reaches
    nothing; else the even light on the iris by way of sclera, limbus and cornea, W/m².
    """
    k = wp.tid()
    eye = k // leds.count
    led = k % leds.count
    R = eyes.rotations[eye]
    to = led_position(leds, led) - eyes.centres[eye]
    b = to @ R - wp.vec3(0.0, 0.0, _IMAGE_Z)
    side = wp.sqrt(b[0] * b[0] + b[1] * b[1])
    row = wp.atan2(side, b[2]) / (0.5 * wp.pi) * float(_ANGLES - 1)
    bearings[k] = wp.vec4(row, b[0] / wp.max(side, 1.0e-9), b[1] / wp.max(side, 1.0e-9), 1.0 / wp.length_sq(b))
    found = int(0)
    faces = int(0)
    open = float(0.0)
    for i in range(_MARKS):
        s = (float(i) + 0.5) / float(_MARKS)
        turn = 2.399963 * float(i)
        rho = _MARKED * wp.sqrt(s)
        depth = wp.sqrt(_SCLERA_RADIUS * _SCLERA_RADIUS - rho * rho)
        n = R @ wp.vec3(rho * wp.cos(turn), rho * wp.sin(turn), depth) / _SCLERA_RADIUS
        p = n * wp.max(_SCLERA_RADIUS, APEX - 32.1 * rho * rho)  # roughly the cornea's bulge
        if wp.dot(n, to - p) > _GRAZING:
            share = led_share(leds, led, eyes.centres[eye] + p, n)
            if share > 0.0:
                found = 1
            if rho < _LIMBUS:
                faces += 1
                open += share
            elif found != 0:
                break
    fills[k] = -1.0
    if found != 0:
        q = wp.vec3(bearings[k][1], bearings[k][2], 0.0) * 0.003
        across = wp.vec3(-q[1], q[0], 0.0)
        mean = _on_iris(eyes.light, bearings[k], wp.vec3(0.0)) + 2.0 * _on_iris(eyes.light, bearings[k], across)
        mean += _on_iris(eyes.light, bearings[k], q) + _on_iris(eyes.light, bearings[k], -q)
        fills[k] = _FILL * mean / 5.0 * open / float(wp.max(faces, 1)) * led_intensity(leds, led, -wp.normalize(to))


@wp.kernel
def list_eyes(
    width: int,
    height: int,
    grid: Rays,
    rotation: wp.mat33,
    origin: wp.vec3,
    eyes: Eyes,
    ids: wp.array[int],
    materials: wp.array[int],
    is_eye: wp.array[int],
    ranges: wp.array[float],
    work: wp.array[int],
    counts: wp.array[int],
) -> None:
    """List pixels that see an eyeball as 2 * pixel + eye in `work`, their number in `counts[0]`; a thread takes a tile.

    `is_eye`: by material.
    """
    k = wp.tid()
    columns = grid.tiles.shape[1]
    row = k // columns
    column = k % columns
    cone = grid.tiles[row, column]
    if cone[3] < 0.0:
        return
    near = int(0)
    for side in range(2):
        c = (eyes.centres[side] - origin) @ rotation
        distance = wp.length(c)
        # Angle between the cone's axis and the eye's centre at most the sum of their half angles.
        s = wp.min(_REACH / wp.max(distance, _REACH), 1.0)
        least = wp.sqrt((1.0 - s * s) * (1.0 - cone[3] * cone[3])) - s * cone[3]
        if c[0] * cone[0] + c[1] * cone[1] + c[2] * cone[2] >= distance * least:
            near = 1
    if near == 0:
        return
    for y in range(row * _TILE, wp.min((row + 1) * _TILE, height)):
        for x in range(column * _TILE, wp.min((column + 1) * _TILE, width)):
            i = y * width + x
            t = ids[i]
            if t >= 0:
                if is_eye[materials[t]] != 0:
                    ray = wp.vec3(grid.rays[0, i], grid.rays[1, i], grid.rays[2, i])
                    p = origin + rotation @ ray * ranges[i]
                    first = wp.length_sq(p - eyes.centres[0])
                    second = wp.length_sq(p - eyes.centres[1])
                    if wp.min(first, second) < _REACH * _REACH:
                        work[wp.atomic_add(counts, 0, 1)] = 2 * i + wp.where(second < first, 1, 0)


@wp.kernel
def shade_eyes(
    work: wp.array[int],
    ids: wp.array[int],
    triangles: wp.array[wp.vec3i],
    vertices: wp.array[Vertex],
    ranges: wp.array[float],
    rays: wp.array2d[float],
    device_camera: wp.mat33,
    origin: wp.vec3,
    pixel_angle: float,
    albedo_weight: float,
    eyes: Eyes,
    leds: Leds,
    fills: wp.array[float],
    bearings: wp.array[wp.vec4],
    lit: int,
    radiance: wp.array[float],
    albedo: wp.array[float],
) -> None:
    """Radiance of the listed pixels, if `lit`, in place of what is there; and their albedo, one a listed pixel.

    `pixel_angle`: between neighbouring rays, rad; `fills`, `bearings`: from `mark_leds`. Albedos are -1 where the
    mesh's stands.
    """
    k = wp.tid()
    i = work[k] // 2
    eye = work[k] % 2
    R = eyes.rotations[eye]
    centre = eyes.centres[eye]
    look = device_camera @ wp.vec3(rays[0, i], rays[1, i], rays[2, i])
    q = (origin + look * ranges[i] - centre) @ R
    d = look @ R
    width = ranges[i] * pixel_angle
    albedo[k] = -1.0
    t = conic_hit(q, d, APEX, FRONT_R, FRONT_P, -1.0)
    c = q + d * t
    rho = wp.sqrt(c[0] * c[0] + c[1] * c[1])
    if rho > _EDGE or c[2] < _FLOOR or wp.abs(t) > _APART:
        if lit != 0:
            radiance[i] *= eyes.sclera * _vessels(q, eyes, width)
        return

    n = conic_normal(c, APEX, FRONT_R, FRONT_P)
    p = iris_point(c, d, n, albedo_weight)
    rho_iris = wp.sqrt(p[0] * p[0] + p[1] * p[1])
    outward = wp.vec3(p[0], p[1], 0.0) / wp.max(rho_iris, 1.0e-7)
    edge = _edge_width(outward, wp.normalize(p - c), width)
    is_iris = wp.clamp((rho_iris - eyes.pupil) / wp.max(edge, 1.0e-6) + 0.5, 0.0, 1.0)
    own = eyes.dark + (_iris_albedo(p, rho_iris, eyes, width) - eyes.dark) * is_iris
    is_sclera = _smooth(_LIMBUS - 0.5 * eyes.limbus, _LIMBUS + 0.5 * eyes.limbus, rho)
    white = wp.lerp(eyes.sclera_albedo[0], eyes.sclera_albedo[1], albedo_weight)
    albedo[k] = wp.lerp(own, white, is_sclera)
    if lit == 0:
        return

    image = wp.vec3(p[0] * _MAGNIFICATION, p[1] * _MAGNIFICATION, _IMAGE_Z)
    from_device = wp.transpose(R)
    at = centre + R @ image
    surface = centre + R @ c
    normal = R @ n
    to_camera = wp.normalize(origin - at)
    bright = eyes.bright * (1.0 - is_iris)
    # What other surfaces throw, even over the eye: see `sim.render.structs.Vertex`.
    tri = triangles[ids[i]]
    first = vertices[tri[0]]
    second = vertices[tri[1]]
    third = vertices[tri[2]]
    outside = (first[8] + first[9] + second[8] + second[9] + third[8] + third[9]) / 3.0
    inside = outside * eyes.gain
    back = float(0.0)
    for led in range(leds.count):
        fill = fills[leds.count * eye + led]
        if fill < 0.0:
            continue
        inside += fill
        if is_sclera < 1.0:
            to = led_position(leds, led) - at
            u = wp.normalize(to)
            arriving = _on_iris(eyes.light, bearings[leds.count * eye + led], p)
            if arriving > 0.0:
                e = from_device @ u
                reach = conic_hit(image, e, APEX, FRONT_R, FRONT_P, 1.0)
                m = R @ conic_normal(image + e * reach, APEX, FRONT_R, FRONT_P)
                arriving *= led_intensity(leds, led, -u)
                if wp.dot(m, u) > 0.0:
                    arriving *= led_share(leds, led, at + u * reach, m)
                inside += arriving
                if bright > 0.0:
                    turn2 = 2.0 - 2.0 * wp.dot(u, to_camera)
                    back += arriving * wp.exp(-turn2 / (eyes.lobe * eyes.lobe))
        if is_sclera > 0.0:
            outside += led_irradiance(leds, led, surface, normal)
    leaving = (1.0 - tear_reflectance(-wp.dot(d, n))) / (AQUEOUS * AQUEOUS)
    deep = leaving * (own * inside + bright * back) / wp.pi
    radiance[i] = wp.lerp(deep, white * outside / wp.pi, is_sclera)


@wp.kernel
def store_albedo(work: wp.array[int], own: wp.array[float], albedo: wp.array[float]) -> None:
    """What `shade_eyes` found, into the buffer."""
    k = wp.tid()
    if own[k] >= 0.0:
        albedo[work[k] // 2] = own[k]
