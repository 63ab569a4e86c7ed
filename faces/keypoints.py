"""100 named keypoints: vertices of the built-in head, chosen once on the mean face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faces.assembly import Assembly
from faces.asset import HeadAsset
from faces.cut import MASKS
from faces.eyeball import SEGMENTS
from faces.labels import BROW_X, BROW_Y, EYE_X_MM
from faces.lids import COLUMNS, LATERAL
from faces.lips import below_lips

# Front-view positions on the mean face, mm, x towards the left: name -> (x, y).
MIDLINE = {
    "nose_bridge_1": (0, 0),
    "nose_bridge_2": (0, -11),
    "nose_bridge_3": (0, -22),
    "nose_tip": (0, -37),
    "nose_base": (0, -49),
    "glabella_low": (0, 8),
    "glabella_middle": (0, 15),
    "glabella_high": (0, 22),
    "forehead_middle": (0, 44),
    "chin_upper": (0, -88),
    "chin_lower": (0, -102),
    "jaw_middle": (0, -108),
}
PAIRED = {
    "nose_side": (9, -18),
    "nose_wing": (17, -37),
    "nose_wing_base": (12, -46),
    "cheek_inner": (24, -24),
    "cheek_high": (42, -18),
    "cheek_middle": (40, -38),
    "cheek_low": (36, -58),
    "jaw_1": (15, -104),
    "jaw_2": (30, -95),
    "jaw_3": (44, -80),
    "forehead_side": (28, 42),
}
LID_COLUMNS = {
    "canthus_inner": 0,
    **{f"lid_upper_{k + 1}": c for k, c in enumerate((12, 20, 28, 36, 45))},
    "canthus_outer": LATERAL,
    **{f"lid_lower_{k + 1}": COLUMNS - c for k, c in enumerate((12, 20, 28, 36, 45))},
}
LIP_X = (6.0, 12.0, 18.0)
LIP_INNER_X = 11.0
"""Lip contours: distance of the paired points from the midline, mm."""


def choose_keypoints(asset: HeadAsset, parts: Assembly) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Names (100) and welded vertices (100,)."""
    points = asset.mean_face_mm()
    front = np.where(np.isin(np.arange(len(points)), _visible_skin(asset)), 0.0, 1e6)

    def nearest(x: float, y: float) -> int:
        distance = np.hypot(points[:, 0] - x, points[:, 1] - y) + front - 0.02 * points[:, 2]
        return int(np.argmin(distance + (1e6 * (np.abs(points[:, 0]) > 1e-6) if x == 0 else 0.0)))

    left: dict[str, int] = {name: nearest(*xy) for name, xy in PAIRED.items()}
    for k, x in enumerate(np.linspace(BROW_X[0] + 2, BROW_X[-1] - 2, 5)):
        left[f"brow_{k + 1}"] = nearest(EYE_X_MM + x, float(np.interp(x, BROW_X, BROW_Y)))
    left |= {f"eye_{name}": int(parts.outer[0, c]) for name, c in LID_COLUMNS.items()}
    left["pupil"] = int(parts.eyeball[0, 0])
    limbus = 1 + IRIS_RING * SEGMENTS
    for name, turn in (("up", 0.0), ("outer", 0.25), ("down", 0.5), ("inner", 0.75)):
        left[f"iris_{name}"] = int(parts.eyeball[0, limbus + int(turn * SEGMENTS)])
    middle = {name: nearest(*xy) for name, xy in MIDLINE.items()}
    lip_left, lip_middle = _lips(asset, points)
    left |= lip_left
    middle |= lip_middle

    names: list[str] = list(middle)
    vertices = list(middle.values())
    for side, partner in (("left", None), ("right", parts.mirror)):
        for name, vertex in left.items():
            names.append(f"{name}_{side}")
            vertices.append(vertex if partner is None else int(partner[vertex]))
    return tuple(names), np.array(vertices, np.intp)


