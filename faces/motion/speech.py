"""Speech-like motion: syllables of visemes, blended by dominance functions.

A phrase is a row of visemes with centres c_i. Each claims lips and jaw with dominance D_i(t) = α_i exp(−θ |t − c_i|),
and a weight is Σ D_i T_i / Σ D_i of their targets T_i (Cohen and Massaro 1993, Modeling coarticulation in synthetic
visual speech): neighbours colour each other, short sounds fall short of their targets. The tip of |t − c| is rounded,
so that speeds are continuous. Words are not those of a language.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, softmax

from faces.motion.gestures import draw_gesture, transitions_of
from faces.motion.priors import GesturePriors, SpeechPriors
from faces.motion.segment import Segment
from faces.motion.transitions import MINIMUM_JERK, Transition, both_ways
from faces.motion.visemes import CONSONANTS, VISEMES, VOWELS, Viseme
from faces.motion.vocabulary import COLUMN, WIDTH, columns

FADE_S = 0.15
"""A phrase starts from rest and returns to it this fast."""
CODA_SHARE = 0.3
"""Of syllables that end in a consonant."""
JAW = COLUMN["jawOpen"]
CLOSE = COLUMN["mouthClose"]
BEAT_S = (0.2, 0.1, 0.25)
"""Rise, stay and fall of brows that stress a syllable: half a second (Flecha-García 2010, cited from memory)."""
COLOURS = ("smile", "frown", "brows_up", "brows_down", "worried_brows", "squint", "press", "smile_left", "smile_right")


@dataclass(frozen=True)
class Phrase:
    """Speech between two pauses.

    Attributes:
        start_s, end_s: at rest before and after.
        centres_s: (N,) of the visemes, silence at both ends.
        visemes: their N names.
        jaw, lips: articulation relative to the visemes' targets.
        sides: factor on left and right lips.
    """

    start_s: float
    end_s: float
    centres_s: tuple[float, ...]
    visemes: tuple[str, ...]
    jaw: float
    lips: float
    sides: tuple[float, float]

    def weights(self, times_s: NDArray[np.float64], priors: SpeechPriors) -> NDArray[np.float64]:
        """(F, 52) at times (F,)."""
        sounds = [VISEMES[name] for name in self.visemes]
        away = times_s[:, None] - np.array(self.centres_s)
        away = np.sqrt(away**2 + priors.smooth_s**2)
        lips = softmax(np.log([sound.lips for sound in sounds]) - priors.lips_per_s * away, axis=1)
        jaw = softmax(np.log([sound.jaw for sound in sounds]) - priors.jaw_per_s * away, axis=1)
        # Summed sound by sound rather than by BLAS, whose order of summation depends on the machine and on F.
        out = np.zeros((len(times_s), WIDTH))
        for k, sound in enumerate(sounds):
            for column, weight in columns(sound.pose).items():
                out[:, column] += weight * (jaw if column == JAW else lips)[:, k]
            out[:, CLOSE] += float(sound.closed) * lips[:, k]
        out *= self._factors()
        out[:, CLOSE] *= out[:, JAW]  # the lips meet although the jaw, which is slower, has not come up
        return out * self._fade(times_s)[:, None]

    def _factors(self) -> NDArray[np.float64]:
        factors = np.full(WIDTH, self.lips)
        for name, column in COLUMN.items():
            factors[column] *= self.sides[0] if name.endswith("Left") else 1.0
            factors[column] *= self.sides[1] if name.endswith("Right") else 1.0
        factors[JAW], factors[CLOSE] = self.jaw, 1.0
        return factors

    def _fade(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        edge = np.clip(np.minimum(times_s - self.start_s, self.end_s - times_s) / FADE_S, 0.0, 1.0)
        return np.asarray(betainc(*MINIMUM_JERK, edge))


def draw_speech(
    rng: np.random.Generator,
    duration_s: float,
    priors: SpeechPriors,
    gestures: GesturePriors,
    *,
    pause_factor: float = 1.0,
) -> tuple[list[Phrase], list[list[Transition]], list[Segment]]:
    """Phrases and pauses over a time; also what mood and brows do meanwhile, as two layers of weights.

    Args:
        rng: the only source of randomness.
        duration_s: phrases start before it.
        priors: what is drawn from.
        gestures: how a mood rises and falls.
        pause_factor: on the pauses.
    """
    phrases: list[Phrase] = []
    moods: list[Transition] = []
    beats: list[Transition] = []
    segments: list[Segment] = []
    jaw, lips, skew = priors.jaw.draw(rng), priors.lips.draw(rng), priors.skew * rng.uniform(-1.0, 1.0)
    sides = (1.0 + min(skew, 0.0), 1.0 - max(skew, 0.0))
    now = 0.5 * priors.pause_s.of(rng.standard_normal()) * pause_factor
    while now < duration_s:
        rate = priors.syllables_per_s.of(rng.standard_normal())
        count = round(priors.phrase_syllables.draw(rng))
        visemes, centres, beats_at = _syllables(rng, now + FADE_S, rate, count, priors)
        end = centres[-1] + FADE_S
        phrases.append(Phrase(now, end, (now, *centres), ("sil", *visemes), jaw, lips, sides))
        segments.append(Segment("phrase", " ".join(visemes[:-1]), now, end))
        for at in beats_at:
            beats += _beat(at, priors.beat.draw(rng))
        name, depth, moody = COLOURS[int(rng.integers(len(COLOURS)))], priors.colour.draw(rng), rng.random()
        mood = draw_gesture(rng, name, now, gestures, amplitude=depth, apex_s=max(end - now - 1.0, 0.1))
        if moody < priors.colour_share:
            moods += transitions_of(mood)
        pause = priors.pause_s.of(rng.standard_normal()) * pause_factor
        # A mood ends before the next begins, and so does the last raise of the brows.
        now = max(end + pause, mood.end_s if moody < priors.colour_share else 0.0)
    return phrases, [moods, beats], segments


def _beat(at: float, height: float) -> list[Transition]:
    """A raise of the brows that stresses a syllable."""
    pose = columns({"browInnerUp": height, "browOuterUpLeft": height, "browOuterUpRight": height})
    return [*both_ways(pose, at - 0.1, BEAT_S[0], BEAT_S[1], BEAT_S[2])]


def _one(rng: np.random.Generator, visemes: Mapping[str, Viseme]) -> str:
    """One of them, as often as it is in speech."""
    shares = [*itertools.accumulate(viseme.share for viseme in visemes.values())]
    return list(visemes)[bisect.bisect_right(shares, rng.random() * shares[-1])]


def _syllables(
    rng: np.random.Generator, start: float, rate: float, count: int, priors: SpeechPriors
) -> tuple[list[str], list[float], list[float]]:
    """Visemes, their centres, and the times of raised brows; silence ends the row."""
    visemes: list[str] = []
    centres: list[float] = []
    beats: list[float] = []
    for _ in range(count):
        takes = float(np.clip(np.exp(priors.syllable_sigma * rng.standard_normal()) / rate, 1.0 / 7.0, 1.0 / 3.0))
        coda, beat = rng.random(2)
        row = [(_one(rng, CONSONANTS), 0.2), (_one(rng, VOWELS), 0.6 if coda < CODA_SHARE else 0.7)]
        last = _one(rng, CONSONANTS)
        if coda < CODA_SHARE:
            row.append((last, 0.95))
        for name, share in row:
            visemes.append(name)
            centres.append(start + share * takes)
        if beat < priors.beat_share and (not beats or start > beats[-1] + sum(BEAT_S)):
            beats.append(start)
        start += takes
    return [*visemes, "sil"], [*centres, start + 0.05], beats
