"""Whether a straight line is free: any-hit ray queries against a triangle mesh, by Warp's bounding volume hierarchy."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.device import KERNEL_OPTIONS, open_device

wp.set_module_options(KERNEL_OPTIONS)

START_OFFSET_M = 2e-5
"""Rays leave this far above the surface, lest their own triangle stop them; float32 resolves 1e-8 m here."""


@wp.kernel
def _any_hit(
    mesh: wp.uint64,
    starts: wp.array[wp.vec3],
    ends: wp.array[wp.vec3],
    hit: wp.array[wp.bool],
) -> None:
    i = wp.tid()
    step = ends[i] - starts[i]
    length = wp.length(step)
    hit[i] = wp.mesh_query_ray_anyhit(mesh, starts[i], step / length, length)


class Occluder:
    """A mesh that hides what is behind it, from both sides; its vertices may move, its triangles may not.

    The hierarchy is built for the first vertices and refitted for later ones, so answers depend on the current
    vertices alone, whatever came between.
    """

    def __init__(self, vertices: NDArray[np.floating], triangles: NDArray[np.integer], device: str = "cpu") -> None:
        """Build from vertices (V, 3), m, and triangles (T, 3).

        Raises:
            SimError: no such device.
        """
        self._device = open_device(device)
        self._points = wp.array(np.ascontiguousarray(vertices, np.float32), dtype=wp.vec3, device=self._device)
        indices = wp.array(np.ascontiguousarray(triangles, np.int32).reshape(-1), dtype=wp.int32, device=self._device)
        self._mesh = wp.Mesh(points=self._points, indices=indices)

    def move(self, vertices: NDArray[np.floating]) -> None:
        """Carry the mesh to new vertices (V, 3), m."""
        self._points.assign(np.ascontiguousarray(vertices, np.float32))
        self._mesh.refit()

    def blocks(self, starts: NDArray[np.floating], ends: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether the mesh crosses the segments from starts (N, 3) to ends (N, 3), m: (N,)."""
        count = len(starts)
        if count == 0:
            return np.zeros(0, dtype=bool)
        hit = wp.empty(count, dtype=wp.bool, device=self._device)
        inputs = [
            wp.array(np.ascontiguousarray(part, np.float32), dtype=wp.vec3, device=self._device)
            for part in (starts, ends)
        ]
        wp.launch(_any_hit, dim=count, inputs=[self._mesh.id, *inputs, hit], device=self._device)
        return np.asarray(hit.numpy(), dtype=bool)