IRIS_RING = 10
"""Which ring of the eyeball lies just outside the iris; see `faces.eyeball.build_eyeball`."""


def _visible_skin(asset: HeadAsset) -> NDArray[np.intp]:
    """Fine vertices of the outer skin: no inside of the mouth, no ear, no teeth or tongue."""
    outer = (asset.fine_part == 0) & (asset.masks[MASKS.index("inside-mouth")] < 0.3)
    outer &= asset.masks[MASKS.index("ears")] < 0.3
    return np.unique(asset.fine_quads[outer])


def _lips(asset: HeadAsset, points: NDArray[np.float64]) -> tuple[dict[str, int], dict[str, int]]:
    """Outer and inner contours: paired points of the left half, and midline points."""
    lip = np.zeros(len(points))
    count = np.zeros(len(points))
    np.add.at(lip, asset.fine_quads.ravel(), np.repeat(asset.masks[MASKS.index("lips")], 4))
    np.add.at(count, asset.fine_quads.ravel(), 1.0)
    lip /= np.maximum(count, 1)
    lower = below_lips(asset)
    inner_quads = np.unique(asset.fine_quads[asset.masks[MASKS.index("inside-mouth")] > 0.02])
    visible = np.isin(np.arange(len(points)), np.setdiff1d(_visible_skin(asset), inner_quads))
    visible &= (points[:, 1] < -55) & (points[:, 1] > -90)

    def outer(x: float, is_lower: bool) -> int:
        edge = visible & (lower == is_lower) & (np.abs(lip - 0.5) < 0.35) & (points[:, 2] > 12)
        cost = np.abs(points[:, 0] - x) + 3 * np.abs(lip - 0.5) + 1e6 * ~edge
        return int(np.argmin(cost + (1e6 * (np.abs(points[:, 0]) > 1e-6) if x == 0 else 0.0)))

    def inner(x: float, is_lower: bool) -> int:
        on = visible & (lower == is_lower) & (lip > 0.8)
        sign = -1.0 if is_lower else 1.0
        cost = 2.0 * np.abs(points[:, 0] - x) + sign * points[:, 1] - 0.6 * points[:, 2] + 1e6 * ~on
        return int(np.argmin(cost + (1e6 * (np.abs(points[:, 0]) > 1e-6) if x == 0 else 0.0)))

    corner = visible & (lip > 0.25)
    left = {"lip_corner": int(np.argmax(np.where(corner, points[:, 0], -1e6)))}
    for k, x in enumerate(LIP_X):
        left |= {f"lip_upper_outer_{k + 1}": outer(x, False), f"lip_lower_outer_{k + 1}": outer(x, True)}
    left |= {"lip_upper_inner": inner(LIP_INNER_X, False), "lip_lower_inner": inner(LIP_INNER_X, True)}
    middle = {
        "lip_upper_outer_middle": outer(0, False),
        "lip_lower_outer_middle": outer(0, True),
        "lip_upper_inner_middle": inner(0, False),
        "lip_lower_inner_middle": inner(0, True),
    }
    return left, middle


def keypoint_groups(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Indices of the keypoints that score each region: skin points only, so that gaze alone is no motion."""

    def of(*prefixes: str, side: str = "") -> tuple[int, ...]:
        return tuple(k for k, n in enumerate(names) if n.startswith(prefixes) and n.endswith(side))

    return {
        "eye_left": of("brow_", "eye_", side="_left"),
        "eye_right": of("brow_", "eye_", side="_right"),
        "glabella": tuple(sorted({*of("glabella"), *of("brow_1"), *of("nose_bridge_1")})),
        "mouth": of("lip_"),
        "lips": of("lip_"),
        "nose": of("nose_"),
        "cheeks": of("cheek_"),
        "chin": of("chin_", "jaw_middle", "jaw_1"),
        "forehead": of("forehead"),
    }
