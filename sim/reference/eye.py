"""A physical eye in place of the painted one: two refracting surfaces over a flat iris with a hole.

Mitsuba's path tracer finds no way from a point light through a smooth refracting surface. So the light on the iris is
traced here, from each LED through the cornea onto the iris plane, with its focusing and the shadows of the lids, and
the iris shines with what it reflects of it; camera rays then meet both surfaces in Mitsuba. Left out: light that
reaches the iris after another reflection, and the pupil's return (a bright pupil).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from scipy.spatial.transform import RigidTransform

from faces.eyeball import IRIS_RADIUS, PUPIL_RADIUS
from faces.eyes.look import EyeLook
from faces.mesh import HeadMesh
from headsets.headset import Led
from sim.reference.optics import BACK, FRONT, IRIS_DEPTH, Array, Conic, through_cornea
from sim.reference.shapes import CHANNELS, shape
from sim.reference.variant import load_mitsuba

PAINTED = ("iris", "pupil")
"""Materials that the physical eye replaces."""
RINGS, SPOKES = 48, 96
GRID = 72
"""Rays across the cornea for each LED."""

Triangles = np.ndarray[Any, np.dtype[np.int64]]
Free = Callable[[Array, Array], "np.ndarray[Any, np.dtype[np.bool_]]"]
"""Whether nothing lies between points (N, 3) and others (N, 3), device frame."""
Passed = Callable[[Array, Array], Array]
"""(N,) share of light that panes pass between points (N, 3) and others (N, 3), device frame."""


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye in the device frame.

    Attributes:
        T_device_eye: rotation centre and optical axis.
        rim: where the painted iris ended and the cornea begins, m from the axis.
        pupil, pupil_albedo: radius, m, and what of the light it throws back.
        albedo: painted vertices (N, 2) about the axis over `IRIS_RADIUS`-like units, and their albedo (N, channels).
    """

    T_device_eye: RigidTransform
    rim: float
    pupil: float
    albedo: tuple[Array, Array]
    pupil_albedo: float = EyeLook.pupil_albedo


def find_eyes(mesh: HeadMesh, pose: RigidTransform, wavelengths: list[float]) -> list[Eye]:
    """The eyes of a head that have a painted iris; empty if it has none."""
    ids = [mesh.topology.material_names.index(name) for name in PAINTED if name in mesh.topology.material_names]
    used = np.unique(mesh.triangles[np.isin(mesh.material_ids, ids)])
    found = []
    for matrix in mesh.T_head_eye:
        if not used.size or abs(np.linalg.det(matrix[:3, :3]) - 1) > 1e-6:
            continue
        frame = RigidTransform.from_matrix(matrix)
        own = frame.inv().apply(mesh.vertices[used])
        near = np.linalg.norm(own, axis=1) < 0.016
        if not near.any():
            continue
        points, which = own[near], used[near]
        radial = np.hypot(points[:, 0], points[:, 1])
        albedo = np.stack([mesh.albedo_at(w)[which] for w in wavelengths], axis=-1).astype(np.float64)
        ring = (radial > PUPIL_RADIUS + 1e-4) & (radial < IRIS_RADIUS)
        painted = points[ring, :2], albedo[ring]
        pupil = 0.5e-3 * mesh.look.eyes.pupil_diameter_mm
        found.append(Eye(pose * frame, float(radial.max()), pupil, painted, mesh.look.eyes.pupil_albedo))
    return found


def eye_parts(eye: Eye, name: str, leds: list[Led], channels: list[int], free: Free, through: Passed) -> dict[str, Any]:
    """Mitsuba shapes: cornea, iris with pupil, and the wall between the iris's edge and the cornea's."""
    mi = load_mitsuba()
    parts = {}
    for label, surface, outside in (("front", FRONT, 1.0), ("back", BACK, FRONT.index)):
        points, triangles = _dome(surface, eye.rim)
        bsdf = mi.load_dict({"type": "dielectric", "int_ior": surface.index, "ext_ior": outside})
        normals = eye.T_device_eye.rotation.apply(surface.normal(points))
        parts[f"{name}_{label}"] = shape(label, eye.T_device_eye.apply(points), triangles, normals, bsdf)
    level = FRONT.apex - IRIS_DEPTH
    rho = np.concatenate([np.linspace(0, eye.pupil, 8), np.linspace(eye.pupil + 2e-5, eye.rim, RINGS)])
    flat, triangles = _polar(rho, np.full(len(rho), level))
    wall, more = _polar(np.full(4, eye.rim), np.linspace(level, float(FRONT.height(np.array(eye.rim))), 4))
    points = np.concatenate([flat, wall])
    albedo = _albedo(eye, points, len(flat))
    light = irradiance(eye, leds, channels, free, through)
    shine = albedo * light(points[:, :2]) / np.pi
    emitter = mi.load_dict(
        {
            "type": "area",
            "radiance": {"type": "mesh_attribute", "name": "vertex_radiance"},
            "sampling_weight": 0.0,  # never aimed at: it is seen through a smooth surface only
        }
    )
    bsdf = mi.load_dict({"type": "diffuse", "reflectance": {"type": "mesh_attribute", "name": "vertex_albedo"}})
    both = np.concatenate([triangles, more + len(flat)])
    attributes = {"albedo": albedo, "radiance": shine}
    parts[f"{name}_iris"] = shape("iris", eye.T_device_eye.apply(points), both, None, bsdf, attributes, emitter)
    return parts


