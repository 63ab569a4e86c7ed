"""Range of motion: upper and lower face sweep to their ends and back at the same time, one action after another."""

from __future__ import annotations

import numpy as np

from faces.expressions import PEAKS
from faces.motion.gestures import Gesture, transitions_of, weakened
from faces.motion.priors import GesturePriors
from faces.motion.segment import Segment
from faces.motion.transitions import Transition
from faces.motion.vocabulary import EXPRESSIONS, SINGLE, UPPER, draw_name

NAMED_SHARE = 0.6
"""Of sweeps that take half of a named expression."""
BOTH_SHARE = 0.6
"""Of sweeps that take both sides of a two-sided action."""


def draw_sweeps(
    rng: np.random.Generator, duration_s: float, priors: GesturePriors
) -> tuple[list[Transition], list[Segment]]:
    """Sweeps of the upper face and, beside them, of the lower one; the weights of either reach 1."""
    steps: list[Transition] = []
    segments: list[Segment] = []
    for upper in (True, False):
        now = 0.3 * rng.random()
        while now < duration_s:
            name, pose = _draw_pose(rng, upper, priors)
            rise, fall = priors.sweep_s.draw(rng), priors.sweep_s.draw(rng)
            sweep = Gesture(name, ((pose, 0.0),), now, rise, 0.15 * rng.random(), fall, 0.0)
            steps += transitions_of(sweep)
            segments.append(Segment("sweep", name, now, sweep.end_s))
            now = sweep.end_s + 0.01
    return steps, sorted(segments, key=lambda segment: segment.start_s)


def _draw_pose(rng: np.random.Generator, upper: bool, priors: GesturePriors) -> tuple[str, dict[str, float]]:
    """One action, both sides of one, or that half of a named expression."""
    sort, side, both = rng.random(3)
    singles = tuple(name for name in SINGLE if (name in UPPER) == upper)
    halves = {e: {n: w for n, w in PEAKS[e].items() if (n in UPPER) == upper} for e in EXPRESSIONS if "viseme" not in e}
    single = singles[int(rng.integers(len(singles)))]
    named = draw_name(rng, tuple(name for name, half in halves.items() if half), priors.rare_factor)
    if sort < NAMED_SHARE:
        return named, halves[named]
    stem = single.removesuffix("Left").removesuffix("Right")
    if stem == single or f"{stem}Left" not in SINGLE:
        return single, {single: 1.0}
    pose = {f"{stem}Left": 1.0, f"{stem}Right": 1.0}
    if stem in ("jaw", "mouth") or both > BOTH_SHARE:  # those pull to one side or the other
        return single, {single: 1.0}
    return stem, pose if both < 0.5 else weakened(pose, "Left" if side < 0.5 else "Right", 0.5)
