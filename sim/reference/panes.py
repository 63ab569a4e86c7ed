"""Panes of glasses: what a camera sees through them and in them, by ray tracing in numpy.

No path leads from a point light through a smooth surface, and a path that meets one splits at random. So each camera
ray that meets a pane is split here, by Snell and Fresnel at both spherical surfaces: into one that goes on behind it,
and one mirrored by either surface. Light is reflected once inside a pane at most. LEDs in the mirror of either surface
are found as the cornea's glints are. In Mitsuba's scene a pane is a thin sheet that dims what LEDs send through it to
the face, straight on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.eyewear.panes import Panes, panes_of
from faces.mesh import HeadMesh
from sim.reference.optics import Array, fresnel, refract
from sim.reference.shapes import CHANNELS, shape
from sim.reference.variant import load_mitsuba

RINGS = 16
_AHEAD = 1e-5  # m: a ray starts this far from the surface that it leaves


@dataclass(frozen=True, eq=False)
class Bundle:
    """Rays in the device frame: origin and unit direction (N, 3), share of the light that takes this way (N,), and the
    camera's ray that each belongs to (N,)."""

    origin: Array
    direction: Array
    share: Array
    source: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pane:
    """One pane.

    Attributes:
        T_device_pane: see `faces.eyewear.panes.Panes`.
        outline: (N, 2) its edge.
        glass: the numbers of both panes.
    """

    T_device_pane: RigidTransform
    outline: Array
    glass: Panes

    def reach(self, xy: Array) -> NDArray[np.bool_]:
        """Whether points (*b, 2) lie within the edge, which is star-shaped."""
        angle, radius = np.arctan2(self.outline[:, 1], self.outline[:, 0]), np.hypot(*self.outline.T)
        order = np.argsort(angle)
        edge = np.interp(np.arctan2(xy[..., 1], xy[..., 0]), angle[order], radius[order], period=2 * np.pi)
        return np.asarray(np.hypot(xy[..., 0], xy[..., 1]) < edge)

    def surface(self, back: bool) -> tuple[float, float]:
        """Radius and height of the apex."""
        g = self.glass
        return (g.back_radius, g.back_apex_z) if back else (g.front_radius, g.front_apex_z)

    def reflectance(self, cosine: Array) -> Array:
        """Of one surface: Fresnel's, moved to the coating's at normal incidence."""
        n = self.glass.index
        bare = ((n - 1) / (n + 1)) ** 2
        rise = (fresnel(cosine, 1 / n) - bare) / (1 - bare)
        return np.clip(self.glass.surface_reflectance + (1 - self.glass.surface_reflectance) * rise, 0.0, 1.0)

    def hit(self, origin: Array, direction: Array, back: bool) -> tuple[Array, Array]:
        """Where rays (N, 3), pane frame, meet a surface, NaN where they do not, and its normals against them."""
        radius, apex = self.surface(back)
        centre = np.array([0.0, 0.0, apex - radius])
        o = origin - centre
        b = (o * direction).sum(-1)
        with np.errstate(invalid="ignore"):
            root = np.sqrt(b * b - (o * o).sum(-1) + radius**2)
        best = np.full(b.shape, np.nan)
        for t in (-b + root, -b - root):  # the nearer one last
            cap = o[..., 2] + t * direction[..., 2] > 0
            best = np.where((t > 0) & cap, t, best)
        point = origin + best[..., None] * direction
        normal = (point - centre) / radius
        return point, normal * -np.sign((normal * direction).sum(-1, keepdims=True))

    def first_is_back(self, origin: Array) -> bool:
        """Whether a camera at `origin` (3,), pane frame, is on the wearer's side of the pane."""
        radius, apex = self.surface(back=True)
        return bool(np.linalg.norm(origin - [0.0, 0.0, apex - radius]) < radius)

    def through(self, origin: Array, direction: Array, mirror: int | None) -> tuple[Array, Array, Array, Array]:
        """Rays (N, 3) from one place, pane frame.

        Args:
            mirror: 0: reflected by the surface met first, 1: by the other one, None: by none.

        Returns:
            where each meets the first surface, NaN where it meets no pane; where it leaves, its direction then, and
            its share of the light.
        """
        inward = self.first_is_back(origin[0])
        n = self.glass.index
        first, normal = self.hit(origin, direction, inward)
        first = np.where(self.reach(first[..., :2])[..., None], first, np.nan)
        lost = self.reflectance(-(direction * normal).sum(-1))
        if mirror == 0:
            return first, first, direction - 2 * (direction * normal).sum(-1, keepdims=True) * normal, lost
        inside = refract(direction, normal, 1 / n)
        second, other = self.hit(first, inside, not inward)
        # Reflectance is the same from either side, at the cosine outside.
        beyond = refract(inside, other, n)
        again = self.reflectance(-(beyond * other).sum(-1))
        share = (1 - lost) * self.glass.transmission
        if mirror is None:
            return first, second, beyond, share * (1 - again)
        back = inside - 2 * (inside * other).sum(-1, keepdims=True) * other
        out, last = self.hit(second + _AHEAD * back, back, inward)
        away = refract(back, last, n)
        leaves = 1 - self.reflectance(-(away * last).sum(-1))
        return first, out, away, share * again * self.glass.transmission * leaves


