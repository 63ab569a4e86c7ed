"""Independent frames: one expression and one gaze each, spread wider than time spends them, rare ones oftener."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES, other_side
from faces.expressions import PEAKS
from faces.motion.eyes import from_visual, in_range, vergence_deg
from faces.motion.gestures import scaled, weakened
from faces.motion.priors import MotionPriors
from faces.motion.sequence import DECIMALS
from faces.motion.visemes import VISEMES
from faces.motion.vocabulary import COLUMN, EXPRESSIONS, OPPOSITES, SINGLE, UPPER, WIDTH, draw_name, spread

SORTS = ("peak", "combination", "sparse", "speech")
SAME_SHARE = 0.6
"""Of two-sided actions in a sparse draw that take both sides alike."""


@dataclass(frozen=True, eq=False)
class Frame:
    """What one frame shows.

    Attributes:
        sort: one of `SORTS`.
        weights: (E,), in [0, 1].
        gaze_rad: (2, 2) left and right eye's optical axis, azimuth and elevation.
    """

    sort: str
    weights: NDArray[np.float64]
    gaze_rad: NDArray[np.float64]


def draw_expression(
    rng: np.random.Generator,
    priors: MotionPriors = MotionPriors(),
    expression_names: tuple[str, ...] = ARKIT_NAMES,
) -> Frame:
    """Draw one frame; left and right are exchangeable.

    Args:
        rng: the only source of randomness.
        priors: what is drawn from.
        expression_names: columns of the weights; those that are not ARKit's stay at 0.
    """
    pick, face, lids, eyes = (np.random.Generator(np.random.PCG64(int(s))) for s in rng.integers(2**63, size=4))
    odds = np.cumsum([getattr(priors.frames, sort) for sort in SORTS])
    sort = SORTS[int(np.searchsorted(odds, pick.random() * odds[-1], side="right"))]
    pose = {"peak": _peak, "combination": _combination, "sparse": _sparse, "speech": _speech}[sort](face, priors)
    if face.random() < priors.gestures.asymmetric_share:
        pose = weakened(pose, "Left" if face.random() < 0.5 else "Right", priors.gestures.weaker_side.draw(face))
    for name, closed in _lids(lids, priors).items():
        pose[name] = 1.0 - (1.0 - pose.get(name, 0.0)) * (1.0 - closed)
    weights = np.zeros(WIDTH)
    for name, weight in pose.items():
        weights[COLUMN[name]] = min(weight, 1.0)
    gaze = in_range(np.round(_gaze(eyes, priors), DECIMALS))
    return Frame(sort, spread(np.round(weights, DECIMALS), expression_names), gaze)


def _peak(rng: np.random.Generator, priors: MotionPriors) -> dict[str, float]:
    name = draw_name(rng, EXPRESSIONS, priors.gestures.rare_factor)
    return scaled(PEAKS[name], priors.frames.amplitude.draw(rng))


def _combination(rng: np.random.Generator, priors: MotionPriors) -> dict[str, float]:
    upper, lower = _peak(rng, priors), _peak(rng, priors)
    return {n: w for n, w in upper.items() if n in UPPER} | {n: w for n, w in lower.items() if n not in UPPER}


def _sparse(rng: np.random.Generator, priors: MotionPriors) -> dict[str, float]:
    """Some actions at any weight; of those that undo each other the first stays."""
    pose: dict[str, float] = {}
    for k in rng.permutation(len(SINGLE))[: round(priors.frames.sparse_actions.draw(rng))]:
        weight, name = priors.frames.amplitude.draw(rng), SINGLE[k]
        names = [name]
        if other_side(name) != name and other_side(name) in SINGLE and rng.random() < SAME_SHARE:
            names.append(other_side(name))
        for one in names:
            if not any(one in pair and (pose.keys() | {*names} - {one}) & {*pair} - {one} for pair in OPPOSITES):
                pose[one] = weight
    pose["mouthClose"] = pose.get("jawOpen", 0.0) * (rng.random() if rng.random() < 0.15 else 0.0)
    return pose


def _speech(rng: np.random.Generator, priors: MotionPriors) -> dict[str, float]:
    """Somewhere between two visemes."""
    names = [*VISEMES]
    a, b = (VISEMES[names[int(k)]] for k in rng.integers(len(names), size=2))
    share, jaw, lips = rng.random(), priors.speech.jaw.draw(rng), priors.speech.lips.draw(rng)
    pose = {
        name: (share * a.pose.get(name, 0.0) + (1 - share) * b.pose.get(name, 0.0))
        * (jaw if name == "jawOpen" else lips)
        for name in sorted({*a.pose, *b.pose})
    }
    pose["mouthClose"] = pose.get("jawOpen", 0.0) * (share * a.closed + (1 - share) * b.closed)
    return pose


def _lids(rng: np.random.Generator, priors: MotionPriors) -> Mapping[str, float]:
    closes, winks, side, depth = rng.random(4)
    depth = float(np.sin(0.5 * np.pi * depth))  # lids stay longer near shut than between
    other = priors.blinks.wink_other_eye.draw(rng)
    if closes >= priors.frames.closed_share:
        return {}
    if winks >= priors.frames.wink_share:
        return {"eyeBlinkLeft": depth, "eyeBlinkRight": depth}
    this, that = ("Left", "Right") if side < 0.5 else ("Right", "Left")
    return {f"eyeBlink{this}": depth, f"eyeBlink{that}": depth * other}


def _gaze(rng: np.random.Generator, priors: MotionPriors) -> NDArray[np.float64]:
    sd, gaze = priors.frames.gaze_sd_deg, priors.gaze
    point = rng.normal(size=2) * [sd, sd * gaze.vertical]
    point = np.clip(point, [-gaze.azimuth_deg, -gaze.down_deg], [gaze.azimuth_deg, gaze.up_deg])
    vergence = vergence_deg(gaze.distance_m.of(rng.standard_normal()))
    return from_visual(np.radians(point), np.radians(np.asarray(vergence)))
