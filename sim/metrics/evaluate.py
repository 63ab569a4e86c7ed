"""One piece of a score: one wearer under a run of expressions, through every headset and donning.

Each mesh is posed and its ray hierarchy refitted once, in the head frame; cameras move instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.keypoints import scored_keypoints
from sim.metrics.occlusion import Occluder
from sim.metrics.range_of_motion import Motion, keypoint_motion
from sim.metrics.resolution import lens_density, mean_resolution, pixels_per_mm
from sim.metrics.rig import Rig, RigCamera
from sim.metrics.surface import LocatedPoints, SurfacePoints, join, mean_normal
from sim.metrics.visibility import (
    PlacedCamera,
    Surroundings,
    seen_points,
    view_points,
    visibility,
    visibility_seen,
    visible_fraction,
)
from sim.metrics.worn import WornHousing
from sim.seeding import generator
from sim.wearers import glasses_frame, wearer_look

LASHES = "lashes"
"""Label left out of what hides the face: a lash fringe is mostly gaps, its mesh a closed strip."""
ASIDE = 4
"""One surface point in so many is asked about where a camera is scored on a region it is not for."""
RESOLUTION = "resolution_px_per_mm"
HEAT = "heat map"
"""Its points, where those of regions go by the regions' names."""
Samples = dict[str, dict[str, NDArray[np.float64]]]
"""Region -> metric -> array."""


@dataclass(frozen=True, eq=False)
class Job:
    """All that a worker needs, sent to it once.

    Attributes:
        points: region -> its surface points.
        heat_points: what the heat map asks about, or None.
        reference: (V, 3) vertices the ray hierarchy is built for.
    """

    head: HeadModel
    rigs: tuple[Rig, ...]
    config: ScoreConfig
    expressions: tuple[str, ...]
    points: Mapping[str, SurfacePoints]
    heat_points: SurfacePoints | None
    reference: NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """A wearer and a run of expressions; `heat` lists the (expression, donning) pairs that the heat map takes."""

    identity: int
    first: int
    last: int
    heat: tuple[tuple[int, int], ...] = ()


@dataclass(eq=False)
class Piece:
    """What one task gives.

    Attributes:
        samples: headset -> camera -> region -> metric -> (e, D) over the task's expressions.
        coverage: headset -> region -> (e, D) share of its area that any camera which is for it sees.
        heat: headset -> camera -> (P,) how often each heat point was seen.
    """

    task: Task
    samples: dict[str, dict[str, Samples]] = field(default_factory=dict)
    coverage: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    heat: dict[str, dict[str, NDArray[np.int32]]] = field(default_factory=dict)


