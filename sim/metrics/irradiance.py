"""Direct irradiance on the face by each LED: E = I(θ) max(n·l, 0) / r², 0 where anything stands between.

Whatever a camera sees of it; light that face and housing throw at each other is left out. 1 W/m² = 0.1 mW/cm².
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Headset, Led
from headsets.housing import Housing
from sim.metrics.occlusion import Occluder
from sim.render.scene import face_points

MW_PER_CM2 = 0.1
"""Per W/m²."""
CLEAR_M = 1e-4
"""Rays start this far above the skin."""


def led_irradiance(led: Led, points: NDArray[np.floating], normals: NDArray[np.floating]) -> NDArray[np.float64]:
    """Irradiance of points (N, 3), m, with unit normals (N, 3), device frame, with nothing in the way: (N,), W/m²."""
    offset = led.position - np.asarray(points, np.float64)
    distance = np.linalg.norm(offset, axis=-1)
    direction = offset / distance[:, None]
    theta = np.arccos(np.clip(-direction @ led.axis, -1.0, 1.0))
    facing = np.maximum(np.einsum("ni,ni->n", direction, normals), 0.0)
    return led.radiant_intensity_w_sr * led.profile.relative(theta) * facing / distance**2


class FaceIrradiance:
    """Irradiance of a head's vertices in one headset, shadows of head and housing included.

    Args:
        headset: whose LEDs shine.
        housing: what stands around the face, see `headsets.housing.housing_of`; None: nothing.
    """

    def __init__(self, headset: Headset, housing: Housing | None) -> None:
        self._headset, self._housing = headset, housing

    def __call__(
        self, mesh: HeadMesh, T_device_head: RigidTransform, chosen: NDArray[np.integer], solid: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """(L, C) W/m², while the pulses last.

        Args:
            mesh: one posed head.
            T_device_head: how the headset sits.
            chosen: (C,) vertices asked for.
            solid: triangles (T,) that cast shadows.
        """
        vertices = T_device_head.apply(mesh.vertices)
        normals = T_device_head.rotation.apply(mesh.normals[chosen])
        points = vertices[chosen]
        occluders = [Occluder(vertices, mesh.triangles[solid])]
        if self._housing is not None:
            eyes = mesh.T_head_eye[:, :3, 3]
            skin = vertices[face_points(mesh.topology.head)]
            around = self._housing.vertices(float(np.linalg.norm(eyes[0] - eyes[1])), skin)
            occluders.append(Occluder(around, self._housing.triangles))
        out = np.zeros((len(self._headset.leds), len(chosen)))
        for k, led in enumerate(self._headset.leds.values()):
            light = led_irradiance(led, points, normals)
            lit = np.flatnonzero(light)
            starts, ends = points[lit] + CLEAR_M * normals[lit], np.broadcast_to(led.position, (len(lit), 3))
            for occluder in occluders:
                free = ~occluder.blocks(starts, ends)
                lit, starts, ends = lit[free], starts[free], ends[free]
            out[k, lit] = light[lit]
        return out
