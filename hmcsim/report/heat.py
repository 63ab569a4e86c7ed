"""The visibility map on the face: which skin each camera sees, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from hmcsim.portrait import STUDIO_SETTINGS, portrait_studio, shade_map
from hmcsim.report.palette import VIRIDIS
from hmcsim.report.pictures import Picture, data_uri
from sim.metrics.result import HeadsetScores
from sim.render import CameraFrame, Renderer

WIDTH, HEIGHT = 300, 360
FINER = 2
"""Rendered at this many times the size and averaged down: smooth edges."""
AZIMUTHS = (0.0, 40.0)
FRONT = "az0"
SIDE = "az40"
LIT = 0.22
"""Radiance of well lit skin in the portrait studio, W/m²/sr."""
BACKGROUND = 255


@dataclass(frozen=True)
class HeatMaps:
    """Maps of one layout: the best camera at each point (front and side), then each camera alone."""

    best: tuple[Picture, Picture]
    cameras: Mapping[str, Picture]


class HeatPainter:
    """Paints values per triangle on one neutral face, smoothly."""

    def __init__(self, mesh: HeadMesh) -> None:
        self._mesh = mesh
        studio = portrait_studio(WIDTH * FINER, HEIGHT * FINER, AZIMUTHS)
        buffers = ("radiance", "triangle", "barycentric")
        self._frames: Mapping[str, CameraFrame] = Renderer(settings=STUDIO_SETTINGS).render(studio, mesh, None, buffers)

    def paint(self, values: NDArray[np.floating], view: str, alt: str) -> Picture:
        """Values per triangle (T,), 0 to 1 or NaN for grey, seen from `FRONT` or `SIDE`."""
        frame = self._frames[view]
        assert frame.triangle is not None
        assert frame.barycentric is not None
        assert frame.radiance is not None
        seen = frame.triangle >= 0
        corners = self._mesh.triangles[np.maximum(frame.triangle, 0)]
        on_vertices = per_vertex(values, self._mesh.triangles, len(self._mesh.vertices))
        shown = np.where(seen, (on_vertices[corners] * frame.barycentric).sum(-1), np.nan)
        shading = 0.35 + 0.75 * np.clip(frame.radiance / LIT, 0, 1)
        image = shade_map(shown, VIRIDIS, shading)
        image[~seen] = BACKGROUND
        small = image.reshape(HEIGHT, FINER, WIDTH, FINER, 3).mean(axis=(1, 3))
        return data_uri(np.rint(small).astype(np.uint8), alt, quality=88)


def heat_maps(painter: HeatPainter, layout: str, scores: HeadsetScores, step: Callable[[], None]) -> HeatMaps | None:
    """Maps of one layout; None where the score was taken without."""
    if scores.heat is None:
        return None
    best = best_camera(scores.heat)
    front, side = (painter.paint(best, view, f"{layout}: best camera at each point") for view in (FRONT, SIDE))
    cameras = {
        name: painter.paint(scores.camera_heat(name), FRONT, f"{layout}: seen by camera {name}")
        for name in scores.cameras
    }
    step()
    return HeatMaps((front, side), cameras)


def best_camera(heat: NDArray[np.floating]) -> NDArray[np.float64]:
    """(C, T) to (T,): the share of faces in which the camera that sees a triangle most sees it; NaN where not asked."""
    return np.where(np.isnan(heat).all(0), np.nan, np.nan_to_num(heat, nan=-1.0).max(0)).astype(np.float64)


def per_vertex(values: NDArray[np.floating], triangles: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """Values per triangle (T,) averaged to vertices (count,); NaN where no triangle around has one."""
    known = np.isfinite(values)
    corners = triangles[known].reshape(-1)
    weight = np.bincount(corners, minlength=count)
    total = np.bincount(corners, np.repeat(np.asarray(values, np.float64)[known], 3), minlength=count)
    return np.divide(total, weight, out=np.full(count, np.nan), where=weight > 0)
