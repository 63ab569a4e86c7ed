"""Teeth and gums with a tooth's shape, hung on MakeHuman's two plain bands.

Each band is 17 columns of 4 points: outer root, outer middle, biting edge, inner root. Every tooth vertex is a fixed
weighted sum of band points (a spline along the arch, straight lines across), so teeth follow every identity and jaw.
Widths are mean crown widths of adults (round numbers after dental anatomy, priors), scaled to the arch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

COLUMNS, ROWS = 17, 4
UPPER_WIDTHS = (8.5, 6.6, 7.6, 7.1, 6.8, 10.2, 9.6)
LOWER_WIDTHS = (5.4, 6.0, 6.9, 7.1, 7.2, 11.2, 10.6)
"""Central incisor to second molar, mm."""
DETAILED = 4
"""Teeth per side from the middle that get six columns; those behind get two."""
BITE_LOWERED = 0.11
"""Shift of both rows of teeth, in heights of a band (about 16 mm): upper incisors end a little below the lip line."""
OUTWARD_MM = 7.5
"""Length of the band's depth, by which displacements are expressed."""


@dataclass(frozen=True, eq=False)
class Teeth:
    """Rows to append to a subdivided head.

    Attributes:
        matrix: (n, 136) weights of the band points, upper band then lower band, each `COLUMNS` x `ROWS`.
        quads: (q, 4) int32 into the n vertices. part: (q,) 0 upper tooth, 1 lower tooth, 2 gum.
        mirror: (n,) int32. uv: (n, 2).
    """

    matrix: NDArray[np.float64]
    quads: NDArray[np.int32]
    part: NDArray[np.int32]
    mirror: NDArray[np.int32]
    uv: NDArray[np.float64]


