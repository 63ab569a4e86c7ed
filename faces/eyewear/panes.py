"""The panes of worn glasses: two spherical surfaces each, and an edge. They are no triangles of the mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.eyewear.design import FLIP, MM, Front, front_of
from faces.eyewear.wear import head_vertices
from faces.mesh import HeadMesh


@dataclass(frozen=True, eq=False)
class Panes:
    """Left and right pane of a wearer, head frame, m.

    Pane frame: +z out of the front, +y up, +x as the head's; both surfaces cut its z axis at right angles.

    Attributes:
        T_head_pane: (2, 4, 4), left and right.
        outline: (2, N, 2) counter-clockwise edge in each pane's frame, star-shaped about its origin.
        front_radius, back_radius: of the surfaces; their centres lie on the z axis behind the pane.
        front_apex_z, back_apex_z: where the surfaces cut the z axis.
        index: refractive index.
        surface_reflectance: of one surface at normal incidence, coating included.
        transmission: inside the material.
    """

    T_head_pane: NDArray[np.float64]
    outline: NDArray[np.float64]
    front_radius: float
    back_radius: float
    front_apex_z: float
    back_apex_z: float
    index: float
    surface_reflectance: float
    transmission: float


def panes_of(mesh: HeadMesh) -> Panes | None:
    """The panes of the glasses a mesh wears, or None.

    Their pose is read off the frame's own vertices, so that it follows whatever moved the mesh.

    Raises:
        FaceError: a batch of meshes.
    """
    look = mesh.look.glasses
    count = head_vertices(mesh.topology)
    if look is None or count is None:
        return None
    if mesh.vertices.ndim != 2:
        raise FaceError(f"panes are those of one head at a time, got a batch of shape {mesh.vertices.shape[:-2]}")
    front = front_of(look)
    right = front.outline[::-1] * [-1.0, 1.0]
    return Panes(
        np.stack([_pose(front, mesh.vertices[count:], side) for side in (0, 1)]),
        np.stack([front.outline, right]),
        MM * look.base_radius_mm,
        look.back_radius_m,
        front.front_apex_z,
        front.back_apex_z,
        look.lens_index,
        look.surface_reflectance,
        look.lens_transmission,
    )


def _pose(front: Front, frame: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """(4, 4) T_head_pane: the rigid motion of one rim from the bench to the face (Kabsch)."""
    T = front.T_glasses_pane[side]
    bench = (front.rim * (FLIP if side else 1.0) - T[:3, 3]) @ T[:3, :3]
    worn = frame[side * len(bench) : (side + 1) * len(bench)]
    u, _, vt = np.linalg.svd((worn - worn.mean(axis=0)).T @ (bench - bench.mean(axis=0)))
    turn = u @ np.diag([1.0, 1.0, np.linalg.det(u) * np.linalg.det(vt)]) @ vt
    pose = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = worn.mean(axis=0) - turn @ bench.mean(axis=0)
    return pose
