"""Eyelashes as thin, tapered, curved ribbons rooted on the lid margins' outer edges.

Counts, lengths and curl are round numbers after textbook anatomy (priors): upper lashes 8 mm, curling up; lower 4 mm,
curling down. A ribbon is a strip of quads across its own width with a pointed tip, seen from both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.lids import COLUMNS, LATERAL

UPPER_COUNT, LOWER_COUNT = 44, 26
UPPER_LENGTH, LOWER_LENGTH = 0.0080, 0.0042
ROOT_WIDTH = 0.00034
"""A ribbon stands for a clump of two to four lashes: single ones, 0.1 mm wide, break into dots of half a pixel."""
SECTIONS = 4
"""Cross-sections of two vertices each, before the tip."""
VERTICES = 2 * SECTIONS + 1
UPPER_CURL = np.radians([-4.0, 58.0])
LOWER_CURL = np.radians([14.0, 62.0])
"""Angle from straight out of the margin towards the lid's skin, at root and tip."""


@dataclass(frozen=True, eq=False)
class LashLayout:
    """Lashes of one eye; both eyes share it in eye frames.

    Attributes:
        column: (L,) int, margin column before the root; fraction: (L,) in [0, 1) on the way to the next.
        length: (L,) m. lean: (L,) rad, fanning out towards the canthi. curl: (L, 2). upper: (L,) bool.
        triangles: (T, 3) int32 for the left eye, into L * VERTICES vertices.
    """

    column: NDArray[np.intp]
    fraction: NDArray[np.float64]
    length: NDArray[np.float64]
    lean: NDArray[np.float64]
    curl: NDArray[np.float64]
    upper: NDArray[np.bool_]
    triangles: NDArray[np.int32]


def build_lashes() -> LashLayout:
    """Evenly spaced roots with a little fixed irregularity."""
    rng = np.random.default_rng(20)  # the look of one set of lashes, the same for every wearer; not a random draw
    roots, lengths, leans, curls, uppers = [], [], [], [], []
    for upper, count, start, length, curl in (
        (True, UPPER_COUNT, 5.0, UPPER_LENGTH, UPPER_CURL),
        (False, LOWER_COUNT, LATERAL + 3.0, LOWER_LENGTH, LOWER_CURL),
    ):
        span = LATERAL - 8.0 if upper else LATERAL - 14.0
        along = (np.arange(count) + 0.5 + rng.uniform(-0.25, 0.25, count)) / count
        middle = along if upper else 1 - along  # 0 at the medial, 1 at the lateral end
        roots.append(start + span * along)
        lengths.append(
            length * (0.62 + 0.38 * np.sin(np.pi * np.clip(0.12 + 0.8 * middle, 0, 1))) * rng.uniform(0.9, 1.05, count)
        )
        leans.append((middle - 0.45) * np.radians(70) + rng.normal(0, np.radians(4), count))
        curls.append(curl + rng.normal(0, np.radians(3), (count, 1)))
        uppers.append(np.full(count, upper))
    root = np.concatenate(roots)
    strip = []
    for k in range(SECTIONS - 1):
        a = 2 * k
        strip += [(a, a + 1, a + 3), (a, a + 3, a + 2)]
    strip.append((2 * SECTIONS - 2, 2 * SECTIONS - 1, 2 * SECTIONS))
    n = len(root)
    triangles = (np.arange(n)[:, None, None] * VERTICES + np.array(strip)).reshape(-1, 3)
    return LashLayout(
        column=np.floor(root).astype(np.intp),
        fraction=root - np.floor(root),
        length=np.concatenate(lengths),
        lean=np.concatenate(leans),
        curl=np.concatenate(curls),
        upper=np.concatenate(uppers),
        triangles=triangles.astype(np.int32),
    )


def pose_lashes(layout: LashLayout, outer: NDArray[np.floating], inner: NDArray[np.floating]) -> NDArray[np.float64]:
    """(B, 2, L * VERTICES, 3) vertices in eye frames.

    Args:
        layout: from `build_lashes`.
        outer, inner: (B, 2, COLUMNS, 3) edges of the posed margins.
    """
    after = (layout.column + 1) % COLUMNS
    t = layout.fraction[:, None]

    def at(ring: NDArray[np.floating]) -> NDArray[np.floating]:
        return ring[..., layout.column, :] * (1 - t) + ring[..., after, :] * t

    root, deep = at(outer), at(inner)
    out = _unit(root - deep)
    along = outer[..., after, :] - outer[..., layout.column, :]
    along = np.where(layout.upper[:, None], along, -along)  # towards the temple on both lids
    along = _unit(along - out * np.sum(along * out, axis=-1, keepdims=True))
    skin = np.cross(out, along)
    skin = np.where(layout.upper[:, None], skin, -skin)
    heading = np.cos(layout.lean)[:, None] * out + np.sin(layout.lean)[:, None] * along
    side = _unit(np.cross(skin, heading))

    s = np.linspace(0, 1, SECTIONS + 1)
    angle = layout.curl[:, :1] + (layout.curl[:, 1:] - layout.curl[:, :1]) * ((s[:-1] + s[1:]) / 2)
    step = layout.length[:, None] / SECTIONS
    forward = np.concatenate([np.zeros_like(step), np.cumsum(np.cos(angle) * step, axis=1)], axis=1)
    upward = np.concatenate([np.zeros_like(step), np.cumsum(np.sin(angle) * step, axis=1)], axis=1)
    spine = root[..., None, :] + forward[..., None] * heading[..., None, :] + upward[..., None] * skin[..., None, :]
    half = ROOT_WIDTH / 2 * (1 - 0.75 * s[:-1])[:, None] * side[..., None, :]
    pairs = np.stack([spine[..., :-1, :] - half, spine[..., :-1, :] + half], axis=-2)
    pairs = pairs.reshape(*pairs.shape[:-3], 2 * SECTIONS, 3)
    whole = np.concatenate([pairs, spine[..., -1:, :]], axis=-2)
    return whole.reshape(*whole.shape[:-3], -1, 3)


def _unit(v: NDArray[np.floating]) -> NDArray[np.floating]:
    return v / np.linalg.norm(v, axis=-1, keepdims=True)
