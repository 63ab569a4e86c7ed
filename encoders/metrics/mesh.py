"""Mesh errors (UFE 5.2), mm: face, lower face, mouth shape. Both meshes are of the true wearer.

UFE publishes no vertex masks. Ours are by region of the head model (`faces.regions`), each vertex once (texture seams
double some):

- face: skin in the mask of the face. Left out as UFE leaves out eyes, hair, neck and shoulders: scalp, ears and neck
  (region "none"), eyeballs, lashes, glasses, and what is inside the mouth.
- lower face: of these lips, the skin around the mouth, chin, jaw and cheeks; no nose, lids, brows or forehead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.errors import EncoderError
from faces.mesh import Topology

LOWER_FACE = ("lip_upper", "lip_lower", "perioral", "chin", "jaw", "cheek_left", "cheek_right")
UPPER_FACE = (
    *("forehead", "glabella", "brow_left", "brow_right", "lids_left", "lids_right", "orbit_left", "orbit_right"),
    "nose",
)
FACE = (*UPPER_FACE, *LOWER_FACE)
CORNERS = ("lip_corner_left", "lip_corner_right")
LIPS = ("lip_upper_inner_middle", "lip_lower_inner_middle")


def vertex_mask(topology: Topology, labels: Sequence[str]) -> NDArray[np.intp]:
    """Indices of the vertices of regions, rising; of those that share a place the first.

    Raises:
        EncoderError: the head model has none of these regions.
    """
    ids = [topology.region_labels.index(label) for label in labels if label in topology.region_labels]
    triangles = topology.triangles[np.isin(topology.region_ids, ids)]
    if not len(triangles):
        raise EncoderError(f"the head model must have one of the regions {', '.join(labels)}, got none")
    return np.asarray(np.unique(topology.weld_map()[triangles]), np.intp)


def mesh_error_mm(
    estimated: NDArray[np.floating], true: NDArray[np.floating], mask: NDArray[np.intp]
) -> NDArray[np.float64]:
    """(F,) mean distance between vertices.

    Args:
        estimated, true: (F, V, 3) m.
        mask: the vertices that count.
    """
    return 1e3 * np.asarray(np.linalg.norm(estimated[:, mask] - true[:, mask], axis=-1).mean(axis=-1), np.float64)


def distances_mm(points: NDArray[np.floating], names: Sequence[str], pair: Sequence[str]) -> NDArray[np.float64]:
    """(F,) between two named keypoints.

    Args:
        points: (F, K, 3) m, in the order of `names`.

    Raises:
        EncoderError: a keypoint that the head model does not have.
    """
    for name in pair:
        if name not in names:
            raise EncoderError(f"the head model must have a keypoint {name!r} for this metric, got none of that name")
    one, other = (points[:, list(names).index(name)] for name in pair)
    return 1e3 * np.asarray(np.linalg.norm(one - other, axis=-1), np.float64)


def mouth_shape_error_mm(
    estimated: NDArray[np.floating], true: NDArray[np.floating], names: Sequence[str]
) -> NDArray[np.float64]:
    """(F,) by how much the mouth's width (between lip corners) is off, plus by how much its height is (between the
    middles of upper and lower lip, at their inner edges).

    Args:
        estimated, true: (F, K, 3) m: keypoints in the order of `names`.
    """
    off = np.zeros(len(true))
    for pair in (CORNERS, LIPS):
        off += np.abs(distances_mm(estimated, names, pair) - distances_mm(true, names, pair))
    return off
