"""What a score is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from faces.protocol import HeadModel
from sim.errors import SimError
from sim.metrics.keypoints import KEY, KEYPOINT_SETS

NEUTRAL = "neutral"
PEAKS = "peaks"
SETS = (PEAKS, NEUTRAL)
MOST = 100_000
"""Of each count: a larger number is a slip, and would run for years."""
"""Named expression sets: all peak expressions of the head model (neutral among them), or the neutral face alone."""


@dataclass(frozen=True)
class ScoreConfig:
    """Faces, expressions and donnings of a score; equal configurations give equal bytes.

    Attributes:
        identities: wearers drawn.
        expressions: "peaks", "neutral", or names of the head model's peak expressions.
        donnings: re-wearings drawn for each wearer, shared by all headsets (same draws, scaled by each one's spread).
        seed: of every draw, >= 0.
        regions: that every camera is scored on, besides those it `sees`.
        points_per_region: surface points that decide what is seen; a quarter of them for regions a camera is not for.
        keypoints: "key" or "all", what `range_of_motion` is taken over (see `sim.metrics.keypoints`).
        glasses: True: every wearer wears those the headset makes room for; False: nobody; None: as the headset says.
        looks: every wearer has a look of its own, drawn by seed (`sim.wearers`), and wears its glasses, if it has any,
            in place of the headset's.
        heat_map_samples: faces that the heat map averages over, out of identities × expressions × donnings; 0: none.

    Raises:
        SimError: a number below its minimum.
    """

    identities: int = 12
    expressions: str | tuple[str, ...] = PEAKS
    donnings: int = 4
    seed: int = 0
    regions: tuple[str, ...] = ("eye_left", "eye_right", "glabella", "mouth")
    points_per_region: int = 256
    keypoints: str = KEY
    glasses: bool | None = None
    looks: bool = False
    heat_map_samples: int = 24

    def __post_init__(self) -> None:
        minima = {"identities": 1, "donnings": 1, "seed": 0, "points_per_region": 1, "heat_map_samples": 0}
        for name, least in minima.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SimError(f"`{name} >= {least}`, a whole number, must hold for a score, got {value!r}")
        for name in ("identities", "donnings", "points_per_region"):
            if getattr(self, name) > MOST:
                raise SimError(f"`{name} <= {MOST}` must hold for a score, got {getattr(self, name)}")
        if self.keypoints not in KEYPOINT_SETS:
            raise SimError(f"`keypoints` must be one of {', '.join(KEYPOINT_SETS)} for a score, got {self.keypoints!r}")
        if not self.expressions:
            raise SimError("`expressions` must name a set or at least one expression for a score, got none")

    def expression_names(self, head: HeadModel) -> tuple[str, ...]:
        """The expressions by name, neutral left in where the set has it.

        Raises:
            SimError: a name that is neither a set nor a peak expression; the message lists both.
        """
        if isinstance(self.expressions, str):
            if self.expressions == PEAKS:
                return tuple(head.peaks)
            names = tuple(word.strip() for word in self.expressions.split(",") if word.strip())
        else:
            names = self.expressions
        known: Mapping[str, object] = {NEUTRAL: {}, **head.peaks}
        for name in names:
            if name not in known:
                raise SimError(
                    f"unknown expression or set {name!r} in `expressions`. Sets: {', '.join(SETS)}. "
                    f"Expressions of head {head.name!r}: {', '.join(known)}"
                )
        if len(set(names)) != len(names) or not names:
            raise SimError(
                f"`expressions` must name each expression once for a score, got {', '.join(names) or 'none'}"
            )
        return names

    def describe(self) -> dict[str, object]:
        """Plain data, for records."""
        return asdict(self)
