"""Named peak expressions as sparse ARKit vectors, named sets of them, and the checks every request passes.

The anchors follow UFE's choice (neutral, jaw drop, wide eyes, closed eyes, ...); visemes are the usual mouth shapes of
speech; the rest exercise each facial action near its peak, alone and in the combinations people make.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES
from faces.errors import FaceError, UnknownExpressionError


def _both(**weights: float) -> dict[str, float]:
    """Each weight on the left and on the right."""
    return {f"{stem}{side}": w for stem, w in weights.items() for side in ("Left", "Right")}


_SMILE = _both(mouthSmile=1.0)

_PEAKS: dict[str, dict[str, float]] = {
    "neutral": {},
    # anchors
    "jaw_drop": {"jawOpen": 1.0},
    "wide_eyes": _both(eyeWide=1.0) | {"browInnerUp": 0.8} | _both(browOuterUp=0.8),
    "closed_eyes": _both(eyeBlink=1.0),
    "squeezed_eyes": _both(eyeBlink=1.0, eyeSquint=1.0, cheekSquint=0.8, browDown=0.7, noseSneer=0.3),
    "smile": _SMILE | _both(cheekSquint=0.3),
    "big_smile": _SMILE
    | _both(cheekSquint=0.7, eyeSquint=0.4, mouthUpperUp=0.4, mouthLowerDown=0.4)
    | {"jawOpen": 0.25},
    "pucker": {"mouthPucker": 1.0},
    "brows_up": {"browInnerUp": 1.0} | _both(browOuterUp=1.0),
    "brows_down": _both(browDown=1.0),
    "cheek_puff": {"cheekPuff": 1.0},
    "tongue_out": {"tongueOut": 1.0, "jawOpen": 0.45},
    "jaw_left": {"jawLeft": 1.0},
    "jaw_right": {"jawRight": 1.0},
    # eyes
    "wink_left": {"eyeBlinkLeft": 1.0, "cheekSquintLeft": 0.6, "mouthSmileLeft": 0.3, "browDownLeft": 0.3},
    "wink_right": {"eyeBlinkRight": 1.0, "cheekSquintRight": 0.6, "mouthSmileRight": 0.3, "browDownRight": 0.3},
    "half_closed_eyes": _both(eyeBlink=0.5),
    "squint": _both(eyeSquint=1.0, cheekSquint=0.5, browDown=0.4),
    "look_up_lids": _both(eyeLookUp=1.0),
    "look_down_lids": _both(eyeLookDown=1.0),
    "brow_left_up": {"browOuterUpLeft": 1.0, "browDownRight": 0.4},
    "brow_right_up": {"browOuterUpRight": 1.0, "browDownLeft": 0.4},
    "worried_brows": {"browInnerUp": 1.0} | _both(browDown=0.3),
    # mouth
    "funnel": {"mouthFunnel": 1.0},
    "kiss_left": {"mouthPucker": 0.8, "mouthLeft": 0.7},
    "kiss_right": {"mouthPucker": 0.8, "mouthRight": 0.7},
    "mouth_left": {"mouthLeft": 1.0},
    "mouth_right": {"mouthRight": 1.0},
    "smile_left": {"mouthSmileLeft": 1.0, "cheekSquintLeft": 0.4},
    "smile_right": {"mouthSmileRight": 1.0, "cheekSquintRight": 0.4},
    "dimples": _both(mouthDimple=1.0),
    "frown": _both(mouthFrown=1.0) | {"mouthShrugLower": 0.4},
    "pout": {"mouthShrugLower": 1.0, "mouthShrugUpper": 0.5},
    "stretch": _both(mouthStretch=1.0),
    "press": _both(mouthPress=1.0),
    "lips_rolled_in": {"mouthRollLower": 1.0, "mouthRollUpper": 1.0},
    "teeth_shown": _both(mouthUpperUp=0.9, mouthLowerDown=0.9, mouthStretch=0.4),
    "upper_teeth_shown": _both(mouthUpperUp=1.0, noseSneer=0.4),
    "lower_teeth_shown": _both(mouthLowerDown=1.0),
    "lip_up_left": {"mouthUpperUpLeft": 1.0, "noseSneerLeft": 0.7},
    "lip_up_right": {"mouthUpperUpRight": 1.0, "noseSneerRight": 0.7},
    "lips_closed_jaw_open": {"jawOpen": 0.8, "mouthClose": 0.8},
    "jaw_forward": {"jawForward": 1.0},
    "jaw_open_left": {"jawOpen": 0.5, "jawLeft": 0.8},
    "jaw_open_right": {"jawOpen": 0.5, "jawRight": 0.8},
    "nose_sneer": _both(noseSneer=1.0),
    # emotions
    "surprise": {"jawOpen": 0.6, "browInnerUp": 1.0} | _both(browOuterUp=1.0, eyeWide=0.8),
    "anger": _both(browDown=1.0, eyeSquint=0.4, noseSneer=0.5, mouthPress=0.6, eyeWide=0.2),
    "disgust": _both(noseSneer=1.0, mouthUpperUp=0.6, browDown=0.5, cheekSquint=0.5, mouthFrown=0.3),
    "fear": {"browInnerUp": 1.0, "jawOpen": 0.25} | _both(eyeWide=0.9, mouthStretch=0.7),
    "sadness": {"browInnerUp": 0.9, "mouthShrugLower": 0.4} | _both(mouthFrown=0.8, eyeSquint=0.2),
    "scream": {"jawOpen": 1.0} | _both(mouthStretch=0.5, eyeSquint=0.7, browDown=0.6, mouthUpperUp=0.5, noseSneer=0.5),
    "laugh": _SMILE | {"jawOpen": 0.55} | _both(cheekSquint=0.9, eyeSquint=0.6, mouthUpperUp=0.3),
    # visemes
    "viseme_aa": {"jawOpen": 0.6} | _both(mouthLowerDown=0.3, mouthUpperUp=0.15),
    "viseme_ee": {"jawOpen": 0.15} | _both(mouthSmile=0.4, mouthStretch=0.5, mouthLowerDown=0.4, mouthUpperUp=0.2),
    "viseme_oh": {"jawOpen": 0.35, "mouthFunnel": 0.8, "mouthPucker": 0.2},
    "viseme_oo": {"jawOpen": 0.1, "mouthPucker": 0.8, "mouthFunnel": 0.3},
    "viseme_ff": {"jawOpen": 0.08, "mouthRollLower": 0.6} | _both(mouthUpperUp=0.35),
    "viseme_mm": {"mouthRollLower": 0.3, "mouthRollUpper": 0.3} | _both(mouthPress=0.5),
    "viseme_sh": {"jawOpen": 0.08, "mouthFunnel": 0.7} | _both(mouthLowerDown=0.3),
    "viseme_th": {"jawOpen": 0.22, "tongueOut": 0.25} | _both(mouthLowerDown=0.3),
}

PEAKS: Mapping[str, Mapping[str, float]] = MappingProxyType({k: MappingProxyType(v) for k, v in _PEAKS.items()})
"""Name -> sparse ARKit vector; "neutral" is empty."""

EXPRESSION_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "peaks": tuple(PEAKS),
        "anchors": (
            *("neutral", "jaw_drop", "wide_eyes", "closed_eyes", "squeezed_eyes", "smile", "pucker", "brows_up"),
            *("brows_down", "cheek_puff", "tongue_out", "jaw_left", "jaw_right"),
        ),
        "arkit": ARKIT_NAMES,
        "quick": ("neutral", "jaw_drop", "smile", "pucker", "closed_eyes", "wide_eyes", "brows_down", "mouth_left"),
    }
)
"""Named sets; "arkit" is each of the 52 actions alone at full weight."""


def named_expression(name: str) -> Mapping[str, float]:
    """The sparse vector of a peak expression, or of one ARKit action at full weight.

    Raises:
        UnknownExpressionError: neither; the message suggests near names and lists the peaks.
    """
    if name in PEAKS:
        return PEAKS[name]
    if name in ARKIT_NAMES:
        return {name: 1.0}
    raise _unknown(name, "expression", (*PEAKS, *ARKIT_NAMES), f"Peaks: {', '.join(PEAKS)}; or an ARKit name")


def expression_set(name: str) -> dict[str, Mapping[str, float]]:
    """Name -> sparse vector of every expression in a named set.

    Raises:
        UnknownExpressionError: no such set; the message lists them.
    """
    if name not in EXPRESSION_SETS:
        raise _unknown(name, "expression set", tuple(EXPRESSION_SETS), f"Sets: {', '.join(EXPRESSION_SETS)}")
    return {member: named_expression(member) for member in EXPRESSION_SETS[name]}


def parse_expression(text: str) -> dict[str, float]:
    """Read `jawOpen=0.7,eyeBlinkLeft=1`, or the name of a peak; peaks may be mixed in, `smile=0.5,jawOpen=0.2`.

    Weights of repeated actions add and end at 1.

    Raises:
        UnknownExpressionError: a name that is neither an ARKit action nor a peak.
        FaceError: a weight that is no number in [0, 1].
    """
    weights: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = item.partition("=")
        try:
            weight = float(value) if equals else 1.0
        except ValueError as error:
            raise FaceError(
                f"`name=weight` with a number must be given, got {item!r} in expression {text!r}"
            ) from error
        if not 0.0 <= weight <= 1.0:
            raise FaceError(f"`0 <= weight <= 1` must hold for {name.strip()!r}, got {value.strip()}")
        for action, share in named_expression(name.strip()).items():
            weights[action] = min(1.0, weights.get(action, 0.0) + weight * share)
    return weights


def expression_weights(
    expression: Mapping[str, float] | NDArray[np.floating] | Sequence[Mapping[str, float]] | None,
) -> NDArray[np.float64]:
    """(*batch, 52) weights in ARKit order from any form that `HeadModel.mesh` takes.

    Raises:
        UnknownExpressionError: a name that is not ARKit's.
        FaceError: a weight outside [0, 1] or not finite, or an array of another width.
    """
    if expression is None:
        return np.zeros(len(ARKIT_NAMES))
    if isinstance(expression, Mapping):
        weights: NDArray[np.float64] = np.zeros(len(ARKIT_NAMES))
        for name, weight in expression.items():
            if name not in _COLUMN:
                raise _unknown(name, "expression", ARKIT_NAMES, f"Expressions: {', '.join(ARKIT_NAMES)}")
            weights[_COLUMN[name]] = weight
    elif isinstance(expression, np.ndarray):
        weights = expression.astype(np.float64)
        if weights.shape[-1:] != (len(ARKIT_NAMES),):
            raise FaceError(f"`expression` must have {len(ARKIT_NAMES)} columns, got shape {expression.shape}")
    elif isinstance(expression, Sequence) and not isinstance(expression, str):
        weights = np.array([expression_weights(one) for one in expression]).reshape(-1, len(ARKIT_NAMES))
    else:
        raise FaceError(f"`expression` must be a mapping, a sequence of mappings or an array, got {expression!r}")
    bad = ~((weights >= 0) & (weights <= 1))
    if bad.any():
        where = np.argwhere(bad)[0]
        raise FaceError(f"`0 <= weight <= 1` must hold for {ARKIT_NAMES[where[-1]]!r}, got {weights[tuple(where)]:.6g}")
    return weights


_COLUMN = {name: k for k, name in enumerate(ARKIT_NAMES)}


def _unknown(name: str, what: str, valid: Sequence[str], listing: str) -> UnknownExpressionError:
    near = difflib.get_close_matches(str(name), valid, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return UnknownExpressionError(f"unknown {what} {name!r}.{hint} {listing}.")
