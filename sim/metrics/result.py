"""Scores with their spread: per region group, per camera, per expression, and on the face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError
from sim.metrics.config import ScoreConfig

SCHEMA_VERSION = 1
FACE_METRICS = ("visibility", "visibility_seen", "visible_fraction", "resolution_px_per_mm")
"""One sample per identity × expression × donning."""
MOTION_METRICS = ("range_of_motion", "range_of_motion_rms_px", "keypoints_dropped")
"""One sample per identity × donning: eq. 2 averages over expressions."""
COVERAGE = "coverage"
"""Of a group, all its cameras together; one sample per identity × expression × donning."""
METRICS = ("visibility", "range_of_motion", "visibility_seen", "visible_fraction", "resolution_px_per_mm",
           "range_of_motion_rms_px", "keypoints_dropped")  # fmt: skip


@dataclass(frozen=True)
class Statistic:
    """Spread over samples; all NaN where no sample is defined.

    Attributes:
        sd: with n − 1 in the denominator; 0 for one sample.
        p5: 5th percentile, linear between samples.
    """

    mean: float
    sd: float
    p5: float

    def to_json(self) -> dict[str, float | None]:
        """As plain data; None for NaN, which JSON lacks."""
        return {key: None if np.isnan(value) else value for key, value in vars(self).items()}


def summarise(samples: NDArray[np.float64]) -> Statistic:
    """Statistic of samples of any shape; NaN marks a sample without a value and is left out."""
    x = np.sort(samples[np.isfinite(samples)])  # sorted: the sum does not depend on the order of the samples
    if not len(x):
        return Statistic(np.nan, np.nan, np.nan)
    return Statistic(float(x.mean()), float(x.std(ddof=1)) if len(x) > 1 else 0.0, float(np.percentile(x, 5)))


def group_name(region: str) -> str:
    """The group a region counts to: eye_left and eye_right are both "eye"."""
    return region.removesuffix("_left").removesuffix("_right")


@dataclass(frozen=True, eq=False)
class HeadsetScores:
    """Samples of one headset.

    Attributes:
        cameras: C names.
        sees: per camera, the regions it is for.
        regions: per camera, all it was scored on.
        samples: camera -> region -> metric -> (I, E, D) for `FACE_METRICS`, (I, D) for `MOTION_METRICS`, (I, …) for any
            other metric.
        expressions: E names.
        heat: (C, T) share of the heat map's faces in which each triangle is seen; NaN where not asked; or None.
    """

    cameras: tuple[str, ...]
    sees: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, tuple[str, ...]]
    samples: Mapping[str, Mapping[str, Mapping[str, NDArray[np.float64]]]]
    expressions: tuple[str, ...]
    heat: NDArray[np.float32] | None
    of_all_cameras: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    """Scores that all cameras have together: group -> metric -> (I, …)."""

    @cached_property
    def group_samples(self) -> dict[str, dict[str, NDArray[np.float64]]]:
        """Group -> metric -> (I, …). A sample averages the cameras that see the group, each on its own region."""
        members: dict[str, list[tuple[str, str]]] = {}
        for camera in self.cameras:
            for region in self.sees[camera]:
                members.setdefault(group_name(region), []).append((camera, region))
        out: dict[str, dict[str, NDArray[np.float64]]] = {}
        for group, pairs in members.items():
            of_cameras = {
                metric: _mean_defined([self.samples[camera][region][metric] for camera, region in pairs])
                for metric in in_order([self.samples[camera][region] for camera, region in pairs])
            }
            out[group] = {**of_cameras, **self.of_all_cameras.get(group, {})}
        return out

    @cached_property
    def groups(self) -> dict[str, dict[str, Statistic]]:
        """Group -> metric -> statistic of `group_samples`."""
        return {
            group: {metric: summarise(values) for metric, values in metrics.items()}
            for group, metrics in self.group_samples.items()
        }

    def where_unseen(self, values: Mapping[str, float]) -> HeadsetScores:
        """The same with a value for samples that have none, by metric: resolution has none where nothing is seen."""
        filled = {
            camera: {
                region: {
                    metric: np.where(np.isfinite(x), x, values[metric]) if metric in values else x
                    for metric, x in own.items()
                }
                for region, own in regions.items()
            }
            for camera, regions in self.samples.items()
        }
        return replace(self, samples=filled)

    def joined(
        self,
        samples: Mapping[str, Mapping[str, Mapping[str, NDArray[np.float64]]]] | None = None,
        of_all_cameras: Mapping[str, Mapping[str, NDArray[np.float64]]] | None = None,
    ) -> HeadsetScores:
        """The same with more metrics: of cameras and regions, or of groups; layouts as in the attributes."""
        more = samples or {}
        whole = {
            camera: {region: {**own, **more.get(camera, {}).get(region, {})} for region, own in regions.items()}
            for camera, regions in self.samples.items()
        }
        groups = {g: {**self.of_all_cameras.get(g, {}), **m} for g, m in (of_all_cameras or {}).items()}
        return replace(self, samples=whole, of_all_cameras={**self.of_all_cameras, **groups})

    def camera(self, camera: str) -> dict[str, dict[str, Statistic]]:
        """Region -> metric -> statistic of one camera.

        Raises:
            SimError: unknown camera; the message lists the valid ones.
        """
        if camera not in self.samples:
            raise SimError(f"unknown camera {camera!r}. Cameras: {', '.join(self.cameras)}")
        return {
            region: {metric: summarise(by_metric[metric]) for metric in in_order([by_metric])}
            for region, by_metric in self.samples[camera].items()
        }

    def by_expression(self, camera: str, metric: str = "visible_fraction") -> dict[str, float]:
        """Mean of a face metric per expression, over the regions the camera sees: worst first.

        Raises:
            SimError: unknown camera.
        """
        if camera not in self.samples:
            raise SimError(f"unknown camera {camera!r}. Cameras: {', '.join(self.cameras)}")
        own = self.sees[camera] or self.regions[camera]
        values = np.mean([self.samples[camera][region][metric].mean(axis=(0, 2)) for region in own], axis=0)
        order = np.argsort(values, kind="stable")
        return {self.expressions[i]: float(values[i]) for i in order}

    def camera_heat(self, camera: str) -> NDArray[np.float32]:
        """(T,) of one camera.

        Raises:
            SimError: unknown camera, or a score taken without a heat map.
        """
        if camera not in self.cameras or self.heat is None:
            raise SimError(
                f"no heat map of camera {camera!r}. Cameras: {', '.join(self.cameras)}; asked: {self.heat is not None}"
            )
        return np.asarray(self.heat[self.cameras.index(camera)])

    def to_json(self) -> dict[str, object]:
        """Plain data, as scores.json has it."""
        return {
            "regions": {group: _plain(metrics) for group, metrics in self.groups.items()},
            "cameras": {
                name: {
                    "sees": list(self.sees[name]),
                    "regions": {region: _plain(metrics) for region, metrics in self.camera(name).items()},
                    "visible_fraction_by_expression": self.by_expression(name),
                }
                for name in self.cameras
            },
        }


@dataclass(frozen=True, eq=False)
class ScoreResult:
    """Scores of several headsets over the same faces.

    Attributes:
        config: as resolved.
        head: name of the head model.
        expressions: names, in order.
        keypoints: region -> names of the keypoints that `range_of_motion` was taken over; the RMS is over them all.
        headsets: by name, in the order asked.
    """

    config: ScoreConfig
    head: str
    expressions: tuple[str, ...]
    keypoints: Mapping[str, tuple[str, ...]]
    headsets: Mapping[str, HeadsetScores]

    def to_json(self) -> dict[str, object]:
        """Plain data of scores.json; floats are finite or None."""
        config = self.config.describe() | {
            "head": self.head,
            "expressions": list(self.expressions),
            "keypoints": {region: list(names) for region, names in self.keypoints.items()},
        }
        return {
            "schema_version": SCHEMA_VERSION,
            "config": config,
            "headsets": {name: scores.to_json() for name, scores in self.headsets.items()},
        }


def in_order(holders: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Metrics that all of these hold: `METRICS` first, then the others as they come."""
    common = [name for name in holders[0] if all(name in holder for holder in holders)] if holders else []
    return tuple(sorted(common, key=lambda name: METRICS.index(name) if name in METRICS else len(METRICS)))


def of_wearers(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each wearer's mean (I,) of samples (I, …), those without a value left out; NaN where none has one."""
    return _mean_defined(list(samples.reshape(len(samples), -1).T))


def _plain(metrics: Mapping[str, Statistic]) -> dict[str, dict[str, float | None]]:
    return {metric: statistic.to_json() for metric, statistic in metrics.items()}


def _mean_defined(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Mean over the parts that have a value, sample by sample; NaN where none has."""
    stack = np.stack(parts)
    defined = np.isfinite(stack)
    count = defined.sum(0)
    return np.where(defined, stack, 0.0).sum(0) / np.where(count > 0, count, np.nan)
