"""How adults' head and face measurements vary: the moments of the NIOSH survey of 2003, and priors beside.

Each sex is a mixture of the survey's four groups (white, black, hispanic, other) with their own means and one
covariance within groups, chosen so that the mixture's mean and covariance are exactly those of all records of that sex.
So the total matches NIOSH while, say, nose breadth goes with ethnicity as it does in the survey.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from faces.population.measurements import NAMES, NIOSH

SEXES = ("male", "female")

PRIOR_MM = {
    "male": {
        "eye_fissure_length": (28.6, 1.3),
        "eye_fissure_height": (9.8, 0.8),
        "eye_intercanthal": (36.0, 2.2),
        "sellion_crown": (111.0, 6.0),
        "nose_tip_height": (12.2, 1.8),
    },
    "female": {
        "eye_fissure_length": (28.0, 1.3),
        "eye_fissure_height": (9.9, 0.8),
        "eye_intercanthal": (34.7, 2.2),
        "sellion_crown": (107.0, 6.0),
        "nose_tip_height": (11.2, 1.7),
    },
}
"""Mean and SD in mm of what the survey did not take: round numbers after textbook anthropometry, priors."""

PER_IPD = {"eye_fissure_length": 0.15, "eye_intercanthal": 0.45}
"""Their slope on interpupillary distance (mm/mm), prior: it keeps lids around the pupils they belong to."""


@dataclass(frozen=True, eq=False)
class SexMoments:
    """Moments of one sex, mm, in the order of `NIOSH`.

    Attributes:
        count: records they were taken from.
        mean, sd: (13,).
        correlation: (13, 13).
        groups: names of the survey's groups.
        group_share: (G,) share of the records.
        group_mean: (G, 13).
        within: (13, 13) covariance within groups, mm²; within_root: its symmetric root.
        age_share: (3,) share of each of the survey's age groups.
    """

    count: int
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    correlation: NDArray[np.float64]
    groups: tuple[str, ...]
    group_share: NDArray[np.float64]
    group_mean: NDArray[np.float64]
    within: NDArray[np.float64]
    within_root: NDArray[np.float64]
    age_share: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """The survey: where it comes from, its age groups in years (from, below) and the moments by sex."""

    source: str
    age_groups: tuple[tuple[int, int], ...]
    sexes: dict[str, SexMoments]


@cache
def niosh_moments() -> Moments:
    """The moments carried in `faces/data/niosh_2003_moments.json`."""
    table = json.loads((files("faces") / "data" / "niosh_2003_moments.json").read_text(encoding="utf-8"))
    order = [table["measurements"].index(name) for name in NIOSH]
    sexes: dict[str, SexMoments] = {}
    for sex in SEXES:
        entry = table["sexes"][sex]
        mean, sd = (np.array(entry[key])[order] for key in ("mean", "sd"))
        correlation = np.array(entry["correlation"])[np.ix_(order, order)]
        share = np.array([g["share"] for g in entry["groups"].values()])
        share = share / share.sum()
        group_mean = np.array([g["mean"] for g in entry["groups"].values()])[:, order]
        group_mean = group_mean - share @ group_mean + mean
        apart = group_mean - mean
        within = correlation * np.outer(sd, sd) - (apart.T * share) @ apart
        values, vectors = np.linalg.eigh(within)
        age_share = np.array(entry["age_share"])
        sexes[sex] = SexMoments(
            count=entry["count"],
            mean=mean,
            sd=sd,
            correlation=correlation,
            groups=tuple(entry["groups"]),
            group_share=share,
            group_mean=group_mean,
            within=within,
            within_root=(vectors * np.sqrt(values)) @ vectors.T,
            age_share=age_share / age_share.sum(),
        )
    return Moments(table["source"], tuple((a, b) for a, b in table["age_groups"]), sexes)


def draw_measurements(sex: str, group: int, scores: NDArray[np.float64], limit: float = 2.4) -> NDArray[np.float64]:
    """Measurements of one adult.

    Args:
        sex: of `SEXES`.
        group: index into the sex's `groups`.
        scores: (18,) independent standard normal draws.
        limit: scores beyond it are pulled back to it, so that no measurement is absurd.

    Returns:
        (18,) mm, in the order of `measurements.NAMES`.
    """
    moments = niosh_moments().sexes[sex]
    scores = np.clip(scores, -limit, limit)
    count = len(NIOSH)
    # The symmetric root keeps score k close to measurement k, so that clipping it trims that measurement's tail.
    niosh = moments.group_mean[group] + moments.within_root @ scores[:count]
    return np.concatenate([niosh, _others(sex, niosh, scores[count:])])


def mean_measurements(sex: str) -> NDArray[np.float64]:
    """(18,) mm: the mean adult of a sex, in the order of `measurements.NAMES`."""
    niosh = niosh_moments().sexes[sex].mean
    return np.concatenate([niosh, _others(sex, niosh, np.zeros(len(PRIOR_MM[sex])))])


def _others(sex: str, niosh: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the survey did not take: independent but for the interpupillary distance."""
    moments = niosh_moments().sexes[sex]
    ipd = NIOSH.index("interpupillary_distance")
    wider = niosh[ipd] - moments.mean[ipd]
    names = NAMES[len(NIOSH) :]
    priors = [PRIOR_MM[sex][name] for name in names]
    return np.array([m + PER_IPD.get(n, 0) * wider + s * z for n, (m, s), z in zip(names, priors, scores, strict=True)])
