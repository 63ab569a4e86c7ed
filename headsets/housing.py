"""What of a headset stands around the face: shell, lens barrels with their lenses, and the facial interface.

The facial interface is the foam between the rear edge of the shell and the skin. A headset file does not draw it, as
its shape is the wearer's: from each point of the shell's open edge it reaches to the nearest skin and a little into
it; where that is too far, as at the opening for the mouth, there is none, and light gets in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from headsets.headset import Headset
from headsets.housing_spec import HousingSpec, Interface

SEGMENTS = 48
"""Around a barrel."""
CREASE_RAD = np.radians(35.0)
"""Sharper edges of a shell are not rounded in shading."""
INSIDE = np.array([0.0, -0.02, 0.0])
"""A point in the head, which the inside of a shell faces."""
NEAR, NEARER_M = 24, 1e-3
"""The facial interface heads for this many points of skin, those more that are nearer: 1/e a millimetre."""
TAPER_M = 0.006
"""Over so much of its reach the facial interface thins out to nothing: foam ends in no step."""


@dataclass(frozen=True, eq=False)
class Housing:
    """One topology for all wearers, device frame.

    Attributes:
        triangles: (T, 3) int32, seen from both sides; anticlockwise seen from inside the headset.
        reflectance: (V,) diffuse NIR albedo.
        shell: (S, 3) m, vertices that never move; they come first.
        barrel: (B, 3) m, one barrel about x = 0, its wall and lens; twice in the housing, right and left.
        ipd_m: smallest and largest distance between barrels.
        edge: (E,) vertices of the shell's open edges; the interface has two for each, the last ones: those where it
            starts, then those where it meets the skin.
        interface: how far it reaches, and how the skin yields to it.
    """

    triangles: NDArray[np.int32]
    reflectance: NDArray[np.float32]
    shell: NDArray[np.float64]
    barrel: NDArray[np.float64]
    ipd_m: tuple[float, float]
    edge: NDArray[np.int32]
    interface: Interface = Interface()

    def motion(self) -> NDArray[np.int32]:
        """(T,) what moves each triangle: 0 the wearer (the interface), 1 the distance between the eyes, 2 nothing."""
        last = self.triangles.max(axis=1, initial=0)
        shell = len(self.shell)
        return np.where(last < shell, 2, np.where(last < shell + 2 * len(self.barrel), 1, 0)).astype(np.int32)

    def barrel_m(self, ipd_m: float) -> float:
        """How far from the middle the barrels stand: they follow the eyes as far as they go."""
        return 0.5 * float(np.clip(ipd_m, *self.ipd_m)) if len(self.barrel) else 0.0

    def vertices(self, ipd_m: float, skin: NDArray[np.float64]) -> NDArray[np.float64]:
        """(V, 3) m, for a wearer.

        Args:
            ipd_m: between the eyes; barrels follow it as far as they go.
            skin: (N, 3) m, device frame, points of the face, about 5 mm apart or closer.
        """
        half = self.barrel_m(ipd_m)
        parts = [self.shell]
        if len(self.barrel):
            parts += [self.barrel + np.array([side * half, 0.0, 0.0]) for side in (-1.0, 1.0)]
        if len(self.edge):
            start = self.shell[self.edge]
            step, distance = _towards(start, skin)
            foam = self.interface
            below = foam.reach_below_m * _ramp((np.abs(start[:, 0]) - foam.beside_m) / TAPER_M)
            thickest = below + (foam.reach_above_m - below) * _ramp(start[:, 1] / TAPER_M)
            full = _ramp((thickest - distance) / TAPER_M) * (1 + foam.pressed_m / distance)
            reach = full[:, None] * step
            parts += [start, start + reach]
        return np.concatenate(parts)

    def contacts(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(C, 3) m, where the interface meets the skin, of what `vertices` returned."""
        count = len(self.edge)
        start, end = vertices[len(vertices) - 2 * count : len(vertices) - count], vertices[len(vertices) - count :]
        return end[(end != start).any(axis=1)]


