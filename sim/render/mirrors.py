"""Images of LEDs in smooth surfaces: panes of glasses, viewing lenses, cover glasses.

**Where** (`reflect`). An LED S, the centre C of a sphere of radius R and a camera P span a plane. With angle t along
the circle that it cuts out, from S, and phi the angle of P,

    g(t) = -s sin t / |S - X(t)| + p sin(phi - t) / |P - X(t)|,     s = |S - C|, p = |P - C|,

the component of the two unit directions along the tangent: the slope of the path S-X-P, which Fermat wants nil. Its
roots are Alhazen's points: bracketed by samples around the circle, then polished by Newton's method. Those outside
the aperture, and those with LED and camera on different sides, are dropped. A plane has one point, in closed form.

**How bright.** A pencil of solid angle dw leaves the LED, meets the surface after a distance s at an angle of
incidence i, and reaches the camera after d more. Coddington's equations give the reflected wavefront's curvatures,
1/s + 2 / (R cos i) in the plane of incidence and 1/s + 2 cos i / R across it (R > 0 where the surface bulges towards
LED and camera). So the pencil's section at the camera is dw |B_t B_s| with

    B_t = s + d + 2 s d / (R cos i),    B_s = s + d + 2 s d cos i / R,    E = F I / |B_t B_s|    W/m²

on a plane square to the ray, F the Fresnel reflectance and I the LED's intensity (W/sr) towards the point. A plane
leaves I / (s + d)², and far away a ball is a source of intensity I / s² · R² / 4. B is also the lever of
displacements: a source of size D shows at an angle D / B, so that the image's radiance is F times the source's, as it
must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.render.apertures import SECTORS, aperture_radii
from sim.render.fresnel import coated

STEPS = 64
"""Samples around the circle. Two points nearer to each other than that, next to a caustic, are missed."""
_FLAT = 1e6
"""A radius above this, m, is a plane."""


@dataclass(frozen=True, eq=False)
class Mirror:
    """One smooth surface, device frame.

    Attributes:
        T_device_mirror: (4, 4); the surface cuts the z axis squarely at the origin, and its aperture is seen along z.
        radius: m; positive: bulges towards +z; inf: plane.
        aperture: (N, 2) outline, star-shaped about the origin, m, or the radius of a disc.
        index: of the material, for Fresnel's equations.
        reflectance: at normal incidence, coating included.
        through: (seen from +z, seen from -z) whether light reaches the surface through another one alike, so that it
            loses twice what that reflects, and twice what the material absorbs.
        transmission: of the material, one way.
        rim: radius of an opaque ring in the plane z = 0 that light must pass through on both ways, m; None: no ring.
        slab: thickness of the plane material that light crosses where `through`, m: it is refracted at its other
            surface. For planes only; on spheres that refraction is left out.
    """

    T_device_mirror: NDArray[np.float64]
    radius: float
    aperture: NDArray[np.float64] | float
    index: float
    reflectance: float
    through: tuple[bool, bool] = (False, False)
    transmission: float = 1.0
    rim: float | None = None
    slab: float = 0.0


@dataclass(frozen=True, eq=False)
class Reflections:
    """Images of sources in mirrors, K of them.

    Attributes:
        mirror, source: (K,) indices.
        points: (K, 3) where the light is reflected, m; behind a slab, where straight rays would be.
        back: (K, 3) unit, from there to the camera.
        to_source, to_camera: (K,) distances from there, m.
        gain: (K,) E / I at the camera, 1/m², on a plane square to the ray.
        levers: (K, 2) B_t and B_s, m.
        axes: (K, 2, 3) unit vectors square to the ray, along which the levers act.
        reflectance: (K,) F, other passages included.
    """

    mirror: NDArray[np.intp]
    source: NDArray[np.intp]
    points: NDArray[np.float64]
    back: NDArray[np.float64]
    to_source: NDArray[np.float64]
    to_camera: NDArray[np.float64]
    gain: NDArray[np.float64]
    levers: NDArray[np.float64]
    axes: NDArray[np.float64]
    reflectance: NDArray[np.float64]


class MirrorSet:
    """Mirrors as arrays, so that all of them are solved at once; those with equal `key` are alike."""

    def __init__(self, mirrors: Sequence[Mirror]) -> None:
        for k, mirror in enumerate(mirrors):
            if abs(mirror.radius) < 1e-4:
                raise SimError(f"`|radius| >= 0.1 mm` must hold for a mirror, got {mirror.radius} m (mirror {k})")
        self.count = len(mirrors)
        T = np.array([m.T_device_mirror for m in mirrors], dtype=np.float64).reshape(-1, 4, 4)
        self.origins, self.frames = T[:, :3, 3], T[:, :3, :3]
        self.radii = np.array([m.radius for m in mirrors], dtype=np.float64)
        self.index = np.array([m.index for m in mirrors], dtype=np.float64)
        self.reflectance = np.array([m.reflectance for m in mirrors], dtype=np.float64)
        self.through = np.array([m.through for m in mirrors], dtype=bool).reshape(-1, 2)
        self.transmission = np.array([m.transmission for m in mirrors], dtype=np.float64)
        self.reach = np.array([aperture_radii(m.aperture) for m in mirrors]).reshape(-1, SECTORS)
        self.rim = np.array([np.inf if m.rim is None else m.rim for m in mirrors], dtype=np.float64)
        self.slab = np.array([m.slab for m in mirrors], dtype=np.float64)
        parts = (
            T,
            self.rim,
            self.slab,
            self.radii,
            self.index,
            self.reflectance,
            self.through,
            self.transmission,
            self.reach,
        )
        self.key = b"".join(part.tobytes() for part in parts)

    @property
    def kernel_radii(self) -> NDArray[np.float32]:
        """(M,) as kernels take them: 0 stands for a plane."""
        return np.where(np.abs(self.radii) > _FLAT, 0.0, self.radii).astype(np.float32)

    def inside(self, mirror: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(K,) whether points (K, 3), device frame, lie within their mirrors' apertures and on the nearer cap."""
        local = np.einsum("kji,kj->ki", self.frames[mirror], points - self.origins[mirror])
        sector = (np.arctan2(local[:, 1], local[:, 0]) * (SECTORS / (2 * np.pi))).astype(int) % SECTORS
        cap = local[:, 2] * np.sign(self.radii[mirror]) > -np.abs(self.radii[mirror])
        return cap & (np.hypot(local[:, 0], local[:, 1]) <= self.reach[mirror, sector])

    def passes(
        self, mirror: NDArray[np.intp], points: NDArray[np.float64], ends: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """(K,) whether the segments from points on mirrors to `ends`, (K, 3) each, clear the mirrors' rims."""
        a, b = (np.einsum("kji,kj->ki", self.frames[mirror], p - self.origins[mirror]) for p in (points, ends))
        share = np.clip(-a[:, 2] / np.where(b[:, 2] > a[:, 2], b[:, 2] - a[:, 2], 1.0), 0.0, 1.0)
        at = a[:, :2] + share[:, None] * (b[:, :2] - a[:, :2])
        return np.isinf(self.rim[mirror]) | ((b[:, 2] > 0) & (np.hypot(at[:, 0], at[:, 1]) <= self.rim[mirror]))

    def reflect(
        self, sources: NDArray[np.float64], camera: NDArray[np.float64], which: Sequence[int] | None = None
    ) -> Reflections:
        """Images of sources (L, 3) that a camera (3,) gets from the mirrors; device frame, m. Nothing occludes.

        Args:
            which: the mirrors' indices; None: all.
        """
        asked = np.arange(self.count) if which is None else np.asarray(which, dtype=np.intp)
        m, s = (a.ravel() for a in np.meshgrid(asked, np.arange(len(sources)), indexing="ij"))
        flat = np.abs(self.radii[m]) > _FLAT
        rows, points = _on_planes(self, m[flat], sources[s[flat]], camera)
        plane_m, plane_s = m[flat][rows], s[flat][rows]
        rows, more = _on_spheres(self, m[~flat], sources[s[~flat]], camera)
        mirror = np.concatenate([plane_m, m[~flat][rows]])
        source = np.concatenate([plane_s, s[~flat][rows]])
        points = np.concatenate([points, more])
        keep = self.inside(mirror, points)
        if np.isfinite(self.rim).any():
            keep &= self.passes(mirror, points, sources[source])
            keep &= self.passes(mirror, points, np.broadcast_to(camera, points.shape))
        return self._describe(mirror[keep], source[keep], points[keep], sources, camera)

    def _describe(
        self,
        mirror: NDArray[np.intp],
        source: NDArray[np.intp],
        points: NDArray[np.float64],
        sources: NDArray[np.float64],
        camera: NDArray[np.float64],
    ) -> Reflections:
        radius = self.radii[mirror]
        axis = self.frames[mirror, :, 2]
        round_ = np.abs(radius) <= _FLAT
        centre = self.origins[mirror] - axis * np.where(round_, radius, 0.0)[:, None]
        normal = np.where(round_[:, None], (points - centre) * np.sign(radius)[:, None], axis)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        out, back = sources[source] - points, camera - points
        to_source, to_camera = np.linalg.norm(out, axis=1), np.linalg.norm(back, axis=1)
        out_side, back_side = (out * normal).sum(axis=1), (back * normal).sum(axis=1)
        side = np.sign(back_side)
        keep = (out_side * back_side > 0) & (to_source > 1e-6) & (to_camera > 1e-6)
        cosine = np.clip(np.abs(back_side) / np.maximum(to_camera, 1e-9), 1e-6, 1.0)
        bend = np.where(round_, side / radius, 0.0)
        twice = 2 * to_source * to_camera * bend
        levers = np.stack([to_source + to_camera + twice / cosine, to_source + to_camera + twice * cosine], axis=1)
        passed = np.where(side > 0, self.through[mirror, 0], self.through[mirror, 1])
        slab, index = np.where(passed & ~round_, self.slab[mirror], 0.0), self.index[mirror]
        inside = np.sqrt(1 - (1 - cosine**2) / index**2)
        levers[:, 0] += 2 * slab * (cosine**2 / inside**2 - 1) / (index * inside)
        size = np.abs(levers)
        levers = np.where(
            size < 1e-4 * (to_source + to_camera)[:, None], 1e-4 * (to_source + to_camera)[:, None], levers
        )
        own = coated(cosine, self.index[mirror], self.reflectance[mirror])
        share = own * np.where(passed, ((1 - own) * self.transmission[mirror]) ** 2, 1.0)
        ray = back / np.maximum(to_camera, 1e-9)[:, None]
        across = _cross(normal, ray)
        length = np.linalg.norm(across, axis=1, keepdims=True)
        other = _cross(ray, np.where(np.abs(ray[:, :1]) < 0.7, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
        across = np.where(length > 1e-9, across, other)
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        axes = np.stack([_cross(across, ray), across], axis=1)
        gain = share / np.abs(levers[:, 0] * levers[:, 1])
        parts = (mirror, source, points, ray, to_source, to_camera, gain, levers, axes, share)
        return Reflections(*(part[keep] for part in parts))


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of (K, 3) a x b; numpy's own takes several times as long for few rows."""
    out = np.empty(a.shape)
    for k, i, j in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[:, k] = a[:, i] * b[:, j] - a[:, j] * b[:, i]
    return out


def _on_planes(
    mirrors: MirrorSet, mirror: NDArray[np.intp], sources: NDArray[np.float64], camera: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Rows with a point on a plane, and the points.

    Behind a slab of thickness t, light at an angle i in air goes as if straight to a plane t cos i / sqrt(n² - sin² i)
    behind the slab's other surface. Both depend on each other: found by iteration.
    """
    axis, origin = mirrors.frames[mirror, :, 2], mirrors.origins[mirror]
    a, b = ((sources - origin) * axis).sum(axis=1), ((camera - origin) * axis).sum(axis=1)
    side = np.sign(b)
    through = np.where(side > 0, mirrors.through[mirror, 0], mirrors.through[mirror, 1])
    slab = np.where(through, mirrors.slab[mirror], 0.0)
    rows = np.flatnonzero((a * b > 0) & (np.minimum(np.abs(a), np.abs(b)) > slab))
    a, b, slab, axis, index = a[rows], b[rows], slab[rows], axis[rows], mirrors.index[mirror[rows]]
    foot_a, foot_b = sources[rows] - a[:, None] * axis, camera - b[:, None] * axis
    apart2 = ((foot_b - foot_a) ** 2).sum(axis=1)
    air = np.abs(a) + np.abs(b) - 2 * slab
    depth = slab / index
    for _ in range(STEPS if slab.any() else 0):
        before = depth
        height = air + 2 * depth
        cosine2 = height**2 / (height**2 + apart2)
        depth = slab * np.sqrt(cosine2 / (index**2 - 1 + cosine2))
        if (np.abs(depth - before) < 1e-12).all():
            break
    raised = side[rows] * (slab - depth)
    share = ((a - raised) / (a + b - 2 * raised))[:, None]
    return rows, foot_a + raised[:, None] * axis + share * (foot_b - foot_a)


def _on_spheres(
    mirrors: MirrorSet, mirror: NDArray[np.intp], sources: NDArray[np.float64], camera: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Rows with a stationary point of the path on the whole sphere, one entry each, and the points."""
    if not len(mirror):
        return np.zeros(0, np.intp), np.zeros((0, 3))
    radius = np.abs(mirrors.radii[mirror])
    centre = mirrors.origins[mirror] - mirrors.frames[mirror, :, 2] * mirrors.radii[mirror, None]
    to_s, to_p = sources - centre, camera - centre
    s, p = np.linalg.norm(to_s, axis=1), np.linalg.norm(to_p, axis=1)
    first = to_s / s[:, None]
    rest = to_p - (to_p * first).sum(axis=1, keepdims=True) * first
    size = np.linalg.norm(rest, axis=1, keepdims=True)
    spare = _cross(first, np.where(np.abs(first[:, :1]) < 0.7, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
    second = np.where(size > 1e-9 * p[:, None], rest, spare)
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    phi = np.arctan2((to_p * second).sum(axis=1), (to_p * first).sum(axis=1))

    def slope(t: NDArray[np.floating], row: NDArray[np.intp] | slice, wide: bool) -> tuple[NDArray, NDArray]:
        r, a, b, f = (v[row][:, None] if wide else v[row] for v in (radius, s, p, phi))
        ct, st, cp, sp = np.cos(t), np.sin(t), np.cos(f - t), np.sin(f - t)
        ds = np.sqrt(np.maximum((a - r) ** 2 + 4 * a * r * np.sin(0.5 * t) ** 2, 1e-18))
        dp = np.sqrt(np.maximum((b - r) ** 2 + 4 * b * r * np.sin(0.5 * (f - t)) ** 2, 1e-18))
        value = b * sp / dp - a * st / ds
        if wide:
            return value, value
        return value, -a * ct / ds + a * a * r * st * st / ds**3 - b * cp / dp + b * b * r * sp * sp / dp**3

    step = 2 * np.pi / STEPS
    grid = (np.arange(STEPS + 1) + 0.3713) * step
    value, _ = slope(grid[None], slice(None), True)
    row, k = np.nonzero((value[:, :-1] > 0) != (value[:, 1:] > 0))
    low, high = grid[k], grid[k + 1]
    at_low = value[row, k]
    t = low + step * at_low / (at_low - value[row, k + 1])
    for _ in range(60):  # five or so, but where a radius is huge and the slope a step
        before = t
        v, dv = slope(t, row, False)
        same = (v > 0) == (at_low > 0)
        low, high = np.where(same, t, low), np.where(same, high, t)
        t = t - v / np.where(np.abs(dv) < 1e-12, 1e-12, dv)
        t = np.where((t >= low) & (t <= high), t, 0.5 * (low + high))
        if (np.abs(t - before) < 1e-12).all():
            break
    x = radius[row, None] * (np.cos(t)[:, None] * first[row] + np.sin(t)[:, None] * second[row])
    return row, centre[row] + x
