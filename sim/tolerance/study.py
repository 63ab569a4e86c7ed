"""A tolerance study: Monte Carlo over headsets as built and worn, and one degree of freedom at a time.

All variants meet the same wearers, expressions and surface points (common random numbers), so differences between them
are theirs. A variant's score is the mean over wearers and expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.errors import SimError
from sim.metrics.config import ScoreConfig
from sim.metrics.evaluate import RESOLUTION
from sim.metrics.score import score_rigs
from sim.seeding import generator
from sim.tolerance.curves import Cost, cost
from sim.tolerance.freedoms import Freedom, geometric_freedoms, grid
from sim.tolerance.result import Distribution, Scores, ToleranceResult, distribution
from sim.tolerance.variants import Variants, drawn, joined, nominal, swept, variant_rig

Progress = Callable[[int, int], None]
T = TypeVar("T")
STEPS = 6
"""Of geometric sweeps, on either side."""


@dataclass(frozen=True)
class ToleranceConfig:
    """What a study is taken over.

    Attributes:
        draws: headsets built and worn at random.
        identities: wearers, each with a look; all variants meet them.
        expressions: as in `ScoreConfig`.
        points_per_region: surface points.
        seed: of every draw.
        allowed: loss that a tolerance may cost.
        signal_draws, signal_identities: of these, how many are taken where each variant must be recorded.

    Raises:
        SimError: a number that breaks its rule.
    """

    draws: int = 128
    identities: int = 6
    expressions: str | tuple[str, ...] = ("neutral", "smile", "jaw_drop")
    points_per_region: int = 128
    seed: int = 0
    allowed: float = 0.05
    signal_draws: int = 12
    signal_identities: int = 2

    def __post_init__(self) -> None:
        if not 2 <= self.draws <= 10_000:
            raise SimError(f"`2 <= draws <= 10000` must hold for tolerances, got {self.draws}")
        if not 0.0 < self.allowed < 1.0:
            raise SimError(f"`0 < allowed < 1` must hold for tolerances, got {self.allowed}")
        if not 2 <= self.signal_draws <= self.draws or not 1 <= self.signal_identities <= self.identities:
            raise SimError(
                f"`2 <= signal_draws <= draws` and `1 <= signal_identities <= identities` must hold for tolerances, "
                f"got {self.signal_draws} and {self.signal_identities}"
            )

    def score(self, variants: int) -> ScoreConfig:
        """The score's configuration; variants take the place of donnings."""
        return ScoreConfig(
            self.identities, self.expressions, variants, self.seed, (), self.points_per_region, looks=True,
            heat_map_samples=0,
        )  # fmt: skip


@dataclass(frozen=True)
class Extra:
    """Scores of another kind, taken of each variant as a headset of its own (`sim.tolerance.variants.built`).

    Attributes:
        freedoms: of a headset, those swept for these scores.
        steps: of a sweep, on either side, beside the spread itself.
        scores: of all variants, from headset, head, configuration, variants, progress and workers.
    """

    name: str
    freedoms: Callable[[Headset], tuple[Freedom, ...]]
    steps: int
    scores: Callable[[Headset, HeadModel, ToleranceConfig, Variants, Progress | None, int | None], Scores]


def study(
    headset: Headset,
    head: HeadModel,
    config: ToleranceConfig | None = None,
    extras: Sequence[Extra] = (),
    progress: Progress | None = None,
    recording: Progress | None = None,
    workers: int | None = None,
) -> ToleranceResult:
    """Study one headset.

    Args:
        extras: scores beside the geometric ones, such as `sim.tolerance.signal.signal_extra`.
        progress, recording: of the geometric part, and of the others.
        workers: processes; None: one a core.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    config = config or ToleranceConfig()
    freedoms: tuple[Freedom, ...] = geometric_freedoms(headset)
    sweeps, variants = _planned(headset, freedoms, config, config.draws, STEPS)
    rig = variant_rig(headset, variants, config.score(len(variants)))
    result = score_rigs((rig,), head, config.score(len(variants)), progress, workers)
    scores: Scores = {
        group: {metric: _per_variant(values) for metric, values in metrics.items()}
        for group, metrics in result.headsets[headset.name].where_unseen({RESOLUTION: 0.0}).group_samples.items()
    }
    spread, costs = _read(freedoms, sweeps, scores, config.allowed, STEPS)
    for extra in extras:
        own = extra.freedoms(headset)
        sweeps, variants = _planned(headset, own, config, config.signal_draws, extra.steps)
        found = extra.scores(headset, head, config, variants, recording, workers)
        more, more_costs = _read(own, sweeps, found, config.allowed, extra.steps)
        freedoms = (*freedoms, *(f for f in own if f not in freedoms))
        spread = _merged(spread, more)
        costs = {f.key: _merged(costs.get(f.key, {}), more_costs.get(f.key, {})) for f in freedoms}
    names = [extra.name for extra in extras]
    settings = {**asdict(config), "extras": names, "expressions": list(result.expressions), "head": head.name}
    return ToleranceResult(headset.name, freedoms, spread, costs, config.allowed, settings)


def _planned(
    headset: Headset, freedoms: tuple[Freedom, ...], config: ToleranceConfig, draws: int, steps: int
) -> tuple[dict[str, slice], Variants]:
    """Nominal first, then the sweeps, then the draws; where each sweep lies."""
    parts = [nominal(headset)]
    sweeps, at = {}, 1
    for freedom in freedoms:
        values = grid(freedom, steps)
        parts.append(swept(headset, freedom, values, generator(config.seed, "bins")))
        sweeps[freedom.key] = slice(at, at + len(values))
        at += len(values)
    sweeps["draws"] = slice(at, at + draws)
    return sweeps, joined([*parts, drawn(headset, config.draws, generator(config.seed, "tolerance"))[:draws]])


def _read(
    freedoms: tuple[Freedom, ...], sweeps: dict[str, slice], scores: Scores, allowed: float, steps: int
) -> tuple[dict[str, dict[str, Distribution]], dict[str, dict[str, dict[str, Cost]]]]:
    spread = {
        group: {metric: distribution(float(v[0]), v[sweeps["draws"]]) for metric, v in metrics.items()}
        for group, metrics in scores.items()
    }
    costs = {
        f.key: {
            group: {
                metric: cost(metric, f.neutral, float(v[0]), grid(f, steps), v[sweeps[f.key]], f.spread, allowed)
                for metric, v in metrics.items()
            }
            for group, metrics in scores.items()
        }
        for f in freedoms
    }
    return spread, costs


def _per_variant(values: np.ndarray) -> np.ndarray:
    """(I, …, K) to (K,): the mean over wearers and expressions that have a value; NaN where none has."""
    flat = values.reshape(-1, values.shape[-1])
    known = np.isfinite(flat)
    count = known.sum(0)
    return np.where(known, flat, 0.0).sum(0) / np.where(count > 0, count, np.nan)


def _merged(one: Mapping[str, Mapping[str, T]], other: Mapping[str, Mapping[str, T]]) -> dict[str, dict[str, T]]:
    """Group -> metric -> value, of both."""
    return {group: {**one.get(group, {}), **other.get(group, {})} for group in dict.fromkeys([*one, *other])}
