"""REFA 8.1's end-user metrics of one recording: 0 worst, 1 best. REFA publishes names and ideas, neither formulas nor
thresholds: those here are ours (priors).

None stands where a recording does not tell: no closed eye in it, no key blendshape, fewer than three frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

KEY = 0.3
"""A blendshape that a peak expression asks for so much, or more, is one of its key ones."""
ACTIVE = 0.7
"""A key blendshape counts as active at this share of what was performed."""
NEUTRAL = 0.15
"""Below this a blendshape counts as at rest: a muscle's idling, not an expression."""
FREE_IN_NEUTRAL = ("eyeLook", "eyeBlink")
"""Who stays neutral may look about and blink."""
EYE_SHUT_MM, EYE_SEEN_SHUT_MM = 1.0, 2.0
"""Lids nearer than this in truth: the eye is shut; in the estimate: it is seen as shut. An open one has some 10 mm."""
MOUTH_SHUT_MM, MOUTH_SEEN_SHUT_MM = 1.0, 2.0
"""Likewise for the inner edges of the lips, by how much farther apart they are than at rest."""
RESTLESS_PER_S2 = 20.0
"""Mean second derivative at which smoothness is a half: noise of SD 0.011 from frame to frame has it at 30 Hz."""


def key_activations(peak: Mapping[str, float], names: Sequence[str], true: NDArray[np.floating]) -> dict[str, float]:
    """What was performed of each key blendshape of a peak expression: its largest true weight.

    Args:
        peak: the expression's definition.
        true: (F, E) in the order of `names`.
    """
    keys = [name for name, weight in peak.items() if weight >= KEY and name in names]
    performed = {name: float(true[:, list(names).index(name)].max()) for name in keys}
    return {name: value for name, value in performed.items() if value >= KEY}


def semantic_accuracy(
    estimated: NDArray[np.floating], names: Sequence[str], performed: Mapping[str, float]
) -> float | None:
    """Share of the key blendshapes that somewhere in the recording reach `ACTIVE` of what was performed.

    Args:
        estimated: (F, E) in the order of `names`.
        performed: see `key_activations`.
    """
    if not performed:
        return None
    reached = [estimated[:, list(names).index(name)].max() >= ACTIVE * value for name, value in performed.items()]
    return float(np.mean(reached))


def is_neutral(true: NDArray[np.floating], names: Sequence[str]) -> NDArray[np.bool_]:
    """(F,) frames in which all true weights but `FREE_IN_NEUTRAL` are at rest."""
    return np.asarray((true[:, _held(names)] < NEUTRAL).all(axis=1))


def neutralness(estimated: NDArray[np.floating], true: NDArray[np.floating], names: Sequence[str]) -> float | None:
    """Share of blendshapes (but `FREE_IN_NEUTRAL`) below `NEUTRAL`, over the neutral frames.

    Args:
        estimated, true: (F, E) in the order of `names`.
    """
    neutral = is_neutral(true, names)
    if not neutral.any():
        return None
    return float((estimated[neutral][:, _held(names)] < NEUTRAL).mean())


def second_derivative_per_s2(weights: NDArray[np.floating], rate_hz: float) -> float | None:
    """Mean absolute second derivative of activation curves (F, E) sampled at `rate_hz`, 1/s²."""
    if len(weights) < 3:
        return None
    return float(np.abs(np.diff(weights.astype(np.float64), n=2, axis=0)).mean() * rate_hz**2)


def smoothness(weights: NDArray[np.floating], rate_hz: float) -> float | None:
    """1 / (1 + mean absolute second derivative / `RESTLESS_PER_S2`).

    What moves fast is not smooth: compare with the truth's own, which evaluation reports beside it.
    """
    found = second_derivative_per_s2(weights, rate_hz)
    return None if found is None else 1.0 / (1.0 + found / RESTLESS_PER_S2)


def closure(
    estimated_mm: NDArray[np.floating], true_mm: NDArray[np.floating], shut_mm: float, seen_shut_mm: float
) -> float | None:
    """Of the frames in which a gap is shut in truth, the share in which the avatar's is shut.

    Args:
        estimated_mm, true_mm: gaps of any equal shape: (F,) of the lips, (F, 2) of the lids of both eyes, so that winks
            count for the eye that winks.
    """
    shut = np.asarray(true_mm) <= shut_mm
    if not shut.any():
        return None
    return float((np.asarray(estimated_mm)[shut] <= seen_shut_mm).mean())


def _held(names: Sequence[str]) -> list[int]:
    return [k for k, name in enumerate(names) if not name.startswith(FREE_IN_NEUTRAL)]
