"""Which actions and named expressions are drawn, which of them are rare, and which lie in the upper face."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES
from faces.expressions import PEAKS

COLUMN: Mapping[str, int] = {name: k for k, name in enumerate(ARKIT_NAMES)}
WIDTH = len(ARKIT_NAMES)
GAZE_ACTIONS = tuple(name for name in ARKIT_NAMES if name.startswith("eyeLook"))
"""Never drawn: the lids of the built-in head follow gaze by themselves."""
UPPER = tuple(name for name in ARKIT_NAMES if name.startswith(("eye", "brow", "cheekSquint")))
SINGLE = tuple(name for name in ARKIT_NAMES if name not in (*GAZE_ACTIONS, "mouthClose"))
"""Actions that are drawn alone; `mouthClose` needs an open jaw."""

EXPRESSIONS = tuple(name for name, pose in PEAKS.items() if pose and not pose.keys() & {*GAZE_ACTIONS})
"""Peaks that are drawn; visemes are among them."""
RARE = frozenset(
    name
    for name in EXPRESSIONS
    if "_left" in name
    or "_right" in name
    or name in ("tongue_out", "cheek_puff", "lips_rolled_in", "lower_teeth_shown", "scream", "half_closed_eyes")
    or name in ("squeezed_eyes", "lips_closed_jaw_open", "viseme_th")
)
"""What people show seldom, and data sets therefore lack: winks, one-sided mouths and brows, tongue, puffed cheeks."""

OPPOSITES = (
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
    *((f"mouthSmile{side}", f"mouthFrown{side}") for side in ("Left", "Right")),
    *((f"eyeBlink{side}", f"eyeWide{side}") for side in ("Left", "Right")),
    *((f"eyeSquint{side}", f"eyeWide{side}") for side in ("Left", "Right")),
    *((f"browDown{side}", f"browOuterUp{side}") for side in ("Left", "Right")),
    ("mouthFunnel", "mouthRollLower"),
    ("mouthFunnel", "mouthRollUpper"),
    ("cheekPuff", "tongueOut"),
)
"""Pairs that a sparse draw does not combine: each undoes the other or needs the same muscle."""


def columns(pose: Mapping[str, float]) -> dict[int, float]:
    """Weights by column instead of name."""
    return {COLUMN[name]: weight for name, weight in pose.items()}


def draw_name(rng: np.random.Generator, names: tuple[str, ...], rare_factor: float) -> str:
    """One of the names, rare ones by `rare_factor` oftener than others; evenly if that leaves none."""
    odds = _cumulated(names, rare_factor)
    return names[bisect.bisect_right(odds, rng.random() * odds[-1])]


@lru_cache(maxsize=64)
def _cumulated(names: tuple[str, ...], rare_factor: float) -> tuple[float, ...]:
    odds = [rare_factor if name in RARE else 1.0 for name in names]
    return tuple(itertools.accumulate(odds if sum(odds) > 0 else [1.0] * len(names)))


def spread(weights: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
    """(..., E) in the order of `names` from (..., 52) in ARKit's; names that are not ARKit's stay at 0."""
    out = np.zeros((*weights.shape[:-1], len(names)))
    for k, name in enumerate(names):
        if name in COLUMN:
            out[..., k] = weights[..., COLUMN[name]]
    return out
