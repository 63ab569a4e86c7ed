"""What a search is asked for, apart from its space."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from faces.protocol import HeadModel
from optimize.errors import OptimizeError
from sim.metrics.config import ScoreConfig

EXPRESSIONS = (
    "neutral", "jaw_drop", "closed_eyes", "wide_eyes", "smile", "pucker", "brows_up", "brows_down", "squint",
    "lips_rolled_in", "nose_sneer", "viseme_aa",
)  # fmt: skip
"""What layouts are scored over unless asked otherwise: some of the head's peaks, each region's extremes [prior]."""
FEW = 3
"""First, each layout is scored over one in so many of wearers and expressions, and one donning [prior]."""
WORTH_IT = 4
"""Only where that is at least so many times less work."""


@dataclass(frozen=True)
class SearchSettings:
    """Attributes:
    objectives: as asked for; each has its own direction.
    sampler: "tpe", "nsga2", "nsga3", "gp", "cmaes" or "random".
    seed: of the sampler; wearers come from `score.seed`.
    score: what layouts are scored over.
    room: wearers and donnings that constraints are checked over; all peak expressions.
    constrained: False: constraints are measured, and nothing is made of them.
    population: of nsga2 and nsga3.
    redraws: how often a proposal that breaks a constraint is drawn again before it counts as a trial.
    early: whether layouts that few faces show to be no good are scored no further.
    """

    objectives: tuple[str, ...]
    sampler: str = "tpe"
    seed: int = 0
    score: ScoreConfig = field(
        default_factory=lambda: ScoreConfig(
            identities=8, donnings=2, expressions=EXPRESSIONS, regions=(), points_per_region=128, heat_map_samples=0
        )
    )
    room: ScoreConfig = field(default_factory=lambda: ScoreConfig(identities=12, donnings=4))
    constrained: bool = True
    population: int = 24
    early: bool = True
    redraws: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.seed, bool) or self.seed < 0:
            raise OptimizeError(f"`seed >= 0`, a whole number, must hold for a search, got {self.seed!r}")
        if self.redraws < 0:
            raise OptimizeError(f"`redraws >= 0` must hold for a search, got {self.redraws}")
        if self.population < 2:
            raise OptimizeError(f"`population >= 2` must hold for a search, got {self.population}")

    def few(self, head: HeadModel) -> ScoreConfig | None:
        """The smaller part of `score`, same draws, that comes first; None where it would not save enough."""
        if not self.early:
            return None
        names = self.score.expression_names(head)
        # At the finest stride the first is neutral, which no motion is measured on: start from the second.
        some = names[1::FEW] if len(names) > FEW else names
        wearers = int(np.ceil(self.score.identities / FEW))
        saved = self.score.identities * len(names) * self.score.donnings / (wearers * len(some))
        if saved < WORTH_IT:
            return None
        return replace(self.score, identities=wearers, expressions=some, donnings=1)