def _towards(start: NDArray[np.float64], skin: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps (E, 3) to the skin's points (N, 3) nearest to each start, and their lengths, m; smooth in all of them.

    Points count by how much farther than the nearest they are, so that nothing jumps where another becomes it.
    """
    # Nothing but a quick query of few points is asked of the tree: it is built in the quickest way.
    tree = cKDTree(skin, balanced_tree=False, compact_nodes=False)
    found, index = tree.query(start, k=np.arange(1, min(NEAR, len(skin)) + 1))
    distances = np.asarray(found)
    near = np.exp((distances[:, :1] - distances) / NEARER_M)
    near -= near[:, -1:]  # the last one's: those that come and go count nothing
    near[:, 0] += 1e-9
    step = np.einsum("ek,ekj->ej", near / near.sum(axis=1, keepdims=True), skin[index]) - start
    return step, np.maximum(np.linalg.norm(step, axis=1), 1e-9)


def _ramp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 up to 0, 1 from 1 on, smooth between."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def press(
    skin: NDArray[np.floating],
    normals: NDArray[np.floating],
    contacts: NDArray[np.float64],
    interface: Interface = Interface(),
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Skin that yields to the facial interface: a groove, Gaussian in the distance from the contacts.

    Args:
        skin, normals: (N, 3) m and unit, device frame.
        contacts: (C, 3) m, some millimetres apart; see `Housing.contacts`.
        interface: how deep the skin yields, and over which distance.

    Returns:
        Indices (K,) of the points that move, and their new places and normals (K, 3).
    """
    if not len(contacts):
        return np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros((0, 3))
    over = interface.yields_over_m
    close = _close(skin, contacts, 3 * over)
    found, nearest = cKDTree(contacts).query(skin[close], distance_upper_bound=3 * over)
    distance = np.asarray(found)
    moved = np.isfinite(distance)
    index, distance = close[moved], distance[moved]
    depth = interface.yields_m * np.exp(-((distance / over) ** 2))
    n = normals[index]
    away = skin[index] - contacts[np.asarray(nearest)[moved]]
    slope = (2 * depth / over**2)[:, None] * away
    slope -= np.einsum("ij,ij->i", slope, n)[:, None] * n
    bent = n - slope
    return index, skin[index] - depth[:, None] * n, bent / np.linalg.norm(bent, axis=1, keepdims=True)


def _close(points: NDArray[np.floating], around: NDArray[np.float64], far: float) -> NDArray[np.intp]:
    """(K,) which points (N, 3) lie in cells of the size `far` next to one with a point of `around` in it."""
    low, high = around.min(axis=0), around.max(axis=0)
    cells = np.zeros(((high - low) / far).astype(int) + 3, bool)
    for i, j, k in np.unique(((around - low) / far).astype(int), axis=0):
        cells[i : i + 3, j : j + 3, k : k + 3] = True
    inside = np.arange(len(points))
    for axis in range(3):
        own = points[inside, axis]
        inside = inside[(own > low[axis] - far) & (own < high[axis] + far)]
    i, j, k = np.floor((points[inside].T - low[:, None]) / far).astype(int) + 1
    return inside[cells[i, j, k]]


def housing_of(headset: Headset) -> Housing | None:
    """The housing of a headset, or None if its file has neither shell nor lens barrels."""
    shell, faces, grey = np.zeros((0, 3)), np.zeros((0, 3), np.int32), 0.0
    if headset.shell is not None:
        shell, faces = _shell(headset.shell.vertices, headset.shell.triangles)
        grey = headset.shell.reflectance
    barrels = headset.keep_out.lens_barrels
    if not len(shell) and barrels is None:
        return None
    tube, tube_faces, tube_grey = np.zeros((0, 3)), np.zeros((0, 3), np.int32), np.zeros(0)
    ipd = (headset.ipd_mm[0] * 1e-3, headset.ipd_mm[1] * 1e-3)
    if barrels is not None:
        tube, tube_faces, tube_grey = _barrel(barrels.radius_m, barrels.front_z_m, barrels.length_m, headset.housing)
        ipd = barrels.ipd_m
    count, single = len(shell), len(tube)
    edge, strip = _edges(shell, faces)
    near, far = count + 2 * single, count + 2 * single + len(edge)
    a, b = strip.T
    foam = np.concatenate([np.stack([near + b, near + a, far + a], 1), np.stack([near + b, far + a, far + b], 1)])
    return Housing(
        triangles=np.concatenate([faces, tube_faces + count, tube_faces + count + single, foam]).astype(np.int32),
        reflectance=np.concatenate(
            [np.full(count, grey), tube_grey, tube_grey, np.full(2 * len(edge), headset.housing.interface.reflectance)]
        ).astype(np.float32),
        shell=shell,
        barrel=tube,
        ipd_m=ipd,
        edge=edge,
        interface=headset.housing.interface,
    )


def _barrel(
    radius: float, front: float, length: float, spec: HousingSpec
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.float64]]:
    """Wall, rim and the lens in it, bulging towards the eye to the rim: vertices, triangles, reflectances.

    The lens is the sphere that mirrors the LEDs: its triangles lie just behind, and do not hide what it mirrors.
    """
    turn = 2 * np.pi * np.arange(SEGMENTS) / SEGMENTS
    ring = np.stack([np.cos(turn), np.sin(turn)], -1)

    def at(share: float, z: float) -> NDArray[np.float64]:
        return np.column_stack([radius * share * ring, np.full(SEGMENTS, z)])

    inner = 0.9
    rings = [at(1.0, front + length), at(1.0, front), at(inner, front)]  # wall, rim
    sphere = max(spec.viewing_lens.radius_m, inner * radius)  # a lens bulges no more than half a ball
    bulge = [at(share, front + sphere - np.sqrt(sphere**2 - (radius * share) ** 2)) for share in (inner, 0.6, 0.3)]
    vertices = np.concatenate([*rings, *bulge, [[0.0, 0.0, front]]])
    i = np.arange(SEGMENTS)
    j = (i + 1) % SEGMENTS
    blocks = []
    for k in (0, 1, 2, 3, 4):
        a, b = k * SEGMENTS, (k + 1) * SEGMENTS
        blocks += [np.stack([a + i, a + j, b + j], 1), np.stack([a + i, b + j, b + i], 1)]
    a = 5 * SEGMENTS
    blocks.append(np.stack([a + i, a + j, np.full(SEGMENTS, len(vertices) - 1)], 1))
    grey = np.where(np.arange(len(vertices)) < 3 * SEGMENTS, spec.barrel_reflectance, spec.viewing_lens.reflectance)
    return vertices, np.concatenate(blocks).astype(np.int32), grey


def _shell(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The shell turned inside and split at its creases, so that vertex normals serve its smooth parts."""
    corners = vertices[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    away = np.einsum("ij,ij->i", flat, corners.mean(axis=1) - INSIDE) > 0
    turned = np.where(away[:, None], triangles[:, ::-1], triangles)
    mesh = trimesh.Trimesh(vertices, turned, process=False)
    mesh.merge_vertices()
    smooth = trimesh.graph.smooth_shade(mesh, angle=float(CREASE_RAD))
    return np.asarray(smooth.vertices, dtype=np.float64), np.asarray(smooth.faces, dtype=np.int32)


def _edges(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Vertices of open edges, and for each such edge the places of its ends among them, as the triangle runs."""
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], -1).reshape(-1, 2)
    _, place = np.unique(np.round(vertices, 7), axis=0, return_inverse=True)  # creases are split, not open
    alone = trimesh.grouping.group_rows(np.sort(place.reshape(-1)[ends], axis=1), require_count=1)
    edge, place = np.unique(ends[alone], return_inverse=True)
    return edge.astype(np.int32), place.reshape(-1, 2).astype(np.int32)
