"""Lids: spontaneous blinks at irregular intervals, incomplete ones, voluntary ones, and winks.

A lid falls fast and rises slowly: closing follows minimum jerk, opening reaches its peak speed after some 30 % of its
time and then tails off (Evinger, Manning and Sibony 1991, cited from memory).
"""

from __future__ import annotations

import numpy as np

from faces.motion.priors import BlinkPriors
from faces.motion.segment import Segment
from faces.motion.transitions import MINIMUM_JERK, Transition
from faces.motion.vocabulary import COLUMN

OPENING = (2.2, 4.0)
REST_S = 0.08
"""No lid closes sooner after it opened."""
KINDS = ("blink", "half_blink", "voluntary_blink", "wink_left", "wink_right")


def draw_blinks(
    rng: np.random.Generator, duration_s: float, priors: BlinkPriors, *, drill: bool = False
) -> tuple[list[Transition], list[Segment]]:
    """The lids' motion over a time.

    Args:
        rng: the only source of randomness.
        duration_s: blinks start before it.
        priors: what is drawn from.
        drill: one after another, every kind with equal odds, instead of as they come by themselves.
    """
    mean_s = 60.0 / priors.rate_per_min.draw(rng)
    steps: list[Transition] = []
    segments: list[Segment] = []
    # Started some intervals early, so that a sequence's first blink comes as soon as any other.
    start = priors.drill_interval_s.draw(rng) if drill else -4.0 * mean_s * rng.random()
    while start < duration_s:
        kind = KINDS[int(rng.integers(5))] if drill else _kind(rng, priors)
        blink, end = _blink(rng, kind, start, priors)
        if start >= 0:
            steps += blink
            segments.append(Segment(kind, "", start, end))
        pause = priors.drill_interval_s.draw(rng)
        wait = end - start + pause if drill else mean_s * rng.gamma(priors.interval_shape) / priors.interval_shape
        start = max(start + wait, end + REST_S)
    return steps, segments


def _kind(rng: np.random.Generator, priors: BlinkPriors) -> str:
    u, half, side = rng.random(3)
    if u < priors.wink_share:
        return KINDS[3] if side < 0.5 else KINDS[4]
    if u < priors.wink_share + priors.voluntary_share:
        return KINDS[2]
    return KINDS[1] if half < priors.half_share else KINDS[0]


def _blink(rng: np.random.Generator, kind: str, start: float, priors: BlinkPriors) -> tuple[list[Transition], float]:
    """Its transitions and end. Each kind takes the same draws, so that a prior of one leaves the others alone."""
    reflex = [d.draw(rng) for d in (priors.closing_s, priors.closed_s, priors.opening_s)]
    willed = [
        priors.voluntary_closing_s.draw(rng),
        priors.voluntary_closed_s.of(rng.standard_normal()),
        priors.voluntary_opening_s.draw(rng),
    ]
    half, other, cheek = (d.draw(rng) for d in (priors.half_depth, priors.wink_other_eye, priors.wink_cheek))
    depth = half if kind == "half_blink" else 1.0
    pose = {"eyeBlinkLeft": depth, "eyeBlinkRight": depth}
    if kind.startswith("wink"):
        this, that = ("Left", "Right") if kind == "wink_left" else ("Right", "Left")
        pose = {
            f"eyeBlink{this}": 1.0,
            f"eyeBlink{that}": other,
            f"cheekSquint{this}": cheek,
            f"mouthSmile{this}": 0.4 * cheek,
            f"browDown{this}": 0.4 * cheek,
        }
    closing, closed, opening = reflex if kind in ("blink", "half_blink") else willed
    steps = [
        Transition(start, closing, {COLUMN[name]: weight for name, weight in pose.items()}, MINIMUM_JERK),
        Transition(
            start + closing + closed, opening, {COLUMN[name]: -weight for name, weight in pose.items()}, OPENING
        ),
    ]
    return steps, start + closing + closed + opening
