"""Draws wearers: who they are, what they measure, and a face that measures so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.errors import FaceError
from faces.population.channels import Channels
from faces.population.controls import BOUND_SD, CONTROLS
from faces.population.fit import LOG_SCALE, Fit, Fitter
from faces.population.identity import Identity
from faces.population.measurements import NAMES, NIOSH
from faces.population.moments import SEXES, draw_measurements, mean_measurements, niosh_moments
from faces.population.phenotype import MEAN_PURITY, Phenotype, draw_phenotype, macro_coefficients, mean_ancestry

_SD = np.array([control.sd for control in CONTROLS])
_ASYMMETRY_SD = np.array([control.asymmetry_sd for control in CONTROLS])
_LOW = np.array([control.low for control in CONTROLS])
_HIGH = np.array([control.high for control in CONTROLS])


@dataclass(frozen=True, eq=False)
class _Draw:
    """All that chance decides about one wearer, before the face is fitted."""

    phenotype: Phenotype
    group: str
    measurements_mm: NDArray[np.float64]
    controls: NDArray[np.float64]
    asymmetries: NDArray[np.float64]
    log_scale: float


class Population:
    """Adults as the survey met them, on one head asset; cheap to keep, a few milliseconds a wearer."""

    def __init__(self, asset: HeadAsset) -> None:
        self._names = [str(name) for name in asset.shape_names]
        self._fitter = Fitter(asset, Channels(asset))
        self._centres = {sex: self._centre(sex) for sex in SEXES}

    def sample(self, rng: np.random.Generator, *, sex: str | None = None, asymmetry: float = 1.0) -> Identity:
        """A random adult.

        Args:
            rng: the only source of randomness.
            sex: "male" or "female"; None: either, with equal chances.
            asymmetry: 0 for a face that is its own mirror image, 1 for people's usual small differences of the sides.

        Raises:
            FaceError: unknown sex, or an asymmetry outside [0, 2].
        """
        return self.sample_many([rng], sex=sex, asymmetry=asymmetry)[0]

    def sample_many(
        self, rngs: Sequence[np.random.Generator], *, sex: str | None = None, asymmetry: float = 1.0
    ) -> list[Identity]:
        """One adult for each generator: those that `sample` would draw, fitted together, which is faster."""
        if sex is not None and sex not in SEXES:
            raise FaceError(f"unknown sex {sex!r}. Sexes: {', '.join(SEXES)}")
        if not 0.0 <= asymmetry <= 2.0:
            raise FaceError(f"`0 <= asymmetry <= 2` must hold, got {asymmetry}")
        draws = [_draw(rng, sex, asymmetry) for rng in rngs]
        if not draws:
            return []
        return self._finish(draws, self._solve(draws, np.stack([self._centres[draw.phenotype.sex] for draw in draws])))

    def neutral(self) -> Identity:
        """The mean wearer: symmetric, between the sexes, of all ancestries alike, with mean measurements."""
        draw = _mean_draw("both")
        centre = np.mean(list(self._centres.values()), axis=0)
        return self._finish([draw], self._solve([draw], centre[None], freely=True))[0]

    def _solve(self, draws: list[_Draw], centres: NDArray[np.float64], freely: bool = False) -> Fit:
        controls = centres[:, :-1] + np.stack([draw.controls for draw in draws])
        return self._fitter.solve(
            macro=np.stack([macro_coefficients(draw.phenotype, self._names) for draw in draws]),
            controls=controls,
            asymmetries=np.stack([draw.asymmetries for draw in draws]),
            log_scale=centres[:, -1] + np.array([draw.log_scale for draw in draws]),
            target_mm=np.stack([draw.measurements_mm for draw in draws]),
            freely=freely,
        )

    def _centre(self, sex: str) -> NDArray[np.float64]:
        """(K + 1,) controls and logarithm of scale of a sex's mean adult: individuals vary about it.

        MakeHuman's own averages are off by some millimetres here and there; this takes the systematic part away.
        """
        draw = _mean_draw(sex)
        fit = self._solve([draw], np.zeros((1, len(CONTROLS) + 1)), freely=True)
        return np.append(fit.controls[0], np.log(fit.scale[0]))

    def _finish(self, draws: list[_Draw], fit: Fit) -> list[Identity]:
        return [
            Identity(draw.phenotype, draw.group, tuple(draw.measurements_mm.tolist()), float(scale), weights)
            for draw, scale, weights in zip(draws, fit.scale, fit.coefficients, strict=True)
        ]


def _mean_draw(sex: str) -> _Draw:
    """The mean adult of a sex, or of "both" alike."""
    ancestry, masculinity = np.full(3, 1.0 / 3.0), 0.5
    if sex in SEXES:
        moments = niosh_moments().sexes[sex]
        ancestry = moments.group_share @ np.array([mean_ancestry(group) for group in moments.groups])
        masculinity = MEAN_PURITY if sex == "male" else 1.0 - MEAN_PURITY
    return _Draw(
        phenotype=Phenotype(
            sex=sex,
            age_years=40.0,
            african=float(ancestry[0]),
            asian=float(ancestry[1]),
            caucasian=float(ancestry[2]),
            masculinity=masculinity,
            muscle=0.5,
            weight=0.5,
        ),
        group="all",
        measurements_mm=np.mean([mean_measurements(s) for s in ((sex,) if sex in SEXES else SEXES)], axis=0),
        controls=np.zeros(len(CONTROLS)),
        asymmetries=np.zeros(len(CONTROLS)),
        log_scale=0.0 if sex == "both" else LOG_SCALE[0],
    )


def _draw(rng: np.random.Generator, sex: str | None, asymmetry: float) -> _Draw:
    coin = SEXES[int(rng.random() < 0.5)]
    sex = sex or coin
    survey = niosh_moments()
    moments = survey.sexes[sex]
    group = int(rng.choice(len(moments.groups), p=moments.group_share))
    first, end = survey.age_groups[int(rng.choice(len(moments.age_share), p=moments.age_share))]
    age = float(rng.uniform(first, end))
    measurements = draw_measurements(sex, group, rng.standard_normal(len(NAMES)))
    deviation = (measurements[: len(NIOSH)] - moments.mean) / moments.sd
    broad = (deviation[NIOSH.index("bigonial_breadth")] + deviation[NIOSH.index("bizygomatic_breadth")]) / 2
    phenotype = draw_phenotype(sex, moments.groups[group], age, float(broad), rng)
    controls = _SD * np.clip(rng.standard_normal(len(CONTROLS)), -BOUND_SD, BOUND_SD)
    apart = _ASYMMETRY_SD * np.clip(rng.standard_normal(len(CONTROLS)), -BOUND_SD, BOUND_SD) * asymmetry
    return _Draw(
        phenotype=phenotype,
        group=moments.groups[group],
        measurements_mm=measurements,
        controls=controls,
        asymmetries=apart,
        log_scale=LOG_SCALE[1] * float(np.clip(rng.standard_normal(), -BOUND_SD, BOUND_SD)),
    )
