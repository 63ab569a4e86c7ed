"""Keypoints of a rendered frame: where they were drawn, and which of them a camera sees."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh, Topology
from headsets.headset import Camera
from headsets.lenses.lens import inside_image
from sim.errors import SimError

NEAR_M = 0.1e-3
"""A surface this near to a keypoint, along the camera's z axis, is the keypoint's own."""


class KeypointFinder:
    """Knows which vertices keypoints are, and which triangles meet there."""

    def __init__(self) -> None:
        self._vertices: WeakKeyDictionary[Topology, NDArray[np.intp]] = WeakKeyDictionary()
        self._around: WeakKeyDictionary[Topology, NDArray[np.bool_]] = WeakKeyDictionary()

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
        mesh: HeadMesh,
        drawn: NDArray[np.floating],
        camera: Camera,
        pixels: NDArray[np.float64],
        triangle: NDArray[np.int32],
    ) -> NDArray[np.bool_]:
        """(K,) which keypoints a camera sees: whether one of the four pixels around one shows the surface it lies on.

        That is a triangle that meets there or, where those are smaller than a pixel, one whose plane comes as near as
        `NEAR_M` to the keypoint, seen along its ray.

        Args:
            drawn: (V + H, 3) m, device frame; see `Renderer.drawn_vertices`.
            pixels: (K, 2), NaN where the lens has no image.
            triangle: (H, W), see `CameraFrame.triangle`.
        """
        own = self.vertices(mesh)
        inside = inside_image(camera.lens, pixels)
        corner = np.floor(np.where(inside[:, None], pixels, 0.0)).astype(int)
        x = np.clip(corner[:, None, 0] + np.array([0, 1, 0, 1]), 0, camera.width_px - 1)
        y = np.clip(corner[:, None, 1] + np.array([0, 0, 1, 1]), 0, camera.height_px - 1)
        shown = triangle[y, x]
        head = shown >= 0
        here = np.where(head, shown, 0)
        meets = self._meets(mesh.topology, own)[np.arange(len(own))[:, None], here]
        return inside & (head & (meets | self._on_plane(mesh, drawn, camera, own, here))).any(axis=1)

    def _meets(self, topology: Topology, own: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(K, T) whether a triangle has the keypoint for a corner; doubled vertices are one."""
        if topology not in self._around:
            welds = topology.weld_map()
            if len(welds) < len(topology.uv):
                welds = np.concatenate([welds, np.arange(len(welds), len(topology.uv))])
            corners = welds[topology.triangles]
            self._around[topology] = (corners[None] == welds[own][:, None, None]).any(axis=2)
        return self._around[topology]

    @staticmethod
    def _on_plane(
        mesh: HeadMesh, drawn: NDArray[np.floating], camera: Camera, own: NDArray[np.intp], here: NDArray[np.int32]
    ) -> NDArray[np.bool_]:
        a, b, c = (drawn[mesh.triangles[here, k]].astype(np.float64) for k in range(3))
        normal = np.cross(b - a, c - a)
        towards = drawn[own].astype(np.float64)[:, None] - camera.position
        with np.errstate(divide="ignore", invalid="ignore"):
            along = ((a - camera.position) * normal).sum(-1) / (towards * normal).sum(-1)
        depth = towards @ camera.optical_axis
        return np.asarray(np.abs((along - 1.0) * depth) < NEAR_M)


def keypoints_in(camera: Camera, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Camera-frame points (K, 3), m, and pixels (K, 2), NaN where the lens has no image, of device-frame points."""
    local = (points - camera.position) @ camera.T_device_camera.rotation.as_matrix()
    pixels, valid = camera.lens.project(local)
    return local, np.where(valid[:, None], pixels, np.nan)
