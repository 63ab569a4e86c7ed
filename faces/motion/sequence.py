"""Continuous sequences: `draw_motion` gives a function of time, `draw_sequence` samples it at a frame rate.

Layers (expressions, speech, lids) move on their own and are put together as 1 − Π(1 − w), which stays within [0, 1],
and moves no faster than its layers do together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES
from faces.errors import FaceError
from faces.motion.blinks import draw_blinks
from faces.motion.eyes import draw_eyes, in_range, optical_axes
from faces.motion.gestures import draw_gestures
from faces.motion.priors import MotionPriors, SpeechPriors
from faces.motion.segment import Segment
from faces.motion.speech import Phrase, draw_speech
from faces.motion.sweeps import draw_sweeps
from faces.motion.transitions import Transition, evaluate
from faces.motion.vocabulary import WIDTH, spread

KINDS = ("expression", "sentence", "range_of_motion", "gaze", "blink", "mixed")
LONGEST_S = 86_400.0
MOST_FRAMES = 10_000_000
DECIMALS = 6
"""Weights, and angles in rad, are rounded to these: last bits of exponentials differ between machines."""


@dataclass(frozen=True)
class Motion:
    """How weights and gaze depend on time.

    Attributes:
        kind: one of `KINDS`.
        duration_s: how long it lasts.
        segments: what happens when, by start.
        layers: transitions of ARKit weights; layers are combined.
        phrases: of speech, one more layer.
        eyes: transitions of the visual axes.
        speech: how dominance decays.
    """

    kind: str
    duration_s: float
    segments: tuple[Segment, ...]
    layers: tuple[tuple[Transition, ...], ...]
    phrases: tuple[Phrase, ...]
    eyes: tuple[Transition, ...]
    speech: SpeechPriors

    def weights(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """(F, 52) weights in ARKit order at ascending times (F,); each row depends on its own time alone."""
        rest = np.ones((len(times_s), WIDTH))
        for layer in self.layers:
            rest *= 1.0 - np.clip(evaluate(layer, times_s, WIDTH), 0.0, 1.0)
        for phrase in self.phrases:
            first, last = np.searchsorted(times_s, [phrase.start_s, phrase.end_s])
            if last > first:
                rest[first:last] *= 1.0 - np.clip(phrase.weights(times_s[first:last], self.speech), 0.0, 1.0)
        return 1.0 - rest

    def gaze_rad(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """(F, 2, 2) azimuth and elevation of left and right optical axis at ascending times (F,)."""
        return optical_axes(list(self.eyes), times_s)


@dataclass(frozen=True, eq=False)
class Sequence:
    """A motion at a frame rate; frame k is at k / rate_hz.

    Attributes:
        kind: one of `KINDS`.
        rate_hz: frames a second.
        weights: (F, E), in [0, 1].
        gaze_rad: (F, 2, 2) left and right eye's optical axis, azimuth and elevation.
        segments: what happens when, by start.
    """

    kind: str
    rate_hz: float
    weights: NDArray[np.float64]
    gaze_rad: NDArray[np.float64]
    segments: tuple[Segment, ...]


def draw_sequence(
    rng: np.random.Generator,
    kind: str,
    duration_s: float,
    rate_hz: float,
    expression_names: tuple[str, ...] = ARKIT_NAMES,
    priors: MotionPriors = MotionPriors(),
    *,
    expression: str | None = None,
) -> Sequence:
    """Draw a motion and sample it; the same generator gives the same motion at any rate.

    Args:
        rng: the only source of randomness.
        kind: "expression" (rise, stay, fall), "sentence" (speech-like), "range_of_motion" (sweeps), "gaze",
            "blink" (every kind of blink), or "mixed" (conversation: speech, expressions, gaze). Blinks and eye
            movements go on in all.
        duration_s: up to a day; the F = ceil(duration_s * rate_hz) frames lie at k / rate_hz.
        rate_hz: positive.
        expression_names: columns of the weights; those that are not ARKit's stay at 0.
        priors: what is drawn from.
        expression: what the kind "expression" shows again and again, as `faces.expressions.parse_expression` reads it;
            None: another one each time.

    Raises:
        FaceError: an unknown kind, a duration or rate that is not positive, too many frames, or an unknown expression.
    """
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise FaceError(f"`rate_hz > 0` must hold for a sequence, got {rate_hz:g}")
    if duration_s * rate_hz > MOST_FRAMES:
        raise FaceError(f"`frames <= {MOST_FRAMES}` must hold for a sequence, got {duration_s:g} s at {rate_hz:g} Hz")
    motion = draw_motion(rng, kind, duration_s, priors, expression=expression)
    frames = max(1, math.ceil(round(duration_s * rate_hz, 6)))
    times = np.arange(frames) / rate_hz
    weights = spread(np.round(motion.weights(times), DECIMALS), expression_names)
    return Sequence(
        kind, float(rate_hz), weights, in_range(np.round(motion.gaze_rad(times), DECIMALS)), motion.segments
    )


def draw_motion(
    rng: np.random.Generator,
    kind: str,
    duration_s: float,
    priors: MotionPriors = MotionPriors(),
    *,
    expression: str | None = None,
) -> Motion:
    """Draw a motion as a function of time; arguments and errors as `draw_sequence`'s."""
    if kind not in KINDS:
        raise FaceError(f"`kind` must be one of {', '.join(KINDS)} for a sequence, got {kind!r}")
    if not 0 < duration_s <= LONGEST_S:
        raise FaceError(f"`0 < duration_s <= {LONGEST_S:g}` must hold for a sequence, got {duration_s:g}")
    if expression is not None and kind != "expression":
        raise FaceError(f"`expression` goes with kind 'expression' only, got {expression!r} with {kind!r}")
    # Each layer has a generator of its own, so that priors of one leave the others alone.
    lids, eyes, face, mouth = (np.random.Generator(np.random.PCG64(int(s))) for s in rng.integers(2**63, size=4))
    steps, segments = draw_blinks(lids, duration_s, priors.blinks, drill=kind == "blink")
    looks, moves = draw_eyes(eyes, duration_s, priors.gaze, sweep=kind == "range_of_motion")
    layers = [steps]
    segments = segments + moves
    phrases: list[Phrase] = []
    if kind in ("expression", "mixed"):
        rest = 5.0 if kind == "mixed" else 1.0
        steps, events = draw_gestures(face, duration_s, priors.gestures, expression, rest_factor=rest)
        layers.append(steps)
        segments += events
    if kind == "range_of_motion":
        steps, events = draw_sweeps(face, duration_s, priors.gestures)
        layers.append(steps)
        segments += events
    if kind in ("sentence", "mixed"):
        pauses = 2.0 if kind == "mixed" else 1.0
        phrases, companions, events = draw_speech(
            mouth, duration_s, priors.speech, priors.gestures, pause_factor=pauses
        )
        layers += companions
        segments += events
    segments.sort(key=lambda segment: (segment.start_s, segment.kind))
    layered = tuple(tuple(layer) for layer in layers)
    return Motion(kind, duration_s, tuple(segments), layered, tuple(phrases), tuple(looks), priors.speech)
