"""A tolerance study: Monte Carlo over headsets as built and worn, and one degree of freedom at a time.

All variants meet the same wearers, expressions and surface points (common random numbers), so differences between them
are theirs. A variant's score is the mean over wearers and expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.errors import SimError
from sim.metrics.config import ScoreConfig
from sim.metrics.score import score_rigs
from sim.metrics.signal import SIGNAL_METRICS, SignalConfig, signal_scores
from sim.seeding import generator
from sim.tolerance.curves import Cost, cost
from sim.tolerance.freedoms import Freedom, geometric_freedoms, grid, led_freedoms
from sim.tolerance.result import Scores, ToleranceResult, distribution
from sim.tolerance.variants import Variants, built, drawn, joined, nominal, swept, variant_rig

Progress = Callable[[int, int], None]


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
        signal_draws, signal_identities: of these, how many are recorded where signal is asked for.

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


def study(
    headset: Headset,
    head: HeadModel,
    config: ToleranceConfig | None = None,
    signal: str | None = None,
    progress: Progress | None = None,
    recording: Progress | None = None,
    workers: int | None = None,
) -> ToleranceResult:
    """Study one headset.

    Args:
        signal: the renderer's preset to record the signal with; None: geometric scores alone.
        progress, recording: of the geometric and the signal part.
        workers: processes; None: one a core.

    Raises:
        SimError: a configuration that breaks a rule.
        FaceError: a region that the head does not have.
    """
    config = config or ToleranceConfig()
    freedoms = geometric_freedoms(headset)
    sweeps, variants = _planned(headset, freedoms, config, config.draws)
    rig = variant_rig(headset, variants, config.score(len(variants)))
    result = score_rigs((rig,), head, config.score(len(variants)), progress, workers)
    scores: Scores = {
        group: {metric: _per_variant(values) for metric, values in metrics.items()}
        for group, metrics in result.headsets[headset.name].group_samples.items()
    }
    spread, costs = _read(freedoms, sweeps, scores, config.allowed)
    if signal is not None:
        lamps = led_freedoms(headset)
        freedoms = (*freedoms, *lamps)
        sweeps, variants = _planned(headset, lamps, config, config.signal_draws)
        recorded = record(headset, head, config, variants, signal, recording, workers)
        more, lamp_costs = _read(lamps, sweeps, recorded, config.allowed)
        spread = {group: {**metrics, **more.get(group, {})} for group, metrics in spread.items()}
        costs = {**costs, **lamp_costs}
    settings = {**asdict(config), "signal": signal, "expressions": list(result.expressions), "head": head.name}
    return ToleranceResult(headset.name, freedoms, spread, costs, config.allowed, settings)


def record(
    headset: Headset,
    head: HeadModel,
    config: ToleranceConfig,
    variants: Variants,
    preset: str,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Scores:
    """Signal scores of variants: each is a headset of its own, recorded on the neutral faces of a few wearers.

    Focal lengths stay as designed: at a given f-number they leave the light on a pixel as it is.
    """
    variants = replace(variants, focal=np.ones_like(variants.focal))
    headsets = [built(headset, variants, k, f"variant {k}") for k in range(len(variants))]
    score = ScoreConfig(config.signal_identities, donnings=1, seed=config.seed, regions=(), looks=True)
    found = signal_scores(headsets, head, score, SignalConfig(preset=preset), workers, progress, maps=False)
    out: dict[str, dict[str, list[float]]] = {}
    for own in found.values():
        for group, metrics in own.groups(headset).items():
            for metric in SIGNAL_METRICS:
                out.setdefault(group, {}).setdefault(metric, []).append(float(np.nanmean(metrics[metric])))
    return {group: {metric: np.array(values) for metric, values in metrics.items()} for group, metrics in out.items()}


def _planned(
    headset: Headset, freedoms: tuple[Freedom, ...], config: ToleranceConfig, draws: int
) -> tuple[dict[str, slice], Variants]:
    """Nominal first, then the sweeps, then the draws; where each sweep lies."""
    parts = [nominal(headset)]
    sweeps, at = {}, 1
    for freedom in freedoms:
        values = grid(freedom)
        parts.append(swept(headset, freedom, values, generator(config.seed, "bins")))
        sweeps[freedom.key] = slice(at, at + len(values))
        at += len(values)
    sweeps["draws"] = slice(at, at + draws)
    return sweeps, joined([*parts, drawn(headset, config.draws, generator(config.seed, "tolerance"))[:draws]])


def _read(
    freedoms: tuple[Freedom, ...], sweeps: dict[str, slice], scores: Scores, allowed: float
) -> tuple[dict, dict[str, dict[str, dict[str, Cost]]]]:
    spread = {
        group: {metric: distribution(float(v[0]), v[sweeps["draws"]]) for metric, v in metrics.items()}
        for group, metrics in scores.items()
    }
    costs = {
        f.key: {
            group: {
                metric: cost(metric, f.neutral, float(v[0]), grid(f), v[sweeps[f.key]], f.spread, allowed)
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
