"""How much of its surroundings each point of a face sees: little in eye sockets, nostrils and the mouth.

The mean face is lit once by lamps from all around its front, with shadows; openness is the share of their light, by
the cosine law, that arrives. It scales what other surfaces throw at a point (`sim.render.bounce`), and must not
depend on the LEDs, whose light could not be added up otherwise.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import warp as wp
from numpy.typing import NDArray

from faces.mesh import HeadMesh, Topology
from faces.normals import VertexNormals
from sim.render.ambient import Ambient
from sim.render.lighting import Lighting
from sim.render.samples import LANES, light_samples
from sim.render.scene import upload_fixed, upload_moving
from sim.render.settings import DIRECT
from sim.render.skin import SkinTextures

SETTINGS = replace(DIRECT, shell=False, shadow_resolution=512, shadow_bias_m=0.8e-3)
"""A texel of a lamp two metres away is 1.4 mm wide on the face."""


def measure_openness(topology: Topology, device: wp.Device) -> NDArray[np.float32]:
    """(V,) openness of each vertex of a head without glasses, in [0, 1]; 1 where there is no rest pose."""
    count = len(topology.uv)
    if topology.rest is None:
        return np.ones(count, np.float32)
    welds = topology.weld_map()
    rest = topology.rest.astype(np.float32)
    normals = VertexNormals(welds[topology.triangles], count)(rest[None])[0][welds]
    mesh = HeadMesh(
        topology,
        rest.astype(float),
        normals.astype(float),
        np.zeros((0, 3)),
        np.zeros((2, 4, 4)),
        np.zeros((2, count), np.float32),
    )
    fixed = upload_fixed(topology, None, SETTINGS, device)
    moving = upload_moving(fixed, mesh, None, SkinTextures(False, device), device, False)
    lighting = Lighting(SETTINGS, device)
    lighting.set_leds(Ambient.even(1.0).lamps(850.0))
    lighting.prepare(fixed, moving)
    corners = wp.array(np.repeat(np.arange(count, dtype=np.int32), 3).reshape(-1, 3), dtype=wp.vec3i, device=device)
    weights = wp.array(np.tile(np.array([1.0, 0.0, 0.0], np.float32), (count, 1)), dtype=wp.vec3, device=device)
    arrived = wp.empty(count, dtype=wp.vec2, device=device)
    seen = wp.empty(count, dtype=wp.vec2, device=device)
    lanes = 1 if device.is_cuda else LANES
    inputs = [count, lanes, corners, weights, moving.vertices, lighting.leds]
    wp.launch(light_samples, dim=-(-count // lanes), inputs=inputs, outputs=[arrived, seen], device=device)
    got, could = seen.numpy().T
    return (got / np.maximum(could, 1e-6)).astype(np.float32)
