"""Scores of headsets over wearers × expressions × donnings, the same faces and draws for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.evaluate import Evaluator, Job, Piece, Task
from sim.metrics.keypoints import scored_keypoints
from sim.metrics.result import COVERAGE, FACE_METRICS, HeadsetScores, ScoreResult, group_name
from sim.metrics.rig import Rig, build_rigs
from sim.metrics.surface import SurfacePoints, sample_surface, triangle_centroids
from sim.parallel import in_processes
from sim.seeding import generator

EXPRESSIONS_PER_TASK = 12
"""Few enough to share the work out evenly and show progress, enough to spread the cost of the neutral face."""
Progress = Callable[[int, int], None]
"""Called with the number of faces done and in all."""


def score(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ScoreConfig | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> ScoreResult:
    """Score headsets side by side.

    Args:
        headsets: with different names.
        head: whose wearers and expressions are drawn.
        config: defaults if None.
        progress: see `Progress`.
        workers: processes; None: one for each usable core. The result does not depend on it. With more than one,
            a script must guard its entry point (`if __name__ == "__main__":`), as `multiprocessing` spawns anew.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    config = ScoreConfig() if config is None else config
    return score_rigs(build_rigs(headsets, config), head, config, progress, workers)


def score_rigs(
    rigs: tuple[Rig, ...],
    head: HeadModel,
    config: ScoreConfig,
    progress: Progress | None = None,
    workers: int | None = None,
) -> ScoreResult:
    """Score rigs, which need not stand for headsets as they are; see `score`."""
    job = _job(head, rigs, config)
    tasks = _tasks(config, len(job.expressions))
    total = config.identities * len(job.expressions)
    pieces: dict[Task, Piece] = {}
    done = 0
    for piece in in_processes(_evaluator, job, tasks, workers, alike=False):
        pieces[piece.task] = piece
        done += piece.task.last - piece.task.first
        if progress is not None:
            progress(done, total)
    ordered = [pieces[task] for task in tasks]
    topology = head.topology
    return ScoreResult(
        config,
        head.name,
        job.expressions,
        {
            r: tuple(topology.keypoint_names[k] for k in scored_keypoints(topology, r, config.keypoints))
            for r in job.points
        },
        {rig.name: _gather(rig, job, ordered) for rig in job.rigs},
    )


def _job(head: HeadModel, rigs: tuple[Rig, ...], config: ScoreConfig) -> Job:
    expressions = config.expression_names(head)
    topology = head.topology
    reference = head.mesh(head.neutral_identity()).vertices
    regions = dict.fromkeys(region for rig in rigs for camera in rig.cameras for region in camera.regions)
    points: dict[str, SurfacePoints] = {}
    for region in regions:
        triangles = topology.triangles[topology.region_triangles(region)]
        rng = generator(config.seed, f"points of {region}")
        points[region] = sample_surface(rng, reference, triangles, config.points_per_region)
    heat = triangle_centroids(topology.triangles[face_triangles(head)]) if config.heat_map_samples else None
    return Job(head, rigs, config, expressions, points, heat, reference)


def face_triangles(head: HeadModel) -> NDArray[np.intp]:
    """Indices of the triangles that belong to any scored region: those a heat map covers."""
    topology = head.topology
    return np.unique(np.concatenate([topology.region_triangles(region) for region in topology.regions]))


def _tasks(config: ScoreConfig, expressions: int) -> list[Task]:
    """Cut the work up, the same for any number of workers, and spread the heat map's samples over it."""
    samples = config.identities * expressions * config.donnings
    chosen = np.linspace(0, samples, min(config.heat_map_samples, samples), endpoint=False).astype(int)
    # Steps that share a factor with the donnings would always meet the same one: turn it with the sample's number.
    picks = [
        (s // (expressions * config.donnings), s // config.donnings % expressions, (s + i) % config.donnings)
        for i, s in enumerate(chosen)
    ]
    tasks = []
    for identity in range(config.identities):
        for first in range(0, expressions, EXPRESSIONS_PER_TASK):
            last = min(first + EXPRESSIONS_PER_TASK, expressions)
            heat = tuple((e, d) for i, e, d in picks if i == identity and first <= e < last)
            tasks.append(Task(identity, first, last, heat))
    return tasks


def _evaluator(job: Job) -> Callable[[Task], Piece]:
    return Evaluator(job).run


def _gather(rig: Rig, job: Job, pieces: list[Piece]) -> HeadsetScores:
    """Put the pieces of one headset together."""
    shape = (job.config.identities, len(job.expressions), job.config.donnings)
    moving = [e for e, name in enumerate(job.expressions) if name != NEUTRAL and job.head.peaks[name]]
    samples: dict[str, dict[str, dict[str, NDArray[np.float64]]]] = {}
    for camera in rig.cameras:
        for region in camera.regions:
            parts = [piece.samples[rig.name][camera.name][region] for piece in pieces]
            whole = {metric: np.concatenate([part[metric] for part in parts]).reshape(shape) for metric in parts[0]}
            for metric in set(whole) - set(FACE_METRICS):
                whole[metric] = _over_expressions(whole[metric][:, moving])
            samples.setdefault(camera.name, {})[region] = whole
    heat = None
    if job.heat_points is not None:
        heat = np.full((len(rig.cameras), len(job.head.topology.triangles)), np.nan, dtype=np.float32)
        faces = sum(len(piece.task.heat) for piece in pieces)
        heat[:, face_triangles(job.head)] = [
            sum(piece.heat[rig.name][camera.name] for piece in pieces) / faces for camera in rig.cameras
        ]
    covered: dict[str, list[NDArray[np.float64]]] = {}
    for region in dict.fromkeys(region for camera in rig.cameras for region in camera.sees):
        rows = np.concatenate([piece.coverage[rig.name][region] for piece in pieces])
        covered.setdefault(group_name(region), []).append(rows.reshape(shape))
    return HeadsetScores(
        tuple(camera.name for camera in rig.cameras),
        {camera.name: camera.sees for camera in rig.cameras},
        {camera.name: camera.regions for camera in rig.cameras},
        samples,
        job.expressions,
        heat,
        {group: {COVERAGE: np.mean(regions, axis=0)} for group, regions in covered.items()},
    )


def _over_expressions(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Eq. 2's average over expressions, neutral left out: (I, E, D) -> (I, D); NaN where there are none."""
    if values.shape[1] == 0:
        return np.full((values.shape[0], values.shape[2]), np.nan)
    return np.asarray(values.mean(axis=1))
