"""Where the lids' menisci run, from the keypoints that every head model names alike."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from faces.eyeball import surface_radius
from faces.mesh import HeadMesh, Topology

FILM = 0.0002
"""Of the meniscus above the globe, m."""
_BETWEEN = 5
"""Keypoints of a lid between the canthi."""


def lid_keypoints(topology: Topology) -> NDArray[np.intp] | None:
    """(4, 7) indices from inner to outer canthus: upper and lower lid of the left eye, then of the right one.

    None for heads that lack the keypoints.
    """
    index = {name: k for k, name in enumerate(topology.keypoint_names)}
    rows = []
    for side in ("left", "right"):
        for lid in ("upper", "lower"):
            middle = [f"eye_lid_{lid}_{k}_{side}" for k in range(1, _BETWEEN + 1)]
            rows.append([f"eye_canthus_inner_{side}", *middle, f"eye_canthus_outer_{side}"])
    if not {name for row in rows for name in row} <= index.keys():
        return None
    return np.array([[index[name] for name in row] for row in rows])


def lid_curves(mesh: HeadMesh, keypoints: NDArray[np.intp], samples: int) -> NDArray[np.float64]:
    """(4, samples, 3) points on the globes, head frame, along `lid_keypoints`.

    Keypoints lie on the margins' outer edges; carried to the globe along its radius, they are where the lids touch it.
    """
    centres = np.repeat(mesh.T_head_eye[:, :3, 3], 2, axis=0)[:, None]
    axes = np.repeat(mesh.T_head_eye[:, :3, 2], 2, axis=0)
    dense = _spline(samples) @ (mesh.keypoints[keypoints] - centres)
    unit = dense / np.linalg.norm(dense, axis=-1, keepdims=True)
    return centres + unit * (surface_radius(np.einsum("lsi,li->ls", unit, axes)) + FILM)[..., None]


@lru_cache(maxsize=2)
def _spline(samples: int) -> NDArray[np.float64]:
    """(samples, 7) weights of the keypoints in a cubic spline through them."""
    knots = np.arange(_BETWEEN + 2)
    return np.asarray(CubicSpline(knots, np.eye(len(knots)))(np.linspace(0, knots[-1], samples)))
