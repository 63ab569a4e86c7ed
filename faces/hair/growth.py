"""Strands of a posed head: each follows its path over the skin and lifts off it on the way."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.hair.follicles import Follicles, follicles
from faces.hair.fringe import around_eyes, lashes
from faces.hair.look import HairLook
from faces.hair.strands import Strands
from faces.hair.zones import beard_weight, brow_weight

if TYPE_CHECKING:
    from faces.mesh import HeadMesh, Topology

Array = NDArray[np.float64]

POINTS = 7
"""Points of a strand."""
WIDTH_M = {"brow": 0.08e-3, "beard": 0.10e-3}
KEPT_LOOKS = 8
RINGS = 2
"""How many edges beyond the hair's roots and tips skin may be shaded."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """Strands of one look on one topology, bound to the skin.

    `bind` (S * POINTS, U) interpolates the vertices `used` (U,), and hair may shade `near`; `lift` and `sway`
    (S, POINTS) are m along the normal and sideways; `widths` (S, POINTS), `albedo` (2, S); `left` as in `Strands`.
    """

    used: NDArray[np.int32]
    near: NDArray[np.int32]
    bind: sp.csr_array
    lift: NDArray[np.float32]
    sway: NDArray[np.float32]
    widths: NDArray[np.float32]
    albedo: NDArray[np.float32]
    left: int


_plans: WeakKeyDictionary[Topology, OrderedDict[HairLook, _Plan]] = WeakKeyDictionary()


def grow(mesh: HeadMesh) -> Strands | None:
    """Facial hair of one posed head, as `mesh.look.hair` asks for; None where there is none.

    Head models that map no mean face (`Topology.mean_face_mm`) have none.

    Raises:
        FaceError: a batch of meshes.
    """
    if mesh.vertices.ndim != 2:
        raise FaceError(f"`mesh.vertices` must be (V, 3), one head at a time, got shape {mesh.vertices.shape}")
    plan = _plan(mesh.topology.head, mesh.look.hair)
    fringe = lashes(mesh, POINTS)
    if fringe is None and not plan.left:
        return None
    points, normals = _pose(plan, mesh)
    widths, albedo = plan.widths, plan.albedo
    grown = len(points)
    if fringe is not None:
        ahead = np.tile(np.array([0, 0, 1], np.float32), (len(fringe[0]), 1))
        points, normals = np.concatenate([points, fringe[0]]), np.concatenate([normals, ahead])
        widths, albedo = np.concatenate([widths, fringe[1]]), np.concatenate([albedo, fringe[2]], axis=1)
    return Strands(points, widths, normals, albedo, plan.left, grown, plan.near)


def _pose(plan: _Plan, mesh: HeadMesh) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points (S, POINTS, 3) and the skin's normals at the roots (S, 3)."""
    skin = np.concatenate([mesh.vertices[plan.used], mesh.normals[plan.used]], axis=1).astype(np.float32)
    bound = plan.bind @ skin
    shape = (*plan.lift.shape, 3)
    base = np.ascontiguousarray(bound[:, :3]).reshape(shape)
    normal = np.ascontiguousarray(bound[:, 3:]).reshape(shape)
    normal /= np.sqrt(np.einsum("spi,spi->sp", normal, normal))[..., None]
    # Sideways is across the way from root to tip, in the skin at the root.
    way = base[:, -1] - base[:, 0]
    side = np.cross(normal[:, 0], way)
    side /= np.maximum(np.sqrt(np.einsum("si,si->s", side, side)), 1e-9)[:, None]
    points = base + normal * plan.lift[..., None]
    points += side[:, None] * plan.sway[..., None]
    return points, np.ascontiguousarray(normal[:, 0])


def _plan(topology: Topology, look: HairLook) -> _Plan:
    kept = _plans.setdefault(topology, OrderedDict())
    if look not in kept:
        kept[look] = _make_plan(topology, look)
        if len(kept) > KEPT_LOOKS:
            kept.popitem(last=False)
    kept.move_to_end(look)
    return kept[look]


