"""A parametric VR visor: front plate, tapering side wall, rear opening that follows the face, a window for the mouth.

It stands in for CAD that no paper publishes: about the size of consumer headsets (160 mm wide, 96 mm high), its
front plate behind the display 60 mm ahead of the eyes. Walls are sheets without thickness (the inner surface), so
every triangle counts as two-sided. Foam, lens barrels (they are keep-outs) and the bezel around them are left out.

`write_shipped(Path("headsets/specs/shells"))` makes the shipped STL files anew.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

Point = tuple[float, float, float]
Arm = tuple[Point, Point]
"""Start and end, mm."""


@dataclass(frozen=True)
class Visor:
    """Dimensions in mm, device frame.

    Attributes:
        front: half width, top and bottom of the front plate.
        rear: the same where the wall ends, short of the face.
        squareness: exponent of the superellipse; 2 is an ellipse.
        front_z: depth of the front plate.
        edge_mm: how far the front edge is chamfered.
        rear_z, rear_bend: the wall ends at z = rear_z - rear_bend x^2, some 10 mm in front of a mean face, where
            a foam gasket would fill in.
        window: half width and front end (z) of the opening in the floor, for nose and mouth cameras.
        arms: bars from the floor's edge to cameras on booms: (start, end) each.
        arm_mm: width of these bars.
    """

    front: tuple[float, float, float] = (82.0, 50.0, -46.0)
    rear: tuple[float, float, float] = (77.0, 46.0, -43.0)
    squareness: float = 3.5
    front_z: float = 60.0
    edge_mm: float = 6.0
    rear_z: float = 39.0
    rear_bend: float = 0.0102
    window: tuple[float, float] = (46.0, 54.0)
    arms: tuple[Arm, ...] = ()
    arm_mm: float = 6.0
    columns: int = 80

    def mesh(self) -> trimesh.Trimesh:
        """The visor as a mesh, mm."""
        sheets = [*self._wall(), self._front(), *(self._arm(*arm) for arm in self.arms)]
        mesh = trimesh.Trimesh(*trimesh.util.append_faces([s[0] for s in sheets], [s[1] for s in sheets]))
        mesh.merge_vertices()
        return mesh

    def _outline(self, size: ArrayLike) -> NDArray[np.float64]:
        """(columns, 2) points around a superellipse, anticlockwise seen from the front."""
        half, top, bottom = np.asarray(size, dtype=np.float64)
        t = 2 * np.pi * (np.arange(self.columns) + 0.5) / self.columns
        c, s = np.cos(t), np.sin(t)
        power = 2 / self.squareness
        x = half * np.sign(c) * np.abs(c) ** power
        y = 0.5 * (top + bottom) + 0.5 * (top - bottom) * np.sign(s) * np.abs(s) ** power
        return np.stack([x, y], axis=-1)

    def _rows(self) -> list[NDArray[np.float64]]:
        """Rings of wall vertices (columns, 3) from the rear edge to the chamfer."""
        rear, front = self._outline(self.rear), self._outline(self.front)
        end = self.rear_z - self.rear_bend * rear[:, 0] ** 2
        rows = []
        for share in (0.0, 1 / 3, 2 / 3, 1.0):
            z = end + share * (self.window[1] - end)
            rows.append(np.column_stack([rear + share * (front - rear), z]))
        return rows

    def _wall(self) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
        rows = self._rows()
        sheets = []
        for back, ahead in itertools.pairwise(rows):
            inside = (np.abs(back[:, 0]) <= self.window[0]) & (back[:, 1] < 0)
            open_floor = inside & np.roll(inside, -1)
            sheets.append(_strip(back, ahead, ~open_floor))
        return sheets

    def _front(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Chamfer and plate: rings that shrink to a point."""
        edge = self._rows()[-1]
        half, top, bottom = self.front
        inset = (half - self.edge_mm, top - self.edge_mm, bottom + self.edge_mm)
        rings = [edge]
        for share in (1.0, 0.66, 0.33):
            flat = self._outline(inset) * share
            rings.append(np.column_stack([flat, np.full(self.columns, self.front_z)]))
        strips = [_strip(a, b, np.ones(self.columns, dtype=bool)) for a, b in itertools.pairwise(rings)]
        hub = np.concatenate([rings[-1], [[0.0, 0.0, self.front_z]]])
        i = np.arange(self.columns)
        fan = np.stack([i, np.roll(i, -1), np.full(self.columns, self.columns)], axis=-1)
        vertices, faces = trimesh.util.append_faces([*(s[0] for s in strips), hub], [*(s[1] for s in strips), fan])
        return np.asarray(vertices), np.asarray(faces)

    def _arm(self, start: ArrayLike, end: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
        bar = trimesh.creation.box(extents=(self.arm_mm, self.arm_mm, float(np.linalg.norm(b - a))))
        bar.apply_transform(trimesh.geometry.align_vectors((0, 0, 1), b - a))
        bar.apply_translation(0.5 * (a + b))
        return np.asarray(bar.vertices), np.asarray(bar.faces)


def _strip(
    back: NDArray[np.float64], ahead: NDArray[np.float64], keep: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Quads between two rings (n, 3), split in two triangles; quad i spans i and i + 1 and is kept if `keep[i]`."""
    n = len(back)
    i = np.arange(n)[keep]
    j = (i + 1) % n
    faces = np.concatenate([np.stack([i, j, n + i], axis=-1), np.stack([j, n + j, n + i], axis=-1)])
    return np.concatenate([back, ahead]), faces


def _both(*arms: Arm) -> tuple[Arm, ...]:
    """Each arm and its mirror image."""
    twins = tuple((_flip(start), _flip(end)) for start, end in arms)
    return (*arms, *twins)


def _flip(point: Point) -> Point:
    return (-point[0], point[1], point[2])


SHIPPED = {
    "visor.stl": Visor(),
    # Arms end some 8 mm short of the cameras they hold, and stay out of their view (positions estimated).
    "visor_booms.stl": Visor(arms=_both(((66.0, -37.0, 56.0), (43.1, -73.4, 117.3)))),
    "visor_bracket.stl": Visor(
        arms=_both(((20.0, -46.0, 58.0), (14.0, -52.0, 88.0)), ((60.0, -42.0, 56.0), (48.0, -81.0, 87.0)))
    ),
}


def write_shipped(folder: Path) -> None:
    """Write the shipped housings into a folder, binary STL in mm; the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, visor in SHIPPED.items():
        (folder / name).write_bytes(stl_bytes(visor))


def stl_bytes(visor: Visor) -> bytes:
    """A visor as binary STL, coordinates rounded to 1 µm so that the last bits of sin and cos do not show."""
    mesh = visor.mesh()
    mesh.vertices = np.round(mesh.vertices, 3)
    return bytes(mesh.export(file_type="stl"))
