"""The headset's housing about one wearer: what images, scores and the reference renderer share.

`headsets.housing` knows points of skin; here they come from head models: which of them the facial interface meets, how
far apart the eyes are, and what becomes of the skin it presses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.mesh import Topology
from headsets.housing import Housing, press
from headsets.housing_spec import Interface

SKIN_POINTS = 3000
"""About as many points of the face are offered to the facial interface: 3 to 5 mm apart."""


def face_points(topology: Topology) -> NDArray[np.intp]:
    """(N,) vertices spread over the face, among which the facial interface finds the skin."""
    back = [i for i, label in enumerate(topology.region_labels) if label == "none"]
    face = np.unique(topology.triangles[~np.isin(topology.region_ids, back)])
    some = face[:: max(1, len(face) // SKIN_POINTS)]
    if topology.mirror is not None:  # a mirrored wearer has a mirrored interface
        some = np.unique(np.concatenate([some, topology.mirror[some]]))
    return some.astype(np.intp)


def housing_around(
    housing: Housing, T_head_eye: NDArray[np.float64], skin: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(V, 3) m, device frame: the housing's vertices about a wearer.

    Args:
        T_head_eye: (2, 4, 4), see `faces.mesh.HeadMesh`.
        skin: (N, 3) m, device frame, the wearer's `face_points`.
    """
    return housing.vertices(eye_distance(T_head_eye), np.asarray(skin))


def eye_distance(T_head_eye: NDArray[np.float64]) -> float:
    """Between the eyes' rotation centres, m: what barrels are set to."""
    return float(np.linalg.norm(T_head_eye[0, :3, 3] - T_head_eye[1, :3, 3]))


def housing_normals(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """(V, 3) unit normals, weighted by area."""
    corners = vertices[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    out = np.zeros_like(vertices)
    np.add.at(out, triangles.ravel(), np.repeat(flat, 3, axis=0))
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-30)


def pressed_skin(
    vertices: NDArray[np.floating],
    normals: NDArray[np.floating],
    tissue: NDArray[np.integer],
    welds: NDArray[np.integer],
    contacts: NDArray[np.float64],
    interface: Interface,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """A head's vertices and normals (V, 3), device frame, where the facial interface presses its tissue."""
    moved, places, bent = press(vertices.take(tissue, axis=0), normals.take(tissue, axis=0), contacts, interface)
    vertices, normals = vertices.copy(), normals.copy()
    vertices[tissue[moved]], normals[tissue[moved]] = places, bent
    return vertices.take(welds, axis=0), normals.take(welds, axis=0)


def under_interface(
    points: NDArray[np.float64], contacts: NDArray[np.float64], interface: Interface
) -> NDArray[np.bool_]:
    """(P,) which points of skin (P, 3) the interface lies on, whose contacts are (C, 3); m, one frame.

    They are those nearer to a contact than where the skin yields half as deep as there [prior].
    """
    if not len(contacts):
        return np.zeros(len(points), dtype=bool)
    under = interface.yields_over_m * float(np.sqrt(np.log(2.0)))
    distance, _ = cKDTree(contacts).query(points, distance_upper_bound=under)
    return np.isfinite(distance)
