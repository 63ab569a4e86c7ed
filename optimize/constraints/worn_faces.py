"""Faces as layouts must leave room for them: every wearer under every expression, seen from the device in each donning.

Gathered once; then a point's distance takes microseconds, as it moves from head to head instead of the faces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.protocol import HeadModel
from headsets.anatomy import inside_head
from headsets.donning import DonningDistribution
from optimize.wearers import REACH_M, thinned
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.corneas import corneas_of
from sim.metrics.surface import SurfacePoints, sample_surface
from sim.seeding import generator

VIEW_POINTS = 24
VIEW_EXPRESSIONS = 4
"""Points of a region, and expressions, at which lines of sight are checked."""
VIEW_WEARERS = 4
CORNEA_WEARERS = 4
"""Of the wearers, the first so many stand for all where only the middle of the spread or many donnings matter."""
FAR_M = 0.025
"""How far distances to faces are told, unless more is asked for."""


@dataclass(frozen=True, eq=False)
class WornFaces:
    """W wearers in D donnings, plain arrays that go to other processes.

    Attributes:
        points, normals: per wearer (N_w, 3) m and unit, head frame: the face's surface under all expressions, thinned.
        device_head: (W, D, 4, 4) T_device_head.
        sight: region -> (V, E, P, 3) m, head frame: points of the first V wearers under some expressions.
        facing: region -> their normals, likewise.
        corneas: (V, 2, G, K, 3) m, head frame (`sim.metrics.corneas`).
    """

    points: tuple[NDArray[np.float32], ...]
    normals: tuple[NDArray[np.float32], ...]
    device_head: NDArray[np.float64]
    sight: Mapping[str, NDArray[np.float64]]
    facing: Mapping[str, NDArray[np.float64]]
    corneas: NDArray[np.float64] = field(repr=False)

    @cached_property
    def _trees(self) -> list[cKDTree]:
        return [cKDTree(points) for points in self.points]

    def in_heads(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (N, 3), device frame, in every wearer's head frame: (W, D, N, 3), m."""
        R, t = self.device_head[..., :3, :3], self.device_head[..., :3, 3]
        return np.einsum("wdji,wdnj->wdni", R, points - t[:, :, None])

    def distance(self, points: NDArray[np.float64], far_m: float = FAR_M) -> NDArray[np.float64]:
        """Distance of points (N, 3), m, device frame, to the nearest face, negative behind it: (N,), m, up to `far_m`.

        The sign is the nearest point's side. Between faces of several expressions it may be wrong, but there
        distances are too small to be allowed in any case.
        """
        placed = self.in_heads(points)
        nearest = np.full(len(points), np.inf)
        for head, tree, normals in zip(placed, self._trees, self.normals, strict=True):
            distance, index = tree.query(head, distance_upper_bound=far_m)
            found = np.isfinite(distance)
            distance, index = np.where(found, distance, far_m), np.where(found, index, 0)
            away = head - np.asarray(tree.data)[index]
            behind = (found & ((away * normals[index]).sum(-1) < 0)) | inside_head(head)
            nearest = np.minimum(nearest, np.where(behind, -distance, distance).min(axis=0))
        return nearest

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_trees"}


def wear_faces(
    head: HeadModel,
    donning: DonningDistribution,
    regions: tuple[str, ...],
    config: ScoreConfig,
    progress: Callable[[int, int], None] | None = None,
) -> WornFaces:
    """Pose every wearer of a score configuration; wearers and donnings are those that `sim.metrics.score` draws.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    names = config.expression_names(head)
    weights = [{} if name == NEUTRAL else head.peaks[name] for name in names]
    topology = head.topology
    reference = head.mesh(head.neutral_identity()).vertices
    near = (np.abs(reference[:, :2]) < REACH_M).all(-1) & (reference[:, 2] > 0)
    chosen = np.unique(np.linspace(0, len(names) - 1, VIEW_EXPRESSIONS).astype(int))
    looked_at: dict[str, SurfacePoints] = {
        region: sample_surface(
            generator(config.seed, f"sight {region}"),
            reference,
            topology.triangles[topology.region_triangles(region)],
            VIEW_POINTS,
        )
        for region in regions
    }
    points, normals, donned, centres = [], [], [], []
    sight: dict[str, list[NDArray[np.float64]]] = {region: [] for region in regions}
    facing: dict[str, list[NDArray[np.float64]]] = {region: [] for region in regions}
    for i in range(config.identities):
        meshes = head.mesh(head.sample_identity(generator(config.seed, "identity", i)), weights)
        cloud = meshes.vertices[:, near].reshape(-1, 3)
        kept = thinned(cloud)
        points.append(cloud[kept].astype(np.float32))
        normals.append(meshes.normals[:, near].reshape(-1, 3)[kept].astype(np.float32))
        donned.append(donning.sample(generator(config.seed, "donning", i), config.donnings).as_matrix())
        if i < CORNEA_WEARERS:
            centres.append(meshes.T_head_eye[0, :, :3, 3])
        if i < VIEW_WEARERS:
            for region, surface in looked_at.items():
                located = [surface.locate(meshes.vertices[e]) for e in chosen]
                sight[region].append(np.stack([one.positions for one in located]))
                facing[region].append(np.stack([one.normals for one in located]))
        if progress is not None:
            progress(i + 1, config.identities)
    return WornFaces(
        tuple(points),
        tuple(normals),
        np.stack(donned),
        {region: np.stack(parts) for region, parts in sight.items()},
        {region: np.stack(parts) for region, parts in facing.items()},
        corneas_of(np.stack(centres)),
    )