def order_band(points: NDArray[np.float64], quads: NDArray[np.int32]) -> NDArray[np.int32]:
    """(COLUMNS, ROWS) vertices of one band from the wearer's right end to the left end, outer root first.

    Args:
        points: (N, 3) positions that `quads` (48, 4) index; only the sidedness of columns is read off them.
    """
    ids = np.unique(quads)
    around: dict[int, set[int]] = {int(v): set() for v in ids}
    shared: dict[tuple[int, int], int] = {}
    for quad in quads.tolist():
        for a, b in zip(quad, quad[1:] + quad[:1], strict=True):
            around[a].add(b)
            around[b].add(a)
            key = (min(a, b), max(a, b))
            shared[key] = shared.get(key, 0) + 1
    rim = {k for k, n in shared.items() if n == 1}
    middle = [v for v in around if abs(points[v, 0]) < 1e-6]
    roots = [v for v in middle if any((min(v, w), max(v, w)) in rim for w in around[v])]
    column = [max(roots, key=lambda v: points[v, 2])]
    while len(column) < ROWS:
        column.append(next(w for w in around[column[-1]] if w in middle and w not in column))
    table = [column]
    for sign in (1, -1):
        seen, last = set(column), column
        for _ in range(COLUMNS // 2):
            last = [
                max(
                    (w for w in around[v] if w not in seen and w not in last), key=lambda w: sign * _ahead(points, v, w)
                )
                for v in last
            ]
            seen.update(last)
            table = [*table, last] if sign == 1 else [last, *table]
    return np.array(table, np.int32)


def _ahead(points: NDArray[np.float64], v: int, w: int) -> float:
    """Signed step along the arch towards the wearer's left."""
    return float(points[w, 0] - points[v, 0]) - np.sign(points[v, 0]) * float(points[w, 2] - points[v, 2])


def build_teeth(upper: NDArray[np.float64], lower: NDArray[np.float64]) -> Teeth:
    """Teeth for two bands of (COLUMNS, ROWS, 3) points, m."""
    parts = [_jaw(upper, UPPER_WIDTHS, BITE_LOWERED), _jaw(lower, LOWER_WIDTHS, -BITE_LOWERED)]
    half = COLUMNS * ROWS
    n = len(parts[0][0])
    matrix = np.zeros((n + len(parts[1][0]), 2 * half))
    matrix[:n, :half], matrix[n:, half:] = parts[0][0], parts[1][0]
    quads = [parts[0][1], parts[1][1] + n]
    # the lower band's profile runs the other way up
    quads[1] = quads[1][:, [0, 3, 2, 1]]
    gum = [np.where(p[2], 2, k) for k, p in enumerate(parts)]
    mirror = np.concatenate([parts[0][3], parts[1][3] + n])
    uv = np.concatenate([parts[0][4] * [0.06, 0.01] + [0.678, 0.876], parts[1][4] * [0.06, 0.01] + [0.678, 0.887]])
    return Teeth(matrix, np.concatenate(quads).astype(np.int32), np.concatenate(gum), mirror.astype(np.int32), uv)


def _jaw(
    band: NDArray[np.float64], widths: tuple[float, ...], lengthened: float
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.int32], NDArray[np.float64]]:
    edge = band[:, 1:3].mean(axis=1)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(edge, axis=0), axis=1))])
    length -= length[COLUMNS // 2]
    position, local, front = [0.0], [-1.0], [1.0]
    start, scale = 0.0, length[-1] / sum(widths)
    for k, width in enumerate(widths):
        for turn in (-0.8, -0.4, 0.0, 0.4, 0.8, 1.0) if k < DETAILED else (0.0, 1.0):
            position.append(start + (turn + 1) / 2 * width * scale)
            local.append(turn)
            front.append(1.0 if k < 3 else 0.4)
        start += width * scale
    s = np.array(position)
    s, t, f = (
        np.concatenate([-s[:0:-1], s]),
        np.concatenate([local[:0:-1], local]),
        np.concatenate([front[:0:-1], front]),
    )
    along = CubicSpline(length, np.eye(COLUMNS), bc_type="natural")(s)  # (columns, COLUMNS)

    between = np.abs(t) ** 4  # 1 between two teeth
    gum = 0.30 + 0.15 * t**2
    heights = [0 * t, gum * 0.55, gum, gum + 0.05, 0 * t + 0.72, 0 * t + 0.92, 0 * t + 1.0, 0 * t + 1.10, 0 * t + 1.7]
    swell = [0.2 + 0 * t, 0.75 + 0 * t, 0.45 - 0.2 * between, 0.15 - 0.9 * between, 0.25 - 1.2 * between]
    swell += [0.05 - 1.3 * between * f, -0.45 - 0.6 * between * f, -0.3 + 0 * t, 0.6 * between]
    shorten = [0.0, 0.0, 0.0, 0.0, 0.0, 0.03, 0.07, 0.05, 0.0]
    rows = []
    for height, out, short in zip(heights, swell, shorten, strict=True):
        across = _profile(height - short * between)
        across[:, 1] += out / OUTWARD_MM
        across[:, 3] -= out / OUTWARD_MM
        across[:, 2] += lengthened
        across[:, 0] -= lengthened
        rows.append((along[:, :, None] * across[:, None, :]).reshape(len(s), -1))
    matrix = np.stack(rows, axis=1)
    columns, count = matrix.shape[:2]
    index = np.arange(columns * count).reshape(columns, count)
    mirror = index[::-1].ravel()
    middle = columns // 2
    a, b = index[middle:-1], index[middle + 1 :]
    left = np.stack([a[:, :-1], a[:, 1:], b[:, 1:], b[:, :-1]], axis=-1).reshape(-1, 4)
    right = mirror[left][:, [0, 3, 2, 1]]
    is_gum = np.tile(np.arange(count - 1) < 2, columns - 1 - middle)
    grid = np.stack(np.broadcast_arrays(np.linspace(0, 1, columns)[:, None], np.linspace(0, 1, count)), axis=-1)
    return (
        matrix.reshape(columns * count, -1),
        np.concatenate([left, right]).astype(np.int32),
        np.concatenate([is_gum, is_gum]),
        mirror.astype(np.int32),
        grid.reshape(-1, 2),
    )


def _profile(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, ROWS) weights across the band: 0 outer root, 0.5 outer middle, 1 biting edge, 2 inner root."""
    knots = np.array([0.0, 0.5, 1.0, 2.0])
    weights = np.zeros((len(v), ROWS))
    for k in range(ROWS):
        weights[:, k] = np.interp(v, knots, np.eye(ROWS)[k])
    return weights
