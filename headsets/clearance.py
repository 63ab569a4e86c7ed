"""How far each camera and LED of a headset is from its shell, lens barrels, display cone and glasses.

Distances to faces vary with wearer, expression and donning: `sim.metrics` measures them on real meshes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from headsets.headset import Camera, Headset, Led, Shell


@dataclass(frozen=True)
class Clearance:
    """Distances of one part's reference point (entrance pupil, emitter), m.

    Attributes:
        part: "camera" or "LED".
        distances_m: by obstacle, "shell", "lens_barrels", "display", "glasses", those that the headset has;
            negative inside a keep-out. The shell is a sheet: its distance has no sign.
    """

    part: str
    name: str
    distances_m: dict[str, float]

    @property
    def nearest(self) -> tuple[str, float]:
        """The obstacle at the smallest distance, and that distance; ("", inf) where there is none."""
        return min(self.distances_m.items(), key=lambda item: item[1], default=("", float("inf")))


def clearances(headset: Headset) -> list[Clearance]:
    """One entry a camera, then one an LED, at nominal donning."""
    kinds = ["camera"] * len(headset.cameras) + ["LED"] * len(headset.leds)
    parts: list[Camera | Led] = [*headset.cameras.values(), *headset.leds.values()]
    points = np.array([part.position for part in parts])
    columns = dict(headset.keep_out.distances(points))
    if headset.shell is not None:
        columns = {"shell": shell_distance(headset.shell, points), **columns}
    return [
        Clearance(kind, part.name, {name: float(values[i]) for name, values in columns.items()})
        for i, (kind, part) in enumerate(zip(kinds, parts, strict=True))
    ]


def shell_distance(shell: Shell, points: ArrayLike) -> NDArray[np.float64]:
    """Distance of points (*batch, 3), m, device frame, to the nearest triangle: (*batch,), m, >= 0."""
    p = np.asarray(points, dtype=np.float64)
    mesh = trimesh.Trimesh(shell.vertices, shell.triangles, process=False)
    _, distance, _ = trimesh.proximity.closest_point(mesh, p.reshape(-1, 3))
    return np.asarray(distance, dtype=np.float64).reshape(p.shape[:-1])
