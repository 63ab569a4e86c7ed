"""A `Net` and its `Patches` on the device, with the arrays that each frame fills."""

from __future__ import annotations

import numpy as np
import warp as wp

from sim.render.bounce import Cube
from sim.render.net import Net
from sim.render.patches import Patches


class SurfaceNet:
    """A `Net` and its `Patches` on the device, and the arrays that each frame fills."""

    def __init__(self, net: Net, patches: Patches, device: wp.Device) -> None:
        def ints(values: object) -> wp.array:
            return wp.array(values, dtype=int, device=device)

        self.host = net
        self.count, self.tissue, self.samples = len(net.nodes), net.tissue, len(net.sample_area)
        self.nodes, self.node_of = ints(net.nodes), ints(net.node_of)
        self.triangles = wp.array(net.triangles, dtype=wp.vec3i, device=device)
        self.corner_starts, self.corners = ints(net.corner_starts), ints(net.corners)
        self.starts, self.others = ints(net.starts), ints(net.others)
        self.edges = wp.array(net.edges, dtype=wp.vec2i, device=device)
        self.sample_vertices = wp.array(net.sample_vertices, dtype=wp.vec3i, device=device)
        self.sample_weights = wp.array(net.sample_weights, dtype=wp.vec3, device=device)
        self.sample_area = wp.array(net.sample_area, dtype=float, device=device)
        self.gather_starts, self.gather = ints(net.gather_starts), ints(net.gather)
        self.gather_weights = wp.array(net.gather_weights, dtype=float, device=device)
        self.gather_triangles = ints(net.gather_triangles)

        def floats(count: int) -> wp.array:
            return wp.empty(max(count, 1), dtype=float, device=device)

        def pairs(count: int) -> wp.array:
            return wp.empty(max(count, 1), dtype=wp.vec2, device=device)

        self.areas, self.cotangents = floats(len(net.triangles)), floats(3 * len(net.triangles))
        self.mass, self.edge_weights = floats(self.tissue), floats(len(net.others))
        self.weights, self.sums = pairs(len(net.others)), pairs(self.tissue)
        self.arrived, self.open = pairs(self.samples), pairs(self.samples)
        self.irradiance = pairs(self.count)
        self.openness = wp.array(np.ones(self.count, np.float32), dtype=float, device=device)
        self.source = floats(self.tissue)
        self.heads, self.patches = patches.heads, len(patches.starts) - 1
        self.patch_starts, self.members = ints(patches.starts), ints(patches.members)
        self.housing_area = wp.array(patches.housing_area, dtype=float, device=device)
        self.near = wp.array(patches.near, dtype=int, device=device)
        self.near_weights = wp.array(patches.near_weights, dtype=float, device=device)
        self.patch_areas = floats(self.patches)
        self.centres = wp.empty(self.patches, dtype=wp.vec3, device=device)
        self.patch_normals = wp.empty(self.patches, dtype=wp.vec3, device=device)
        self.flux, self.patch_albedo, self.exitance = pairs(self.patches), pairs(self.patches), pairs(self.patches)
        self.cubes = wp.empty((4, self.patches), dtype=Cube, device=device)
        self.u, self.after, self.steps = pairs(self.tissue), pairs(self.tissue), pairs(self.tissue)
        self.glow = pairs(self.count)
