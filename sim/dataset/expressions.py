"""Expressions and gaze of frames that stand by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from faces.expressions import PEAKS
from sim.dataset.config import ExpressionPart, GazePart

RARE = (
    *("wink_left", "wink_right", "smile_left", "smile_right", "lip_up_left", "lip_up_right", "kiss_left", "kiss_right"),
    *("mouth_left", "mouth_right", "jaw_open_left", "jaw_open_right", "brow_left_up", "brow_right_up"),
    *("tongue_out", "cheek_puff"),
)
"""What people seldom do on their own: winks and lopsided mouths (REFA 6.3 adds such), tongue and cheeks."""
OPPOSITE = (
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
    ("eyeBlinkLeft", "eyeWideLeft"),
    ("eyeBlinkRight", "eyeWideRight"),
    ("mouthSmileLeft", "mouthFrownLeft"),
    ("mouthSmileRight", "mouthFrownRight"),
    ("browInnerUp", "browDownLeft"),
    ("browInnerUp", "browDownRight"),
)
"""Of two that pull against each other the stronger stays, less the weaker."""
HALF_IPD_M = 0.0315
AZIMUTH, ELEVATION = np.radians(45.0), np.radians([-40.0, 35.0])


def draw_expression(
    rng: np.random.Generator, part: ExpressionPart, names: Sequence[str]
) -> tuple[str, NDArray[np.float64]]:
    """What is shown, such as "peak:smile" or "rare:wink_left+blink", and its weights (E,) in the order of `names`."""
    mix = part.mix.model_dump()
    kinds = np.array(list(mix.values()), float)
    kind = list(mix)[int(rng.choice(len(kinds), p=kinds / kinds.sum()))]
    weights = np.zeros(len(names))
    shown: list[str] = []
    count = int(rng.integers(part.parts[0], part.parts[1] + 1)) if kind == "combination" else int(kind != "neutral")
    pool = {"rare": RARE, "action": tuple(names)}.get(kind, tuple(name for name in PEAKS if name != "neutral"))
    for name in rng.choice(np.array(pool), count, replace=False).tolist():
        shown.append(name)
        pose = PEAKS.get(name, {name: 1.0})
        _add(weights, pose, part.intensity.draw(rng), names)
    for index in rng.choice(len(names), min(part.background_actions, len(names)), replace=False):
        weights[index] += part.background.draw(rng)
    weights = np.minimum(weights, 1.0)
    _settle(weights, names)
    if rng.random() < part.blink_share:
        shown.append("blink")
        depth = float(rng.uniform(0.1, 1.0))
        for name in ("eyeBlinkLeft", "eyeBlinkRight"):
            if name in names:
                weights[names.index(name)] = max(weights[names.index(name)], depth)
    return f"{kind}:{'+'.join(shown)}" if shown else kind, np.round(weights, 4)


def draw_gaze(rng: np.random.Generator, part: GazePart) -> NDArray[np.float64]:
    """(2, 2) azimuth and elevation of left and right optical axis, rad: both look at one point."""
    azimuth, elevation = np.radians(part.azimuth_deg.draw(rng)), np.radians(part.elevation_deg.draw(rng))
    distance = part.distance_m.draw(rng)
    towards = np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)])
    out = []
    for side in (1.0, -1.0):  # left is +x
        x, y, z = distance * towards - np.array([side * HALF_IPD_M, 0.0, 0.0])
        out.append((np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))))
    angles: NDArray[np.float64] = np.array(out, np.float64)
    angles[:, 0] = np.clip(angles[:, 0], -AZIMUTH, AZIMUTH)
    angles[:, 1] = np.clip(angles[:, 1], *ELEVATION)
    return np.asarray(np.round(angles, 6), np.float64)


def _add(weights: NDArray[np.float64], pose: Mapping[str, float], intensity: float, names: Sequence[str]) -> None:
    for name, weight in pose.items():
        if name in names:
            weights[names.index(name)] += intensity * weight


def _settle(weights: NDArray[np.float64], names: Sequence[str]) -> None:
    for one, other in OPPOSITE:
        if one in names and other in names:
            i, k = names.index(one), names.index(other)
            both = min(weights[i], weights[k])
            weights[i] -= both
            weights[k] -= both
