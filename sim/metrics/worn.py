"""A headset's housing on one wearer, in each donning: what stands in the way of the cameras, as in the images.

The facial interface is made once a donning, from the wearer's neutral face: foam follows the skin that moves beneath
it, and seldom moves the edge of what is seen. (The renderer makes it anew for every expression.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh, Topology
from headsets.housing import Housing
from sim.housing import face_points, housing_around, under_interface
from sim.metrics.occlusion import Occluder
from sim.metrics.surface import LocatedPoints


class WornHousing:
    """Shell, lens barrels at the wearer's IPD, and facial interface.

    Attributes:
        occluders: one a donning, device frame.
    """

    def __init__(self, housing: Housing, donnings: int, topology: Topology, reference: NDArray[np.float64]) -> None:
        """Build for a head's reference vertices (V, 3), m, nominally donned; `wear` moves it to a wearer."""
        self._housing = housing
        self._skin = face_points(topology.head)
        start = housing.vertices(float(np.mean(housing.ipd_m)), reference[self._skin])
        self._vertices = [start] * donnings
        self.occluders = tuple(Occluder(start, housing.triangles) for _ in range(donnings))
        self._device_head = np.broadcast_to(np.eye(4), (donnings, 4, 4))

    def wear(self, neutral: HeadMesh, device_head: NDArray[np.float64]) -> None:
        """Put it on a wearer's neutral face (no batch), device_head (D, 4, 4) T_device_head."""
        self._device_head = device_head
        skin = np.asarray(neutral.vertices[self._skin], dtype=np.float64)
        self._vertices = [
            housing_around(self._housing, neutral.T_head_eye, skin @ T[:3, :3].T + T[:3, 3]) for T in device_head
        ]
        for occluder, vertices in zip(self.occluders, self._vertices, strict=True):
            occluder.move(vertices)

    def covers(self, points: LocatedPoints) -> NDArray[np.bool_]:
        """(D, P) which points of the neutral face, head frame, the interface lies on."""
        out = []
        for T, vertices in zip(self._device_head, self._vertices, strict=True):
            contacts = self._housing.contacts(vertices)
            there = (contacts - T[:3, 3]) @ T[:3, :3]
            out.append(under_interface(points.positions, there, self._housing.interface))
        return np.stack(out)
