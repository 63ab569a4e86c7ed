"""Which folds an expression presses into the skin, and how deeply.

Composition follows VNPFA: wrinkle maps are made apart from the neutral texture and laid over it. Its wrinkle map
darkens albedo by multiplication with values up to 1 (its eq. 2, W ⊙ N) and its texture network's maps add to the
neutral ones (eq. 14, W ⊕ N). Where it learns the maps of an expression, here they are hand-made folds, each weighted
by the expression's ARKit weights; the numbers below are priors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES
from faces.errors import FaceError
from faces.skin.look import SkinLook

WINDOWS = ("forehead_middle", "forehead_left", "forehead_right")
"""The forehead's lines in three overlapping parts, since its muscles raise the middle and either side of the brow."""

_SIDED: dict[str, dict[str, float]] = {
    "forehead": {"browOuterUp": 1.0, "browInnerUp": 0.15},
    "glabella": {"browDown": 1.0, "noseSneer": 0.25},
    "bunny": {"noseSneer": 1.0, "mouthUpperUp": 0.2, "browDown": 0.15},
    "crow": {"cheekSquint": 0.7, "eyeSquint": 0.6, "mouthSmile": 0.45, "eyeBlink": 0.08},
    "under_eye": {"cheekSquint": 0.7, "eyeSquint": 0.6, "mouthSmile": 0.3, "noseSneer": 0.2},
    "nasolabial": {"mouthSmile": 0.8, "noseSneer": 0.6, "mouthUpperUp": 0.5, "mouthDimple": 0.35, "cheekSquint": 0.25},
    "mouth_corner": {"mouthDimple": 0.8, "mouthSmile": 0.08, "mouthFrown": 0.7, "mouthStretch": 0.4, "mouthPress": 0.3},
}
_MIDDLE: dict[str, dict[str, float]] = {
    "forehead_middle": {"browInnerUp": 1.0, "browOuterUpLeft": 0.2, "browOuterUpRight": 0.2},
    "nose_root": {"noseSneerLeft": 0.45, "noseSneerRight": 0.45, "browDownLeft": 0.3, "browDownRight": 0.3},
    "chin": {
        "mouthShrugLower": 1.0,
        "mouthFrownLeft": 0.15,
        "mouthFrownRight": 0.15,
        "mouthPressLeft": 0.1,
        "mouthPressRight": 0.1,
    },
    "perioral": {"mouthPucker": 1.0, "mouthFunnel": 0.4, "mouthRollUpper": 0.3, "mouthRollLower": 0.3},
}
_AT_REST = {
    "forehead": 0.40,
    "glabella": 0.35,
    "nose_root": 0.25,
    "crow": 0.40,
    "under_eye": 0.60,
    "nasolabial": 0.50,
    "mouth_corner": 0.40,
    "perioral": 0.35,
}
"""How deep the lines of the most wrinkled skin are at rest."""
SMOOTH_UP_TO = 0.15
"""Skins up to this `SkinLook.wrinkles` have no line at rest."""
YOUNG_SHARE = 0.45
"""How deeply expressions fold a skin of wrinkles 0, against one of 1."""

_ORDER = ("nose_root", "chin", "perioral")
WRINKLE_NAMES: tuple[str, ...] = (
    *WINDOWS,
    *(f"{fold}_{side}" for fold in _SIDED if fold != "forehead" for side in ("left", "right")),
    *_ORDER,
)
"""Order of the weights."""


def _matrix() -> NDArray[np.float64]:
    """(K, 52) how much each ARKit weight drives each wrinkle map."""
    matrix = np.zeros((len(WRINKLE_NAMES), len(ARKIT_NAMES)))
    for k, name in enumerate(WRINKLE_NAMES):
        if name in _MIDDLE:
            for arkit, value in _MIDDLE[name].items():
                matrix[k, ARKIT_NAMES.index(arkit)] = value
            continue
        fold, _, side = name.rpartition("_")
        for stem, value in _SIDED[fold].items():
            arkit = stem + side.capitalize()
            matrix[k, ARKIT_NAMES.index(arkit if arkit in ARKIT_NAMES else stem)] = value
    return matrix


_DRIVE = _matrix()
_REST = np.array([_AT_REST.get(n, _AT_REST.get(n.rpartition("_")[0], 0.0)) for n in WRINKLE_NAMES])


def wrinkle_weights(skin: SkinLook, arkit_weights: NDArray[np.floating] | None) -> NDArray[np.float64]:
    """(..., K) weights in [0, 1] of the wrinkle maps, in the order of `WRINKLE_NAMES`.

    Args:
        skin: its `wrinkles` set lines at rest and how deeply expressions fold.
        arkit_weights: (..., 52) in the order of `ARKIT_NAMES`; None: neutral.

    Raises:
        FaceError: not 52 weights.
    """
    weights = np.zeros(len(ARKIT_NAMES)) if arkit_weights is None else np.asarray(arkit_weights, np.float64)
    if weights.shape[-1:] != (len(ARKIT_NAMES),):
        raise FaceError(f"`arkit_weights` must have shape (..., {len(ARKIT_NAMES)}), got {weights.shape}")
    rest = _REST * np.clip((skin.wrinkles - SMOOTH_UP_TO) / (1 - SMOOTH_UP_TO), 0, 1)
    share = YOUNG_SHARE + (1 - YOUNG_SHARE) * skin.wrinkles
    total: NDArray[np.float64] = np.clip(rest + share * (weights @ _DRIVE.T), 0.0, 1.0)
    return total