def worn_panes(mesh: HeadMesh, pose: RigidTransform) -> list[Pane]:
    """Panes of the glasses that a head wears; none without glasses."""
    glass = panes_of(mesh)
    if glass is None:
        return []
    poses = [pose * RigidTransform.from_matrix(T) for T in glass.T_head_pane]
    return [Pane(T, outline, glass) for T, outline in zip(poses, glass.outline, strict=True)]


def split(panes: list[Pane], position: Array, rays: Array, free: Any) -> Bundle:
    """What becomes of a camera's rays (N, 3) at the panes, which nothing nearer hides; others go on from `position`."""
    origin = np.broadcast_to(position, rays.shape)
    through = np.zeros(len(rays), bool)
    parts: list[tuple[Any, ...]] = []
    for pane in panes:
        back = pane.T_device_pane.inv()
        own_origin, own = back.apply(origin), back.rotation.apply(rays)
        first = pane.through(own_origin, own, None)[0]
        met = np.flatnonzero(np.isfinite(first).all(-1) & ~through)
        if met.size:
            at = pane.T_device_pane.apply(first[met])
            met = met[free(np.broadcast_to(position, at.shape), at)]
        through[met] = True
        for mirror in (None, 0, 1) if met.size else ():
            _, leaves, away, share = pane.through(own_origin[met], own[met], mirror)
            usable = np.isfinite(leaves).all(-1) & np.isfinite(away).all(-1)
            start, ahead = pane.T_device_pane.apply(leaves), pane.T_device_pane.rotation.apply(away)
            parts.append((start + _AHEAD * ahead, ahead, share, met, usable))
    straight = np.flatnonzero(~through)
    parts.insert(0, (origin[straight], rays[straight], np.ones(len(straight)), straight, np.ones(len(straight), bool)))
    return Bundle(*(np.concatenate([part[k][part[4]] for part in parts]) for k in range(4)))


def passed(panes: list[Pane], start: Array, end: Array) -> Array:
    """(N,) share of light that gets from `start` to `end` (N, 3), straight on through any panes between."""
    share = np.ones(len(start))
    for pane in panes:
        a, b = (pane.T_device_pane.inv().apply(p) for p in (start, end))
        reach = np.linalg.norm(b - a, axis=-1)
        ahead = (b - a) / reach[:, None]
        point, normal = pane.hit(a, ahead, back=False)
        met = pane.reach(point[:, :2]) & (((point - a) * ahead).sum(-1) < reach)
        lost = pane.reflectance(-(ahead * normal).sum(-1))
        share = np.where(met, share * (1 - lost) ** 2 * pane.glass.transmission, share)
    return share


def sheet(pane: Pane, name: str) -> Any:
    """The pane as a thin sheet for the light of LEDs: as transparent as both surfaces and what is between them."""
    mi = load_mitsuba()
    radius, apex = pane.surface(back=False)
    rings = np.linspace(0.0, 1.0, RINGS + 1)[1:, None, None] * pane.outline
    flat = np.concatenate([np.zeros((1, 2)), rings.reshape(-1, 2)])
    z = apex - radius + np.sqrt(radius**2 - (flat**2).sum(-1))
    n = len(pane.outline)
    k, s = np.mgrid[: RINGS - 1, :n]
    a, b = 1 + k * n + s, 1 + k * n + (s + 1) % n
    around = np.arange(n)
    triangles = [np.stack([np.zeros(n, int), 1 + around, 1 + (around + 1) % n], -1)]
    triangles += [np.stack(t, -1).reshape(-1, 3) for t in ((a, a + n, b + n), (a, b + n, b))]
    root = float(np.sqrt(pane.glass.surface_reflectance))
    glass = {
        "type": "thindielectric",
        "int_ior": (1 + root) / (1 - root),
        "ext_ior": 1.0,
        "specular_transmittance": {"type": "rgb", "value": [pane.glass.transmission] * CHANNELS},
    }
    points = pane.T_device_pane.apply(np.concatenate([flat, z[:, None]], -1))
    return shape(name, points, np.concatenate(triangles), None, mi.load_dict(glass))
