"""Signal scores: SNR, saturated and black share of every region each camera sees, and maps of them on the face.

Each frame is recorded as the camera would (`sim.sensor.recorder`: radiance of the whole image model, lens, blur, glare,
exposure as the headset file says), on wearers with their own skin, hair, eyes and glasses. Noise is not drawn: its SD
is known (`sim.metrics.snr`). Shares and means are over area on the face (`sim.metrics.pixel_area`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets.headset import Headset
from headsets.housing import housing_of
from sim.errors import SimError
from sim.metrics.config import NEUTRAL, ScoreConfig
from sim.metrics.face_sums import FaceSums, shares, triangle_sums
from sim.metrics.irradiance import MW_PER_CM2, FaceIrradiance
from sim.metrics.lit import check_lit
from sim.metrics.pixel_area import pixel_areas
from sim.metrics.result import HeadsetScores
from sim.metrics.score import face_triangles
from sim.metrics.snr import pixel_signal
from sim.parallel import in_processes, portable
from sim.render.renderer import Renderer
from sim.render.settings import PRESETS
from sim.seeding import generator
from sim.sensor.recorder import Capture, Recorder
from sim.wearers import wearer_identity, wearer_look

SNR, SATURATED, BLACK = "snr", "saturated_fraction", "black_fraction"
SIGNAL_METRICS = (SNR, SATURATED, BLACK)
SIGNAL = "signal scores"
"""For messages."""
LASHES = "lashes"
"""Label left out of what shadows the face in the irradiance maps: a lash fringe is mostly gaps."""
BUFFERS = ("triangle", "depth")


@dataclass(frozen=True)
class SignalConfig:
    """What signal scores are taken over, beside a `ScoreConfig`, whose wearers, looks and donnings they share.

    Attributes:
        expressions: names of peaks; each wearer is recorded with each of them.
        donnings: of each wearer, the first ones of the score's.
        preset: of the renderer, "full" or "fast".

    Raises:
        SimError: an unknown preset, or no donning.
    """

    expressions: tuple[str, ...] = (NEUTRAL,)
    donnings: int = 1
    preset: str = "full"

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise SimError(f"`preset` must be one of {', '.join(PRESETS)} for signal scores, got {self.preset!r}")
        if self.donnings < 1 or not self.expressions:
            raise SimError(
                f"`donnings >= 1` and an expression must hold for signal scores, got {self.donnings} and "
                f"{', '.join(self.expressions) or 'none'}"
            )


@dataclass(frozen=True, eq=False)
class CameraMaps:
    """On the face, by triangle (T,), averaged over all frames by area seen; NaN where the camera never sees it."""

    snr: NDArray[np.float32]
    saturated: NDArray[np.float32]
    black: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SignalScores:
    """Signal of one headset.

    Attributes:
        samples: camera -> region -> metric -> (I, E, D); NaN where the camera sees nothing of the region.
        maps: by camera.
        irradiance: LED -> (T,) mW/cm² on the neutral faces, averaged over wearers and donnings; NaN off the face.
        exposures_us, gains: camera -> (I, E, D).
    """

    samples: Mapping[str, Mapping[str, Mapping[str, NDArray[np.float64]]]]
    maps: Mapping[str, CameraMaps]
    irradiance: Mapping[str, NDArray[np.float32]]
    exposures_us: Mapping[str, NDArray[np.float64]]
    gains: Mapping[str, NDArray[np.float64]]

    def groups(self, headset: Headset) -> dict[str, dict[str, NDArray[np.float64]]]:
        """Group -> metric -> (I, E, D), over the cameras that are for the group, as in `HeadsetScores`."""
        cameras = tuple(headset.cameras)
        sees = {name: camera.sees for name, camera in headset.cameras.items()}
        regions = {name: tuple(own) for name, own in self.samples.items()}
        return HeadsetScores(cameras, sees, regions, self.samples, (), None).group_samples


@dataclass(frozen=True, eq=False)
class SignalJob:
    """All that a worker needs."""

    head: HeadModel
    headsets: tuple[Headset, ...]
    score: ScoreConfig
    signal: SignalConfig
    maps: bool


@dataclass(eq=False)
class SignalPiece:
    """One wearer in one headset: camera -> region -> (3, E, D); sums by camera; LED -> irradiance; exposures."""

    samples: dict[str, dict[str, NDArray[np.float64]]]
    sums: dict[str, FaceSums]
    irradiance: NDArray[np.float64]
    exposures: dict[str, NDArray[np.float64]]


def signal_scores(
    headsets: Sequence[Headset],
    head: HeadModel,
    score: ScoreConfig,
    signal: SignalConfig | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    maps: bool = True,
) -> dict[str, SignalScores]:
    """Signal scores by headset.

    Args:
        score: wearers, seed, donnings, regions.
        signal: defaults if None.
        workers: processes; None: one a core; the result does not depend on it.
        progress: called with the wearers done and in all.
        maps: False: irradiance is not taken.

    Raises:
        SimError: a rule of the configuration is broken, more donnings than the score has, an unknown expression, or a
            headset none of whose LEDs shines.
    """
    signal = signal or SignalConfig()
    check_lit(headsets, SIGNAL)
    if signal.donnings > score.donnings:
        raise SimError(f"`donnings <= {score.donnings}`, the score's, must hold for signal, got {signal.donnings}")
    for name in signal.expressions:
        if name != NEUTRAL and name not in head.peaks:
            raise SimError(f"unknown expression {name!r} for signal. Expressions: {', '.join(head.peaks)}")
    job = SignalJob(head, tuple(portable(headset) for headset in headsets), score, signal, maps)
    # All wearers of one headset in a row: what the renderer keeps of a headset is then made once.
    tasks = [(k, i) for k in range(len(headsets)) for i in range(score.identities)]
    pieces: dict[int, list[SignalPiece]] = {}
    results: Iterator[SignalPiece] = in_processes(_start, job, tasks, workers)
    for done, (task, piece) in enumerate(zip(tasks, results, strict=True), 1):
        pieces.setdefault(task[0], []).append(piece)
        if progress is not None:
            progress(done, len(tasks))
    return {h.name: _gather(h, head, pieces[k]) for k, h in enumerate(headsets)}


class _Worker:
    """Records wearers; keeps the renderer."""

    def __init__(self, job: SignalJob) -> None:
        self._job = job
        self._renderer = Renderer(settings=PRESETS[job.signal.preset])
        self._face: dict[str, FaceIrradiance] = (
            {h.name: FaceIrradiance(h, housing_of(h)) for h in job.headsets} if job.maps else {}
        )

    def __call__(self, task: tuple[int, int]) -> SignalPiece:
        job, (k, i) = self._job, task
        headset, score, signal = job.headsets[k], job.score, job.signal
        identity = wearer_identity(job.head, score.seed, i)
        look = wearer_look(score.seed, i, identity)
        donnings = headset.donning.sample(generator(score.seed, "donning", i), score.donnings)
        shape = (len(signal.expressions), signal.donnings)
        piece = SignalPiece({}, {}, np.zeros((len(headset.leds), len(job.head.topology.uv))), {})
        count = len(job.head.topology.triangles)
        for name, camera in headset.cameras.items():
            own = dict.fromkeys((*score.regions, *camera.sees))
            piece.samples[name] = {region: np.full((3, *shape), np.nan) for region in own}
            piece.sums[name], piece.exposures[name] = FaceSums.zeros(count), np.zeros((2, *shape))
        recorder = Recorder(self._renderer, headset, seed=score.seed)
        for e, expression in enumerate(signal.expressions):
            weights = {} if expression == NEUTRAL else job.head.peaks[expression]
            mesh = job.head.mesh(identity, weights, look=look)
            for d in range(signal.donnings):
                shots = recorder.record(mesh, donnings[d], buffers=BUFFERS, settle=True, electrons=True)
                for name, shot in shots.items():
                    self._measure(headset, name, shot, mesh, donnings[d], piece, (e, d))
        if job.maps:
            self._light(headset, job.head.mesh(identity, look=look), donnings, piece)
        return piece

    def _measure(
        self,
        headset: Headset,
        name: str,
        shot: Capture,
        mesh: HeadMesh,
        T_device_head: RigidTransform,
        piece: SignalPiece,
        at: tuple[int, int],
    ) -> None:
        camera = headset.cameras[name]
        assert shot.electrons is not None
        assert shot.frame.triangle is not None
        assert shot.frame.depth is not None
        pixels = pixel_signal(shot.electrons, camera.sensor, shot.exposure)
        area = pixel_areas(camera, mesh, T_device_head, shot.frame.triangle, shot.frame.depth)
        count = len(self._job.head.topology.triangles)  # glasses' triangles come after the head's own
        seen = (area > 0.0) & (shot.frame.triangle < count)
        sums = triangle_sums(shot.frame.triangle[seen], area[seen], pixels.snr[seen], pixels.black[seen], count)
        piece.sums[name].add(sums)
        for region, out in piece.samples[name].items():
            own = self._job.head.topology.region_triangles(region)
            out[:, *at] = shares(sums, own)
        piece.exposures[name][:, *at] = shot.exposure.exposure_us, shot.exposure.gain

    def _light(self, headset: Headset, mesh: HeadMesh, donnings: RigidTransform, piece: SignalPiece) -> None:
        topology = self._job.head.topology
        chosen = np.unique(topology.triangles[face_triangles(self._job.head)])
        solid = np.ones(len(mesh.triangles), dtype=bool)
        if LASHES in mesh.topology.region_labels:
            solid = mesh.region_ids != mesh.topology.region_labels.index(LASHES)
        for d in range(self._job.signal.donnings):
            light = self._face[headset.name](mesh, donnings[d], chosen, np.flatnonzero(solid))
            piece.irradiance[:, chosen] += light / self._job.signal.donnings


def _start(job: SignalJob) -> _Worker:
    return _Worker(job)


def _gather(headset: Headset, head: HeadModel, pieces: list[SignalPiece]) -> SignalScores:
    samples = {
        camera: {
            region: {m: np.stack([p.samples[camera][region][k] for p in pieces]) for k, m in enumerate(SIGNAL_METRICS)}
            for region in regions
        }
        for camera, regions in pieces[0].samples.items()
    }
    maps = {}
    for camera in headset.cameras:
        whole = FaceSums.zeros(len(head.topology.triangles))
        for piece in pieces:
            whole.add(piece.sums[camera])
        with np.errstate(invalid="ignore"):
            maps[camera] = CameraMaps(
                (whole.snr / whole.open).astype(np.float32),
                (whole.saturated / whole.area).astype(np.float32),
                (whole.black / whole.area).astype(np.float32),
            )
    mean = np.mean([piece.irradiance for piece in pieces], axis=0)
    on_face = face_triangles(head)
    irradiance = {}
    for k, led in enumerate(headset.leds):
        values = np.full(len(head.topology.triangles), np.nan, np.float32)
        values[on_face] = MW_PER_CM2 * mean[k][head.topology.triangles[on_face]].mean(axis=-1)
        irradiance[led] = values
    exposures = {c: np.stack([p.exposures[c] for p in pieces], axis=1) for c in headset.cameras}
    return SignalScores(
        samples,
        maps,
        irradiance,
        {c: values[0] for c, values in exposures.items()},
        {c: values[1] for c, values in exposures.items()},
    )
