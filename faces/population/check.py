"""Do sampled adults measure as NIOSH measured adults? Taken on the meshes, with the caliper, not from what was drawn.

Measured are the coarse meshes of neutral faces. Lids and eyes come after them and touch no listed landmark; subdivision
smooths: it takes 0.6 mm off head breadth, and less than 0.3 mm off the other listed measurements in the mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.errors import FaceError
from faces.population.measurements import LISTED, NIOSH, Caliper
from faces.population.moments import SEXES, niosh_moments
from faces.population.sampler import Population

MEAN_WITHIN_MM = 2.0
SD_WITHIN = 0.35
CORRELATION_WITHIN = 0.1
BATCH = 100


@dataclass(frozen=True)
class Row:
    """One measurement of one sex, in mm: ours beside the survey's.

    `listed` rows count; the others shaped the faces too and are shown for information.
    """

    sex: str
    measurement: str
    listed: bool
    mean: float
    sd: float
    niosh_mean: float
    niosh_sd: float

    @property
    def passed(self) -> bool:
        """Mean within 2 mm and SD within 35 % of the survey's."""
        return abs(self.mean - self.niosh_mean) <= MEAN_WITHIN_MM and abs(self.sd / self.niosh_sd - 1.0) <= SD_WITHIN


@dataclass(frozen=True)
class CheckTable:
    """The comparison.

    Attributes:
        n_per_sex: sampled adults of each sex.
        rows: the eight listed measurements of each sex, then the others.
        correlation_error: by sex, mean absolute difference of the listed measurements' 28 correlations.
        source: where the reference comes from.
    """

    n_per_sex: int
    seed: int
    rows: tuple[Row, ...]
    correlation_error: dict[str, float]
    source: str

    @property
    def passed(self) -> bool:
        """Whether every listed row and both correlation matrices are within bounds."""
        rows = all(row.passed for row in self.rows if row.listed)
        return rows and all(error <= CORRELATION_WITHIN for error in self.correlation_error.values())


def check(
    asset: HeadAsset, n_per_sex: int = 1000, seed: int = 0, progress: Callable[[float], None] | None = None
) -> CheckTable:
    """Sample adults, build their faces, measure these and compare.

    Args:
        asset: of the built-in head.
        n_per_sex: how many of each sex, at least 2.
        seed: of the sample.
        progress: called with the fraction done.

    Raises:
        FaceError: fewer than two a sex.
    """
    if n_per_sex < 2:
        raise FaceError(f"`n_per_sex >= 2` must hold, got {n_per_sex}")
    rows: list[Row] = []
    errors: dict[str, float] = {}
    for sex in SEXES:

        def report(part: float, done: int = len(errors)) -> None:
            if progress:
                progress((done + part) / len(SEXES))

        reference = niosh_moments().sexes[sex]
        ours = sampled_measurements(asset, sex, n_per_sex, seed, report)[:, : len(NIOSH)]
        mean, sd = ours.mean(0), ours.std(0, ddof=1)
        rows += [
            Row(sex, name, name in LISTED, *map(float, (mean[j], sd[j], reference.mean[j], reference.sd[j])))
            for j, name in enumerate(NIOSH)
        ]
        pairs = np.triu_indices(len(LISTED), 1)
        errors[sex] = float(np.abs(np.corrcoef(ours.T) - reference.correlation)[pairs].mean())
    rows.sort(key=lambda row: not row.listed)
    return CheckTable(n_per_sex, seed, tuple(rows), errors, niosh_moments().source)


def sampled_measurements(
    asset: HeadAsset, sex: str, count: int, seed: int, progress: Callable[[float], None] | None = None
) -> NDArray[np.float64]:
    """(count, 18) mm, in the order of `measurements.NAMES`: adults of one sex, measured on their meshes."""
    population, caliper = Population(asset), Caliper(asset)
    purpose = zlib.crc32(f"faces.population.check {sex}".encode())
    flat = asset.shape_basis.reshape(len(asset.shape_basis), -1)
    measured = []
    for start in range(0, count, BATCH):
        rngs = [np.random.default_rng([seed, purpose, i]) for i in range(start, min(start + BATCH, count))]
        people = population.sample_many(rngs, sex=sex)
        weights = np.stack([person.coefficients for person in people])
        scale = np.array([person.scale for person in people])[:, None, None]
        faces = asset.template + (weights.astype(np.float32) @ flat).reshape(len(people), -1, 3)
        eyes = asset.eye_template + np.tensordot(weights, asset.eye_basis, axes=1)
        measured.append(caliper.measure(scale * faces, scale * eyes))
        if progress:
            progress(min(1.0, (start + BATCH) / count))
    return np.concatenate(measured)
