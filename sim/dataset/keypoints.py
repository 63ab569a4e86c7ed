"""Keypoints of a rendered frame: where they were drawn, and which of them cameras see."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh, Topology
from headsets.headset import Camera
from headsets.lenses.lens import inside_image
from sim.errors import SimError
from sim.metrics.occlusion import Occluder
from sim.render.materials import THIN

NEAR_M = 0.05e-3
"""Lines of sight end this far before a keypoint, lest its own surface stop them."""
NO_OBSTACLE = THIN
"""Materials that hide nothing: regions and depth know no hair either."""


class KeypointFinder:
    """Knows which vertices keypoints are, and what may stand before them.

    Args:
        device: where lines of sight are traced.
    """

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self._vertices: WeakKeyDictionary[Topology, NDArray[np.intp]] = WeakKeyDictionary()
        self._occluders: WeakKeyDictionary[Topology, tuple[NDArray[np.int32], Occluder]] = WeakKeyDictionary()

    def vertices(self, mesh: HeadMesh) -> NDArray[np.intp]:
        """(K,) the vertices that the keypoints are.

        Raises:
            SimError: a keypoint that is no vertex.
        """
        head = mesh.topology.head
        if head not in self._vertices:
            found = [np.flatnonzero((mesh.vertices == point).all(axis=1)) for point in mesh.keypoints]
            for name, where in zip(head.keypoint_names, found, strict=True):
                if not len(where):
                    raise SimError(f"every keypoint must be a vertex of its head model, {name!r} is none")
            self._vertices[head] = np.array([where[0] for where in found], dtype=np.intp)
        return self._vertices[head]

    def visible(
        self,
        topology: Topology,
        drawn: NDArray[np.float32],
        housing: NDArray[np.int32],
        cameras: Sequence[Camera],
        points: NDArray[np.float64],
        pixels: Sequence[NDArray[np.float64]],
    ) -> list[NDArray[np.bool_]]:
        """Of each camera (K,) which keypoints it sees: within its image, and nothing between.

        Args:
            drawn: (V + H, 3) m, device frame; see `Renderer.drawn_vertices`.
            housing: (T, 3) triangles of the housing among them.
            points: (K, 3) m, device frame.
            pixels: of each camera, see `keypoints_in`.
        """
        inside = [inside_image(camera.lens, own) for camera, own in zip(cameras, pixels, strict=True)]
        starts = np.concatenate(
            [np.broadcast_to(c.position, points.shape)[i] for c, i in zip(cameras, inside, strict=True)]
        )
        ends = np.concatenate([points[i] for i in inside])
        step = starts - ends
        ends = ends + step * (NEAR_M / np.linalg.norm(step, axis=1, keepdims=True))
        free = ~self._occluder(topology, drawn, housing).blocks(starts, ends)
        out, at = [], 0
        for own in inside:
            seen = own.copy()
            seen[own] = free[at : at + int(own.sum())]
            at += int(own.sum())
            out.append(seen)
        return out

    def _occluder(self, topology: Topology, drawn: NDArray[np.float32], housing: NDArray[np.int32]) -> Occluder:
        kept = self._occluders.get(topology)
        if kept is None or kept[0] is not housing:
            clear = [k for k, name in enumerate(topology.material_names) if name in NO_OBSTACLE]
            solid = topology.triangles[~np.isin(topology.material_ids, clear)]
            kept = housing, Occluder(drawn, np.concatenate([solid, housing]), self._device)
            self._occluders[topology] = kept
        else:
            kept[1].move(drawn)
        return kept[1]


def keypoints_in(camera: Camera, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels (K, 2) of device-frame points (K, 3), m; NaN where the lens has no image."""
    local = (points - camera.position) @ camera.T_device_camera.rotation.as_matrix()
    pixels, valid = camera.lens.project(local)
    return np.where(valid[:, None], pixels, np.nan)