class Evaluator:
    """Runs tasks of one job; keeps what tasks share."""

    def __init__(self, job: Job) -> None:
        """Build the ray hierarchies and lens tables."""
        topology = job.head.topology
        solid = np.ones(len(topology.triangles), dtype=bool)
        if LASHES in topology.region_labels:
            solid = topology.region_ids != topology.region_labels.index(LASHES)
        self._job = job
        self._face = Occluder(job.reference, topology.triangles[solid])
        self._housings = {
            rig.name: WornHousing(rig.housing, job.config.donnings, topology, job.reference)
            for rig in job.rigs
            if rig.housing is not None
        }
        self._surroundings = {
            rig.name: Surroundings(
                (self._face,) if rig.glasses is None else (self._face, Occluder(*rig.glasses)),
                self._housings[rig.name].occluders if rig.name in self._housings else (),
            )
            for rig in job.rigs
        }
        lenses = dict.fromkeys(camera.lens for rig in job.rigs for camera in rig.cameras)
        self._own_glasses: tuple[Occluder, ...] = ()
        self._density = {
            lens: lens_density(lens)  # type: ignore[arg-type]  # frozen dataclasses, all of them
            for lens in lenses
        }

    def run(self, task: Task) -> Piece:
        """Score one task."""
        job = self._job
        identity = job.head.sample_identity(generator(job.config.seed, "identity", task.identity))
        if job.config.looks:
            frame = glasses_frame(job.head, identity, wearer_look(job.config.seed, task.identity, identity))
            self._own_glasses = () if frame is None else (Occluder(*frame),)
        names = job.expressions[task.first : task.last]
        # The neutral face comes first: motion is measured from it.
        meshes = job.head.mesh(identity, [{}, *({} if name == NEUTRAL else job.head.peaks[name] for name in names)])
        views = [
            (rig, camera, camera.placed(rig.device_head[task.identity])) for rig in job.rigs for camera in rig.cameras
        ]
        covered = self._wear(task.identity, meshes[0])
        piece = Piece(task)
        normals = self._mean_normals(meshes)
        for rig, camera, placed in views:
            piece.samples.setdefault(rig.name, {})[camera.name] = {
                region: self._without_sight(region, placed, normals[region], meshes.keypoints)
                for region in camera.regions
            }
            counts = np.zeros(len(job.heat_points or ()), dtype=np.int32)
            piece.heat.setdefault(rig.name, {})[camera.name] = counts
        for e in range(len(names)):
            vertices = meshes.vertices[1 + e]
            self._face.move(vertices)
            located = {region: points.locate(vertices) for region, points in job.points.items()}
            aside = {region: points.every(ASIDE) for region, points in located.items()}
            together: dict[tuple[str, str], NDArray[np.bool_]] = {}
            for rig, camera, placed in views:
                by_region = {r: located[r] if r in camera.sees else aside[r] for r in camera.regions}
                under = [covered[rig.name][r][:, :: 1 if r in camera.sees else ASIDE] for r in camera.regions]
                out = piece.samples[rig.name][camera.name]
                seen = self._with_sight(rig, placed, by_region, np.concatenate(under, axis=1), out, e)
                for region in camera.sees:
                    before = together.get((rig.name, region))
                    together[rig.name, region] = seen[region] if before is None else before | seen[region]
            for (name, region), seen_by_any in together.items():
                blank = np.full((len(names), len(seen_by_any)), np.nan)
                shares = piece.coverage.setdefault(name, {}).setdefault(region, blank)
                shares[e] = visible_fraction(seen_by_any, located[region].areas)
            for donning in (d for expression, d in task.heat if expression == task.first + e):
                self._heat(views, vertices, donning, covered, piece)
        return piece

    def _wear(self, identity: int, neutral: HeadMesh) -> dict[str, dict[str, NDArray[np.bool_]]]:
        """Put every headset on; headset -> region, and `HEAT` -> (D, P) points that lie under its interface."""
        points = dict(self._job.points)
        if self._job.heat_points is not None:
            points[HEAT] = self._job.heat_points
        located = {name: own.locate(neutral.vertices) for name, own in points.items()}
        covered: dict[str, dict[str, NDArray[np.bool_]]] = {}
        for rig in self._job.rigs:
            worn = self._housings.get(rig.name)
            if worn is not None:
                worn.wear(neutral, rig.device_head[identity])
            bare = (len(rig.device_head[identity]),)
            covered[rig.name] = {
                name: np.zeros((*bare, len(own.areas)), bool) if worn is None else worn.covers(own)
                for name, own in located.items()
            }
        return covered

    def _around(self, rig: Rig, donning: int | None = None) -> Surroundings:
        """What may hide the present wearer's face, in all donnings or in one."""
        common = self._surroundings[rig.name]
        common = common if donning is None else common.only(donning)
        return replace(common, head=(*common.head, *self._own_glasses)) if self._own_glasses else common

    def _mean_normals(self, meshes: HeadMesh) -> dict[str, NDArray[np.float64]]:
        """Region -> (e, 3), the neutral mesh left out."""
        topology = meshes.topology
        return {
            region: mean_normal(meshes.vertices[1:], topology.triangles[topology.region_triangles(region)])
            for region in self._job.points
        }

    def _without_sight(
        self, region: str, placed: PlacedCamera, normals: NDArray[np.float64], keypoints: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """REFA's two metrics, which ask neither for a field of view nor for a free line, and room for the others."""
        shape = (len(normals), len(placed.device_head))
        motion = Motion(*(np.full(shape, np.nan) for _ in range(3)))
        topology = self._job.head.topology
        scored = scored_keypoints(topology, region, self._job.config.keypoints)
        if chosen := list(dict.fromkeys((*scored, *topology.region_keypoints.get(region, ())))):
            motion = keypoint_motion(placed, keypoints[0, chosen], keypoints[1:, chosen], np.isin(chosen, scored))
        blank = {name: np.full(shape, np.nan) for name in ("visibility_seen", "visible_fraction", RESOLUTION)}
        return blank | {
            "visibility": np.stack([visibility(normal, placed) for normal in normals]),
            "range_of_motion": motion.norm_px,
            "range_of_motion_rms_px": motion.rms_px,
            "keypoints_dropped": motion.dropped,
        }

    def _with_sight(
        self,
        rig: Rig,
        placed: PlacedCamera,
        located: Mapping[str, LocatedPoints],
        under: NDArray[np.bool_],
        out: Samples,
        e: int,
    ) -> dict[str, NDArray[np.bool_]]:
        """Our metrics of one camera on one mesh, all its regions in one go; `under`: (D, P), what foam lies on.

        Returns:
            Region -> (D, P) which of its points are seen.
        """
        points = join(list(located.values()))
        view = view_points(placed, points)
        seen = seen_points(view, placed, points, self._around(rig))
        seen &= ~under
        resolution = pixels_per_mm(self._density[placed.lens], view, seen, placed.magnification)
        found = {}
        start = 0
        for region, own in located.items():
            part = slice(start, start + len(own.areas))
            start = part.stop
            found[region] = seen[:, part]
            out[region]["visible_fraction"][e] = visible_fraction(seen[:, part], own.areas)
            out[region]["visibility_seen"][e] = visibility_seen(seen[:, part], view.cosines[:, part], own.areas)
            out[region][RESOLUTION][e] = mean_resolution(resolution[:, part], seen[:, part], own.areas)
        return found

    def _heat(
        self,
        views: list[tuple[Rig, RigCamera, PlacedCamera]],
        vertices: NDArray[np.float64],
        donning: int,
        covered: Mapping[str, Mapping[str, NDArray[np.bool_]]],
        piece: Piece,
    ) -> None:
        """Count which heat points each camera sees on this mesh in one donning."""
        if self._job.heat_points is None:
            return
        points = self._job.heat_points.locate(vertices)
        for rig, camera, placed in views:
            one = placed.only(donning)
            seen = seen_points(view_points(one, points), one, points, self._around(rig, donning))
            piece.heat[rig.name][camera.name] += seen[0] & ~covered[rig.name][HEAT][donning]
