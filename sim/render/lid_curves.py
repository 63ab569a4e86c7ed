"""Where the lids' menisci run, from the keypoints that every head model names alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from faces.eyeball import surface_radius
from faces.mesh import HeadMesh

FILM = 0.0002
"""Of the meniscus above the globe, m."""
_LIDS = ("upper", "lower")


def lid_curves(mesh: HeadMesh, samples: int) -> NDArray[np.float64] | None:
    """(4, samples, 3) points on the globes, head frame: upper and lower lid of the left eye, then of the right one.

    Keypoints lie on the margins' outer edges; carried to the globe along its radius, they are where the lids touch it.
    None for heads that lack the keypoints.
    """
    index = {name: k for k, name in enumerate(mesh.topology.keypoint_names)}
    curves = []
    for eye, side in enumerate(("left", "right")):
        centre, axis = mesh.T_head_eye[eye, :3, 3], mesh.T_head_eye[eye, :3, 2]
        for lid in _LIDS:
            middle = [f"eye_lid_{lid}_{k}_{side}" for k in range(1, 6)]
            names = [f"eye_canthus_inner_{side}", *middle, f"eye_canthus_outer_{side}"]
            if not set(names) <= index.keys():
                return None
            points = mesh.keypoints[[index[name] for name in names]] - centre
            t = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
            dense = CubicSpline(t, points)(np.linspace(0.0, t[-1], samples))
            unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
            curves.append(centre + unit * (surface_radius(unit @ axis) + FILM)[:, None])
    return np.array(curves)
