"""Wearers boiled down to what camera placement asks: region normals, keypoints, what to frame, what to stay clear of.

Collected once per head model and score configuration; then a camera pose is judged in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.protocol import HeadModel
from headsets.donning import DonningDistribution
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.keypoints import scored_keypoints
from sim.metrics.surface import mean_normal, sample_surface
from sim.seeding import generator

VOXEL_M = 6e-4
"""Face points closer together than this are merged in the envelope; clearances read off it are as coarse."""
REACH_M = (0.085, 0.12)
"""The envelope is kept to the face, where cameras may be: |x| and |y| up to these, in front of the eyes' centres."""
POINTS_TO_FRAME = 32
FRAME_EVERY = 4


@dataclass(frozen=True, eq=False)
class RegionData:
    """One region over I identities and E expressions, head frame.

    Attributes:
        normals: (I, E, 3) area-weighted mean normals.
        neutral: (I, K, 3) the scored keypoints, m.
        posed: (I, M, K, 3) keypoints under the M expressions that are not neutral, m.
        to_frame: (I, E / `FRAME_EVERY`, P, 3) points spread over the region, m, under some of the expressions.
        facing: their normals, likewise.
    """

    normals: NDArray[np.float64]
    neutral: NDArray[np.float64]
    posed: NDArray[np.float64]
    to_frame: NDArray[np.float64]
    facing: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Wearers:
    """All regions, donnings and the volume that faces sweep.

    Attributes:
        device_head: (I, D, 4, 4) T_device_head.
        envelope: tree of surface points of all faces in all donnings, device frame.
    """

    regions: Mapping[str, RegionData]
    device_head: NDArray[np.float64]
    envelope: cKDTree


def collect(
    head: HeadModel,
    donning: DonningDistribution,
    regions: tuple[str, ...],
    config: ScoreConfig,
    progress: Callable[[int, int], None] | None = None,
) -> Wearers:
    """Pose every wearer of a score configuration; the draws are those that `sim.metrics.score` makes.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    names = config.expression_names(head)
    weights = [{} if name == NEUTRAL else head.peaks[name] for name in names]
    moving = [1 + e for e, weight in enumerate(weights) if weight]
    topology = head.topology
    reference = head.mesh(head.neutral_identity()).vertices
    triangles = {region: topology.triangles[topology.region_triangles(region)] for region in regions}
    points = {
        region: sample_surface(generator(config.seed, f"frame {region}"), reference, triangles[region], POINTS_TO_FRAME)
        for region in regions
    }
    parts: dict[str, list[RegionData]] = {region: [] for region in regions}
    donnings, cloud = [], np.zeros((0, 3))
    for i in range(config.identities):
        meshes = head.mesh(head.sample_identity(generator(config.seed, "identity", i)), [{}, *weights])
        donned = donning.sample(generator(config.seed, "donning", i), config.donnings).as_matrix()
        donnings.append(donned)
        near = (np.abs(reference[:, :2]) < REACH_M).all(-1) & (reference[:, 2] > 0)
        front = meshes.vertices[:, near].reshape(-1, 3)
        front = front[thinned(front)]
        cloud = np.concatenate([cloud, *(front @ T[:3, :3].T + T[:3, 3] for T in donned)])
        cloud = cloud[thinned(cloud)]
        some = meshes.vertices[1::FRAME_EVERY]
        for region in regions:
            located = [points[region].locate(vertices) for vertices in some]
            chosen = list(scored_keypoints(topology, region, config.keypoints))
            parts[region].append(
                RegionData(
                    mean_normal(meshes.vertices[1:], triangles[region]),
                    meshes.keypoints[0, chosen],
                    meshes.keypoints[moving][:, chosen],
                    np.stack([one.positions for one in located]),
                    np.stack([one.normals for one in located]),
                )
            )
        if progress is not None:
            progress(i + 1, config.identities)
    stacked = {
        region: RegionData(*(np.stack([getattr(part, name) for part in own]) for name in vars(own[0])))
        for region, own in parts.items()
    }
    return Wearers(stacked, np.stack(donnings), cKDTree(cloud))


def thinned(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of one point for each voxel that has any."""
    voxel = np.round(points / VOXEL_M).astype(np.int64) + (1 << 20)  # 21 bits an axis: +-400 m
    _, first = np.unique((voxel[:, 0] << 42) | (voxel[:, 1] << 21) | voxel[:, 2], return_index=True)
    return np.sort(first)
