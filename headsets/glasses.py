"""A wearer's glasses as a parametric frame: what hardware must leave room for, and what hides the face behind it.

Boxes in the head frame: two lenses, a bridge, end pieces and temples. Pantoscopic tilt, wrap and rounded corners
are left out: they move surfaces by less than the vertex distance varies between wearers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from headsets.anatomy import CORNEA_FROM_ROTATION_CENTRE_M
from headsets.errors import HeadsetError
from headsets.solids import box_distance

Box = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Centre and half size, (3,) each, m."""


@dataclass(frozen=True)
class Glasses:
    """A frame, m, worn centred on the head frame.

    Attributes:
        width_m: outside the hinges.
        lens_width_m, lens_height_m: one pane ("boxed" size).
        bridge_m: between the panes.
        vertex_distance_m: from the corneal apex to the back of the pane, nearest and farthest wearer.
        thickness_m: of the frame front, along z.
        rim_m: width of the rim around a pane.
        drop_m: pane centre below the eye.
        temple_length_m: from the front back to the ear.
        worn: whether the wearers of this headset wear them: then they hide what is behind (see `mesh`).
    """

    width_m: float
    lens_width_m: float
    lens_height_m: float
    bridge_m: float
    vertex_distance_m: tuple[float, float]
    thickness_m: float
    rim_m: float
    drop_m: float
    temple_length_m: float
    worn: bool

    def __post_init__(self) -> None:
        needed = 2 * self.lens_width_m + self.bridge_m
        if self.width_m < needed:
            raise HeadsetError(
                "`2 lens_width_mm + bridge_mm <= width_mm` must hold for glasses, "
                f"got {needed * 1e3:g} > {self.width_m * 1e3:g}"
            )

    def _arms(self, back: float, front: float) -> list[Box]:
        """Bridge, end pieces and temples of a front between two depths."""
        z, dz = 0.5 * (back + front), 0.5 * (front - back)
        inner, outer = 0.5 * self.bridge_m, 0.5 * self.bridge_m + self.lens_width_m
        y = 0.25 * self.lens_height_m - self.drop_m
        bar = 2 * self.rim_m
        end = back + self.thickness_m - self.temple_length_m
        boxes = [_box((-inner, y, z), (inner, y, z), (0.0, 0.5 * bar, dz))]
        for side in (-1.0, 1.0):
            edge, hinge = side * outer, side * 0.5 * self.width_m
            boxes.append(_box((edge, y, z), (hinge, y, z), (0.0, 0.5 * bar, dz)))
            x = hinge - side * 0.5 * self.rim_m
            boxes.append(_box((x, y, front), (x, y, end), (0.5 * self.rim_m, 0.5 * bar, 0)))
        return boxes

    def _pane_centres(self) -> list[tuple[float, float]]:
        x = 0.5 * (self.bridge_m + self.lens_width_m)
        return [(-x, -self.drop_m), (x, -self.drop_m)]

    def distance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distance of points (*batch, 3), m, head frame, to the room the glasses may take: (*batch,), m.

        Covers the whole range of vertex distances; panes are solid here, light or no light.
        """
        p = np.asarray(points, dtype=np.float64)
        back = CORNEA_FROM_ROTATION_CENTRE_M + self.vertex_distance_m[0]
        front = CORNEA_FROM_ROTATION_CENTRE_M + self.vertex_distance_m[1] + self.thickness_m
        half = (0.5 * self.lens_width_m, 0.5 * self.lens_height_m, 0.5 * (front - back))
        panes = [(np.array([x, y, 0.5 * (back + front)]), np.array(half)) for x, y in self._pane_centres()]
        return np.min([box_distance(p, *box) for box in [*panes, *self._arms(back, front)]], axis=0)

    def mesh(self, vertex_distance_m: float | None = None) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """What hides the face: rims, bridge, end pieces and temples. Clear panes pass the infrared and are left out.

        Args:
            vertex_distance_m: of this wearer; None: the middle of the range.

        Returns:
            vertices (V, 3), m, head frame, and triangles (T, 3) int32.
        """
        vertex = float(np.mean(self.vertex_distance_m)) if vertex_distance_m is None else vertex_distance_m
        back = CORNEA_FROM_ROTATION_CENTRE_M + vertex
        front = back + self.thickness_m
        boxes = self._arms(back, front)
        z, dz = 0.5 * (back + front), 0.5 * self.thickness_m
        w, h, r = 0.5 * self.lens_width_m, 0.5 * self.lens_height_m, 0.5 * self.rim_m
        for x, y in self._pane_centres():
            for side in (-1.0, 1.0):
                boxes.append(_box((x - w, y + side * (h - r), z), (x + w, y + side * (h - r), z), (0.0, r, dz)))
                boxes.append(_box((x + side * (w - r), y - h, z), (x + side * (w - r), y + h, z), (r, 0.0, dz)))
        parts = [trimesh.creation.box(extents=2 * half).apply_translation(centre) for centre, half in boxes]
        mesh = trimesh.util.concatenate(parts)
        return np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int32)


def _box(start: ArrayLike, end: ArrayLike, margin: ArrayLike) -> Box:
    """The box around a segment, widened by a margin per axis."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    return 0.5 * (a + b), 0.5 * np.abs(b - a) + np.asarray(margin, dtype=np.float64)
