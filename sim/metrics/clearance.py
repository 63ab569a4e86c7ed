"""What wearers leave of the room around a camera, and how much of its region they bring into its image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets.clearance import shell_distance
from headsets.headset import Headset
from headsets.lenses.lens import inside_image
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.surface import triangle_centroids
from sim.metrics.visibility import place_camera
from sim.render.device import KERNEL_OPTIONS, open_device
from sim.seeding import generator

wp.set_module_options(KERNEL_OPTIONS)

SEARCH_RADIUS_M = 0.1
"""Distances beyond this are reported as this."""


@wp.kernel
def _nearest(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    radius: float,
    distance: wp.array[float],
) -> None:
    i = wp.tid()
    query = wp.mesh_query_point_sign_normal(mesh, points[i], radius)
    distance[i] = radius
    if query.result:
        nearest = wp.mesh_eval_position(mesh, query.face, query.u, query.v)
        distance[i] = query.sign * wp.length(points[i] - nearest)


class FaceDistance:
    """Signed distance to a moving surface, negative behind it; the hierarchy is refitted, not rebuilt."""

    def __init__(self, vertices: NDArray[np.floating], triangles: NDArray[np.integer], device: str = "cpu") -> None:
        """Build from vertices (V, 3), m, and triangles (T, 3), counter-clockwise from outside."""
        self._device = open_device(device)
        self._points = wp.array(np.ascontiguousarray(vertices, np.float32), dtype=wp.vec3, device=self._device)
        indices = wp.array(np.ascontiguousarray(triangles, np.int32).reshape(-1), dtype=wp.int32, device=self._device)
        self._mesh = wp.Mesh(points=self._points, indices=indices)

    def move(self, vertices: NDArray[np.floating]) -> None:
        """Carry the surface to new vertices (V, 3), m."""
        self._points.assign(np.ascontiguousarray(vertices, np.float32))
        self._mesh.refit()

    def of(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Distances of points (N, 3), m: (N,), m, at most `SEARCH_RADIUS_M`."""
        queries = wp.array(np.ascontiguousarray(points, np.float32), dtype=wp.vec3, device=self._device)
        out = wp.empty(len(points), dtype=float, device=self._device)
        wp.launch(_nearest, dim=len(points), inputs=[self._mesh.id, queries, SEARCH_RADIUS_M, out], device=self._device)
        return np.asarray(out.numpy(), dtype=np.float64)


@dataclass(frozen=True)
class CameraRoom:
    """What wearers leave one camera, over all of a configuration's identities, expressions and donnings.

    Attributes:
        face_m: smallest distance to the skin; negative inside the head.
        shell_m: to the shell; None without one.
        glasses_m: to the room glasses may take, worn by the head, over donnings; None without them.
        framed: region the camera sees -> share of its area that falls inside the image, hidden or not: the 5th
            percentile, like the scores' (all but one face and donning in twenty have more).
    """

    face_m: float
    shell_m: float | None
    glasses_m: float | None
    framed: Mapping[str, float]


def camera_rooms(headset: Headset, head: HeadModel, config: ScoreConfig) -> dict[str, CameraRoom]:
    """Measure every camera of a headset over the faces and donnings of a score configuration.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    cameras = list(headset.cameras.values())
    topology = head.topology
    regions = {region: topology.triangles[topology.region_triangles(region)] for c in cameras for region in c.sees}
    faces = FaceDistance(head.mesh(head.neutral_identity()).vertices, topology.triangles)
    face = np.full(len(cameras), np.inf)
    glasses = np.full(len(cameras), np.inf)
    framed: list[dict[str, list[float]]] = [{region: [] for region in camera.sees} for camera in cameras]
    names = config.expression_names(head)
    for i in range(config.identities):
        identity = head.sample_identity(generator(config.seed, "identity", i))
        donned = headset.donning.sample(generator(config.seed, "donning", i), config.donnings).as_matrix()
        placed = [place_camera(c.lens, c.T_device_camera.as_matrix(), donned) for c in cameras]
        positions = np.stack([p.position for p in placed])
        if headset.keep_out.glasses is not None:
            glasses = np.minimum(glasses, headset.keep_out.glasses.distance(positions).min(-1))
        meshes = head.mesh(identity, [{} if name == NEUTRAL else head.peaks[name] for name in names])
        for vertices in meshes.vertices:
            faces.move(vertices)
            face = np.minimum(face, faces.of(positions.reshape(-1, 3)).reshape(len(cameras), -1).min(-1))
            for camera, place, shares in zip(cameras, placed, framed, strict=True):
                for region in camera.sees:
                    points = triangle_centroids(regions[region]).locate(vertices)
                    pixels, valid = camera.lens.project(place.to_camera(points.positions))
                    inside = valid & inside_image(camera.lens, pixels)
                    shares[region].extend(inside @ points.areas / points.areas.sum())
    shell = None if headset.shell is None else shell_distance(headset.shell, np.stack([c.position for c in cameras]))
    return {
        camera.name: CameraRoom(
            float(face[k]),
            None if shell is None else float(shell[k]),
            None if headset.keep_out.glasses is None else float(glasses[k]),
            {region: float(np.percentile(shares, 5)) for region, shares in framed[k].items()},
        )
        for k, camera in enumerate(cameras)
    }