def _make_plan(topology: Topology, look: HairLook) -> _Plan:
    zones = {"brow": look.brow_density > 0, "beard": look.beard != "none" and look.beard_density > 0}
    known = {zone: follicles(topology, zone) for zone, wanted in zones.items() if wanted}
    parts = [_half(f, zone, look, side) for side in (0, 1) for zone, f in known.items() if f is not None]
    eyes = around_eyes(topology) if look.lashes else np.zeros(0, np.int32)
    if not sum(len(part[0]) for part in parts):
        return _nothing(_around(topology, eyes))
    vertices, weights, lift, sway, widths, albedo = (np.concatenate(column) for column in zip(*parts, strict=True))
    left = sum(len(part[2]) for part in parts[: len(parts) // 2])
    used, index = np.unique(vertices, return_inverse=True)
    n = len(lift) * POINTS
    rows = np.repeat(np.arange(n), vertices.shape[-1])
    bind = sp.csr_array((weights.ravel().astype(np.float32), (rows, index.ravel())), shape=(n, len(used)))
    single = (a.astype(np.float32) for a in (lift, sway, widths, albedo.T))
    lift, sway, widths, albedo = (np.ascontiguousarray(a) for a in single)
    return _Plan(
        used.astype(np.int32), _around(topology, np.concatenate([used, eyes])), bind, lift, sway, widths, albedo, left
    )


def _nothing(near: NDArray[np.int32]) -> _Plan:
    """No strand on the skin."""
    vertices, each = np.zeros(0, np.int32), np.zeros((0, POINTS), np.float32)
    bind = sp.csr_array(np.zeros((0, 0), np.float32))
    return _Plan(vertices, near, bind, each, each, each, np.zeros((2, 0), np.float32), 0)


def _around(topology: Topology, vertices: NDArray[np.integer]) -> NDArray[np.int32]:
    """Vertices within a few edges of these: hair shades skin beyond its roots, and softly."""
    marked = np.zeros(len(topology.uv), bool)
    marked[vertices] = True
    for _ in range(RINGS):
        marked[topology.triangles[marked[topology.triangles].any(axis=1)]] = True
    return np.flatnonzero(marked).astype(np.int32)


def _half(found: Follicles, zone: str, look: HairLook, side: int) -> tuple[Array, ...]:
    """Vertices and weights (S, POINTS, 6), lift, sway and widths (S, POINTS), albedo (S, 2) of one half of the face."""
    rng = np.random.default_rng([look.seed, len(zone), 0 if look.symmetric else side])
    n = len(found.roots)
    chance, vary, stray, thick, phase, grey, tone = rng.random((7, n))
    brow = zone == "brow"
    x, y = found.roots[:, 0], found.roots[:, 1]
    if brow:
        share = brow_weight(found.roots, look.brow_width) * look.brow_density
        # Hairs are short at the brow's head and tail.
        length = look.brow_length_mm * np.interp(x - 28.8, [-19, -12, 0, 12, 25], [0.75, 0.95, 1.0, 0.95, 0.6])
        lifts = (26.0, -7.0)
    else:
        share = beard_weight(look.beard, found.roots) * look.beard_density
        length = look.length_mm * np.where((y > -67) & (x < 30), 0.85, 1.0)
        lifts = (52.0, 45.0) if look.beard == "stubble" else (40.0, 6.0)
    chosen = np.flatnonzero(chance < share)
    vary, stray, thick, phase, grey, tone = (a[chosen] for a in (vary, stray, thick, phase, grey, tone))
    length = length[chosen] * (0.68 + 0.5 * vary)

    t = np.linspace(0.0, 1.0, POINTS)
    rise = np.radians(lifts[0] + (lifts[1] - lifts[0]) * (t[1:] + t[:-1]) / 2)  # angle to the skin, piece by piece
    rise = rise * (0.7 + 0.6 * stray)[:, None]
    piece = length[:, None] / (POINTS - 1)
    along, up = (np.cumsum(np.pad(piece * f(rise), ((0, 0), (1, 0))), axis=1) for f in (np.cos, np.sin))
    shrink = np.minimum(1.0, found.reach_mm[chosen] / np.maximum(along[:, -1], 1e-9))[:, None]
    along, up = along * shrink, np.maximum(up, 0.0) * shrink

    node = np.clip(along / found.step_mm, 0.0, found.vertices.shape[1] - 1.001)
    before = node.astype(np.intp)
    part = (node - before)[..., None]
    row = chosen[:, None]
    vertices = np.concatenate([found.vertices[row, before], found.vertices[row, before + 1]], axis=-1)
    weights = np.concatenate([found.weights[row, before] * (1 - part), found.weights[row, before + 1] * part], axis=-1)
    wave = np.sin(t * (2.2 + 1.8 * stray)[:, None] + 6.283 * phase[:, None]) - np.sin(6.283 * phase)[:, None]
    sway = wave * t * (0.035 * length * shrink[:, 0])[:, None]
    if side == 1:
        vertices, sway = found.mirror[vertices], -sway
    taper = np.interp(t, [0.0, 0.25, 0.7, 1.0], [0.85, 1.0, 0.85, 0.25])
    if look.beard == "stubble" and not brow:
        taper = np.ones(POINTS)  # cut blunt
    widths = WIDTH_M[zone] * look.thickness * (0.75 + 0.5 * thick)[:, None] * taper
    albedo = np.where(
        (grey < look.grey)[:, None], np.array(look.grey_albedo), np.array(look.albedo) * (0.85 + 0.3 * tone)[:, None]
    )
    return vertices, weights, 1e-3 * up, 1e-3 * sway, widths, np.clip(albedo, 0.02, 0.8)