def irradiance(
    eye: Eye, leds: list[Led], channels: list[int], free: Free, through: Passed | None = None
) -> Callable[[Array], Array]:
    """Light on the iris plane, W/m² in each channel, as a function of (N, 2) points about the axis.

    A lattice of points on the cornea is lit by each LED; what enters a cell of it leaves the cell's image on the plane.
    Panes of glasses dim that by `through`, None: there are none.
    """
    half = np.linspace(-eye.rim, eye.rim, GRID)
    x, y = np.meshgrid(half, half)
    inside = np.hypot(x, y) < eye.rim
    at = np.stack([x, y, FRONT.height(np.minimum(np.hypot(x, y), eye.rim))], -1)
    normal = FRONT.normal(at)
    device = eye.T_device_eye.apply(at.reshape(-1, 3) + 2e-5 * normal.reshape(-1, 3))
    sums: list[tuple[int, Callable[[Array], Array]]] = []
    for led, channel in zip(leds, channels, strict=True):
        place = eye.T_device_eye.inv().apply(led.position)
        to = at - place
        reach = np.linalg.norm(to, axis=-1)
        direction = to / reach[..., None]
        facing = -(direction * normal).sum(-1)
        lit = inside & (facing > 0.02)
        if not lit.any():
            continue
        lit[lit] = free(device[lit.ravel()], np.broadcast_to(led.position, (int(lit.sum()), 3)))
        landing, share = through_cornea(at, np.where(facing[..., None] > 0.02, direction, -normal))
        angle = eye.T_device_eye.rotation.apply(direction.reshape(-1, 3)).reshape(direction.shape) @ led.axis
        intensity = led.radiant_intensity_w_sr * led.profile.relative(np.arccos(np.clip(angle, -1, 1)))
        du, dv = (np.gradient(landing, half, axis=k) for k in (1, 0))
        spread = np.abs(du[..., 0] * dv[..., 1] - du[..., 1] * dv[..., 0])  # area on the plane per area of lattice
        if through is not None:
            dimmed = through(device, np.broadcast_to(led.position, device.shape)).reshape(inside.shape)
            intensity = intensity * dimmed
        power = np.where(lit, intensity * share * facing / reach**2 / normal[..., 2], 0.0)
        usable = inside & (facing > 0.02) & np.isfinite(landing).all(-1)
        value = power[usable] / np.maximum(spread[usable], 1e-3)
        sums.append((channel, LinearNDInterpolator(landing[usable], value, fill_value=0.0)))

    def on(points: Array) -> Array:
        out = np.zeros((len(points), CHANNELS))
        for channel, one in sums:
            out[:, channel] += one(points)
        return out

    return on


def _albedo(eye: Eye, points: Array, flat: int) -> Array:
    """(N, channels): painted iris stretched between pupil and rim; the pupil's; the wall is dark iris."""
    painted, values = eye.albedo
    rho = np.hypot(points[:, 0], points[:, 1])
    fraction = np.clip((rho - eye.pupil) / (IRIS_RADIUS - eye.pupil), 0.0, 1.0)
    source = PUPIL_RADIUS + fraction * (IRIS_RADIUS - PUPIL_RADIUS)
    unit = points[:, :2] / np.maximum(rho, 1e-9)[:, None]
    out = np.zeros((len(points), CHANNELS))
    if len(painted):
        out[:, : values.shape[1]] = NearestNDInterpolator(painted, values)(unit * source[:, None])
    out[flat:] *= 0.5
    out[rho <= eye.pupil] = eye.pupil_albedo
    return out


def _dome(surface: Conic, rim: float) -> tuple[Array, Triangles]:
    rho = np.linspace(0.0, rim, RINGS)
    return _polar(rho, surface.height(rho))


def _polar(rho: Array, z: Array) -> tuple[Array, Triangles]:
    """Vertices of rings of `SPOKES` at radii `rho` and heights `z`, and triangles facing +z (or the axis)."""
    around = np.arange(SPOKES) * 2 * np.pi / SPOKES
    ring = np.stack(np.broadcast_arrays(rho[:, None] * np.cos(around), rho[:, None] * np.sin(around), z[:, None]), -1)
    k, s = np.mgrid[: len(rho) - 1, :SPOKES]
    t = (s + 1) % SPOKES
    a, b, c, d = k * SPOKES + s, k * SPOKES + t, (k + 1) * SPOKES + s, (k + 1) * SPOKES + t
    triangles = np.concatenate([np.stack([a, c, d], -1).reshape(-1, 3), np.stack([a, d, b], -1).reshape(-1, 3)])
    corners = ring.reshape(-1, 3)
    edges = corners[triangles]
    area = np.linalg.norm(np.cross(edges[:, 1] - edges[:, 0], edges[:, 2] - edges[:, 0]), axis=1)
    return corners, triangles[area > 1e-16]
