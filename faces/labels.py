"""Which region and material each piece of the built-in head's skin is.

Lips, ears and the inside of the mouth come from MakeHuman's own texture masks; the rest are outlines drawn in front
view on the mean face. Coordinates are mm in the head frame of that face, x taken to the temporal side (x >= 0).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.cut import MASKS, PARTS
from faces.lips import below_lips
from faces.materials import MATERIAL_NAMES
from faces.regions import REGION_LABELS

EYE_X_MM = 28.8
"""Half the distance between the eyes of the mean face, unscaled."""
LID_RINGS = 4
"""Rings of quads around the margin that count as lids."""

BROW_X = np.array([-19.5, -15.0, -8.0, 0.0, 8.0, 15.0, 21.0, 25.0])
BROW_Y = np.array([14.0, 15.2, 17.2, 19.2, 20.3, 19.2, 16.2, 13.6])
BROW_HALF = np.array([2.2, 3.6, 3.9, 3.6, 3.0, 2.3, 1.5, 0.7])
"""Centre line and half width of the eyebrow's hair, x from the eye."""


def brow_distance(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    """Distance from the brow's centre line in units of its half width; infinite beyond its ends."""
    local = x - EYE_X_MM
    inside = (local >= BROW_X[0]) & (local <= BROW_X[-1])
    ratio = np.abs(y - np.interp(local, BROW_X, BROW_Y)) / np.interp(local, BROW_X, BROW_HALF)
    return np.where(inside, ratio, np.inf)


def label_quads(asset: HeadAsset) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Region label and material of each fine quad (4 F,), mirror symmetric.

    Returns:
        (4 F,) int32 into `REGION_LABELS`, (4 F,) int32 into `MATERIAL_NAMES`.
    """
    centre = asset.mean_face_mm()[asset.fine_quads].mean(axis=1)
    side = np.where(centre[:, 0] > 0, "left", "right")
    x, y, z = np.abs(centre[:, 0]), centre[:, 1], centre[:, 2]
    lips, ears, inside = (asset.masks[MASKS.index(m)] > 0.5 for m in ("lips", "ears", "inside-mouth"))
    part = asset.fine_part
    rings = ring_distance(asset)
    local = x - EYE_X_MM
    lower_lip = below_lips(asset)[asset.fine_quads].mean(axis=1) > 0.5
    nose_half = np.interp(-y, [-2, 6, 20, 32, 40, 52], [6.5, 8.0, 11.5, 17.0, 19.0, 17.0])

    region = np.full(len(centre), "none", dtype="<U16")

    def paint(name: str, where: NDArray[np.bool_], sided: bool = False) -> None:
        free = where & (region == "none") & (part == 0)
        region[free] = np.char.add(f"{name}_", side[free]) if sided else name

    hidden = ears | (z < -32)
    for name, which in (
        *(("upper_teeth", "teeth"), ("lower_teeth", "teeth")),
        *(("tongue", "tongue"), ("gums", "gums")),
    ):
        region[part == PARTS.index(name)] = which
    paint("mouth_interior", inside)
    paint("lip_lower", lips & lower_lip)
    paint("lip_upper", lips)
    seen = ~hidden
    paint("lids", (rings <= LID_RINGS) & seen, sided=True)
    # 1.5 mm of skin around the hair belongs to the brow as cameras see it
    brow = np.abs(y - np.interp(local, BROW_X, BROW_Y)) < np.interp(local, BROW_X, BROW_HALF) + 1.5
    paint("brow", brow & (local > -18.5) & (local < 26) & seen, sided=True)
    paint("glabella", (x < 11.5) & (y > 0) & (y < 26) & seen)
    paint("orbit", ((local / 24) ** 2 + ((y + 1) / 19.5) ** 2 < 1) & (x > nose_half) & seen, sided=True)
    paint("nose", (x < nose_half) & (y <= 2) & (y > -52) & (z > 8) & seen)
    paint("forehead", (y > 13) & (y < 62) & (z > -25) & seen)
    paint("perioral", ((x / 35) ** 2 + ((y + 70) / 23) ** 2 < 1) & (y < -45) & seen)
    paint("chin", (y < -84) & (y > -110) & (x < 25) & (z > -8) & seen)
    paint("cheek", (y <= 13) & (y > -82) & (z > -32) & (y > -100 + x * 0.4) & seen, sided=True)
    paint("jaw", (y <= -55) & (y > -112) & (z > -60) & ~ears)

    material = np.full(len(centre), "skin", dtype="<U16")
    material[np.isin(region, ("lip_upper", "lip_lower"))] = "lips"
    material[region == "mouth_interior"] = "mouth_interior"
    for name in ("teeth", "gums", "tongue"):
        material[region == name] = name
    material[(brow_distance(x, y) < 1.0) & np.char.startswith(region, "brow")] = "brow"
    regions = np.array([REGION_LABELS.index(r) for r in region], np.int32)
    return regions, np.array([MATERIAL_NAMES.index(m) for m in material], np.int32)


def ring_distance(asset: HeadAsset) -> NDArray[np.int32]:
    """(F1,) how many rings of coarse quads lie from each fine quad to the nearer lid margin; 1 touches it; 99 far."""
    n = len(asset.template)
    sides = np.stack([asset.quads, np.roll(asset.quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    graph = sp.csr_array((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), shape=(n, n))
    graph = sp.csr_array(graph + graph.T)
    depth = np.full(n, 99, np.int32)
    depth[asset.lid_rings.ravel()] = 0
    for step in range(1, 12):
        reached = (graph @ (depth < 99).astype(float)) > 0
        depth[reached & (depth == 99)] = step
    rings = np.full(len(asset.fine_quads), 99, np.int32)
    rings[: 4 * len(asset.quads)] = np.repeat(depth[asset.quads].max(axis=1), 4)
    return rings
