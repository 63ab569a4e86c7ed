"""Expressions that rise, stay and fall: onset, apex and offset of a named expression, often weaker on one side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from faces.expressions import parse_expression
from faces.motion.priors import GesturePriors
from faces.motion.segment import Segment
from faces.motion.transitions import Transition
from faces.motion.vocabulary import EXPRESSIONS, UPPER, columns, draw_name


@dataclass(frozen=True)
class Gesture:
    """One rise and fall.

    Attributes:
        name: of the expression.
        parts: poses by action name that move together, each with its delay in s.
        start_s, onset_s, apex_s, offset_s: when, and how long rising, staying and falling take.
        sag: share of the pose that is lost while it stays.
    """

    name: str
    parts: tuple[tuple[Mapping[str, float], float], ...]
    start_s: float
    onset_s: float
    apex_s: float
    offset_s: float
    sag: float

    @property
    def end_s(self) -> float:
        """When all is at rest again."""
        lag = max((lag for _, lag in self.parts), default=0.0)
        return self.start_s + lag + self.onset_s + self.apex_s + self.offset_s


def transitions_of(gesture: Gesture) -> list[Transition]:
    """Onset, sag and offset of each part."""
    steps = []
    for pose, lag in gesture.parts:
        up = gesture.start_s + lag
        changes = columns(pose)
        spans = ((up, gesture.onset_s, 1.0), (up + gesture.onset_s, gesture.apex_s, -gesture.sag))
        for start, takes, share in (*spans, (up + gesture.onset_s + gesture.apex_s, gesture.offset_s, gesture.sag - 1)):
            if takes > 0:
                steps.append(Transition(start, takes, {column: share * change for column, change in changes.items()}))
    return steps


def draw_gesture(
    rng: np.random.Generator,
    expression: str,
    start_s: float,
    priors: GesturePriors,
    *,
    amplitude: float | None = None,
    apex_s: float | None = None,
    asked: bool = False,
) -> Gesture:
    """One rise and fall of an expression in the form of `faces.expressions.parse_expression`.

    Args:
        rng: the only source of randomness.
        expression: "smile", "jawOpen=0.25", ...
        start_s: when it starts.
        priors: what is drawn from.
        amplitude: of the expression; None: drawn.
        apex_s: how long it stays; None: drawn.
        asked: whether a wearer was asked for it, and shows it more fully and evenly.

    Raises:
        UnknownExpressionError, FaceError: see `parse_expression`.
    """
    pose = {} if expression == "neutral" else parse_expression(expression)
    onset, offset, sag = priors.onset_s.draw(rng), priors.offset_s.draw(rng), priors.sag.draw(rng)
    stays = priors.apex_s.of(rng.standard_normal())
    drawn = (priors.asked_amplitude if asked else priors.amplitude).draw(rng)
    one_sided, side, lag, first = rng.random(4)
    weaker = (priors.asked_weaker_side if asked else priors.weaker_side).draw(rng)
    pose = scaled(pose, drawn if amplitude is None else amplitude)
    if one_sided < priors.asymmetric_share:
        pose = weakened(pose, "Left" if side < 0.5 else "Right", weaker)
    upper = {name: weight for name, weight in pose.items() if name in UPPER}
    lower = {name: weight for name, weight in pose.items() if name not in UPPER}
    late = priors.lag_s * lag
    parts = ((upper, late if first < 0.5 else 0.0), (lower, 0.0 if first < 0.5 else late))
    return Gesture(
        expression,
        tuple((part, delay) for part, delay in parts if part),
        start_s,
        onset,
        stays if apex_s is None else apex_s,
        offset,
        sag,
    )


def scaled(pose: Mapping[str, float], factor: float) -> dict[str, float]:
    """Every weight times a factor."""
    return {name: factor * weight for name, weight in pose.items()}


def weakened(pose: Mapping[str, float], side: str, factor: float) -> dict[str, float]:
    """One side's weights times a factor."""
    return {name: weight * (factor if name.endswith(side) else 1.0) for name, weight in pose.items()}


def draw_gestures(
    rng: np.random.Generator,
    duration_s: float,
    priors: GesturePriors,
    expression: str | None = None,
    *,
    rest_factor: float = 1.0,
) -> tuple[list[Transition], list[Segment]]:
    """Expressions one after another, with rests; the same one again and again where it is given."""
    steps: list[Transition] = []
    segments: list[Segment] = []
    now = 0.5 * priors.rest_s.draw(rng)
    while now < duration_s:
        name = draw_name(rng, EXPRESSIONS, priors.rare_factor)
        gesture = draw_gesture(rng, expression or name, now, priors, asked=expression is not None)
        steps += transitions_of(gesture)
        segments.append(Segment("expression", gesture.name, now, gesture.end_s))
        now = gesture.end_s + max(rest_factor * priors.rest_s.draw(rng), 0.01)
    return steps, segments
