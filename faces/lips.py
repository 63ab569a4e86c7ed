"""Keeps lips shut where they should be: MakeHuman's mean mouth, and several actions alone, leave a slit.

The lips are rings of quads around the mouth. In each column the lowest point of the upper lip is compared with the
highest of the lower lip at the same place; a slit is closed by moving both halfway, the skin around following
smoothly. The correction belongs to the wearer's neutral face and to the basis of each action that does not open the
mouth, so a posed face is still a weighted sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from faces.arkit import ARKIT_NAMES
from faces.asset import HeadAsset
from faces.errors import HeadDataError

CONTACT_START = 520
"""MakeHuman's vertex on the midline where the upper lip touches the lower one."""
ROWS = 8
"""Rows of vertices outwards from the contact ring that may be a lip's edge, rolled in or out."""
FOLLOW_MM = 13.0
OVERLAP = 0.00035
CORNER_COLUMNS = 5
"""Columns next to each corner that are left as they are, fading."""
OPENING = (
    *("jawOpen", "mouthFunnel", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("tongueOut", "mouthClose"),
)
"""Actions that open the mouth, or undo that, by themselves."""


@dataclass(frozen=True, eq=False)
class LipSeal:
    """Columns of the lips and how the skin follows them.

    Attributes:
        upper, lower: (C, ROWS) fine vertices of each column of the upper and the lower lip, from the wearer's right
            corner to the left; row 0 is the contact ring.
        upper_fade, lower_fade: (C,) 1 along the lips, 0 at the corners.
        upper_partner: (C upper, C lower) weights of the lower columns at an upper column's x on the mean face;
        lower_partner: the reverse.
        vertices: (N,) fine vertices that follow; weights: (N, 2 C) of the upper, then the lower contact vertices.
    """

    upper: NDArray[np.intp]
    lower: NDArray[np.intp]
    upper_fade: NDArray[np.float64]
    lower_fade: NDArray[np.float64]
    upper_partner: NDArray[np.float64]
    lower_partner: NDArray[np.float64]
    vertices: NDArray[np.intp]
    weights: NDArray[np.float64]

    def close(self, height: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N,) changes of height, m, of `vertices` that close every slit of a face with heights (V1,)."""
        posed: NDArray[np.float64] = np.array(height, np.float64)
        before = posed[self.vertices]
        for _ in range(3):  # a point's partner moves a little differently from the point
            posed[self.vertices] += self._step(posed, OVERLAP)
        return posed[self.vertices] - before

    def _step(self, height: NDArray[np.float64], overlap: float) -> NDArray[np.float64]:
        edge_up, edge_low = height[self.upper].min(axis=1), height[self.lower].max(axis=1)
        up = np.maximum(edge_up - self.upper_partner @ edge_low + overlap, 0.0) * self.upper_fade
        low = np.maximum(self.lower_partner @ edge_up - edge_low + overlap, 0.0) * self.lower_fade
        return self.weights @ np.concatenate([-up / 2, low / 2])

    def seal_basis(self, basis: NDArray[np.float32], neutral: NDArray[np.floating]) -> None:
        """Close, in place, the slits that actions (52, V1, 3) leave on the sealed mean face (V1, 3)."""
        height = neutral[:, 1]
        jaw = basis[ARKIT_NAMES.index("jawOpen")][:, 1]
        for k, name in enumerate(ARKIT_NAMES):
            if name == "mouthClose":
                posed = height + jaw + basis[k][:, 1]
            elif name in OPENING or np.abs(basis[k][self.vertices]).max() < 1e-6:
                continue
            else:
                posed = height + basis[k][:, 1]
            if name.startswith("jaw"):  # the upper lip goes along with the lower one, or a jaw put forward shows teeth
                deep = basis[k][:, 2].astype(np.float64)
                lead_up = self.upper_partner @ deep[self.lower[:, 0]] - deep[self.upper[:, 0]]
                lead_low = deep[self.lower[:, 0]] - self.lower_partner @ deep[self.upper[:, 0]]
                pull = np.concatenate([lead_up * self.upper_fade, -lead_low * self.lower_fade])
                basis[k][self.vertices, 2] += self.weights @ pull * 0.45
            change = self.close(posed)
            basis[k][self.vertices, 1] += change


@lru_cache(maxsize=1)
def build_lip_seal(asset: HeadAsset) -> LipSeal:
    """Find the lips' columns and the weights with which the skin follows them, on the mean face."""
    points = asset.mean_face_mm()
    walk = _Walker(asset.fine_quads[asset.fine_part == 0])
    start = _contact_vertex(points, walk, asset)
    first = next(v for v in walk.neighbours(start[0]) if points[v, 0] > 0.5 and walk.share_quad(v, start[0]))
    ring = [start[0], first]
    while abs(points[ring[-1], 0]) > 1e-6:
        ring.append(walk.onward(ring[-2], ring[-1]))
    inside = [start[1]]
    inside.append(next(v for v in walk.neighbours(inside[0]) if walk.share_quad(v, ring[1]) and points[v, 0] > 0.5))
    while len(inside) < len(ring):
        inside.append(walk.onward(inside[-2], inside[-1]))
    columns = np.array([walk.line(a, b, ROWS) for a, b in zip(inside, ring, strict=True)])

    corner = int(np.argmax(points[ring, 0]))
    upper, lower = columns[: corner + 1], columns[corner:][::-1]
    upper, lower = (np.concatenate([asset.fine_mirror[half[:0:-1]], half]) for half in (upper, lower))
    ends = [points[half[:, 0], 0] for half in (upper, lower)]
    partner = (_interpolate(ends[0], ends[1]), _interpolate(ends[1], ends[0]))
    fades = [np.clip(np.minimum(np.arange(len(x)), np.arange(len(x))[::-1]) / CORNER_COLUMNS, 0, 1) for x in ends]
    contact = np.concatenate([upper[:, 0], lower[:, 0]])
    vertices, weights = _follow(asset, points, contact)
    return LipSeal(upper, lower, fades[0], fades[1], partner[0], partner[1], vertices, weights)


def below_lips(asset: HeadAsset) -> NDArray[np.bool_]:
    """(V1,) whether a skin vertex is nearer, over the surface, to the lower lip than to the upper one."""
    seal = build_lip_seal(asset)
    quads = asset.fine_quads
    n = len(asset.fine_mirror)
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    graph = sp.csr_array((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), shape=(n, n))
    inner = seal.upper[:, 0], seal.lower[:, 0]
    steps = [
        csgraph.dijkstra(graph, directed=False, indices=np.setdiff1d(*pair), unweighted=True, min_only=True)
        for pair in (inner, inner[::-1])
    ]
    return steps[1] < steps[0]


class _Walker:
    """Steps along the rows and columns of a quad mesh."""

    def __init__(self, quads: NDArray[np.int32]) -> None:
        self._quads: dict[int, list[tuple[int, ...]]] = {}
        for quad in quads.tolist():
            for v in quad:
                self._quads.setdefault(v, []).append(tuple(quad))

    def neighbours(self, v: int) -> list[int]:
        """Vertices joined to v by an edge."""
        found = {q[(q.index(v) + step) % 4] for q in self._quads[v] for step in (1, 3)}
        return sorted(found)

    def share_quad(self, a: int, b: int) -> bool:
        """Whether a quad holds both."""
        return any(b in q for q in self._quads[a])

    def onward(self, before: int, v: int) -> int:
        """The vertex straight ahead after the edge before-v."""
        beside = {w for q in self._quads[v] if before in q for w in q}
        ahead = [w for w in self.neighbours(v) if w not in beside]
        if len(ahead) != 1:
            raise HeadDataError(f"the lips are not made of rings of quads at fine vertex {v}")
        return ahead[0]

    def line(self, before: int, v: int, count: int) -> list[int]:
        """`count` vertices from v on; the last repeats where the grid ends."""
        found = [v]
        while len(found) < count:
            beside = {w for q in self._quads[found[-1]] if before in q for w in q}
            ahead = [w for w in self.neighbours(found[-1]) if w not in beside]
            if len(ahead) != 1:
                break
            before = found[-1]
            found.append(ahead[0])
        return found + found[-1:] * (count - len(found))


def _contact_vertex(points: NDArray[np.float64], walk: _Walker, asset: HeadAsset) -> tuple[int, int]:
    """The upper lip's lowest midline vertex, and the next one inside the mouth."""
    start = asset.coarse_index(CONTACT_START)
    middle = [v for v in walk.neighbours(start) if abs(points[v, 0]) < 1e-6]
    return start, min(middle, key=lambda v: float(points[v, 2]))


def _interpolate(at: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """(len(at), len(knots)) weights of linear interpolation over increasing knots."""
    order = np.argsort(knots, kind="stable")
    x = knots[order]
    right = np.clip(np.searchsorted(x, at), 1, len(x) - 1)
    t = np.clip((at - x[right - 1]) / np.maximum(x[right] - x[right - 1], 1e-9), 0, 1)
    weights = np.zeros((len(at), len(knots)))
    rows = np.arange(len(at))
    weights[rows, order[right - 1]] = 1 - t
    weights[rows, order[right]] += t
    return weights


def _follow(
    asset: HeadAsset, points: NDArray[np.float64], contact: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Vertices near the contact ring, and biharmonic weights of its (unique) vertices."""
    quads = asset.fine_quads[asset.fine_part == 0]
    near = cKDTree(points[contact]).query(points)[0] < FOLLOW_MM
    in_skin = np.zeros(len(points), bool)
    in_skin[quads] = True
    moving = np.flatnonzero(near & in_skin & ~np.isin(np.arange(len(points)), contact))
    sides = np.unique(np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1), axis=0)
    stiffness = 1 / np.maximum(np.linalg.norm(points[sides[:, 0]] - points[sides[:, 1]], axis=1), 1e-3)
    n = len(points)
    graph = sp.csr_array((stiffness, (sides[:, 0], sides[:, 1])), shape=(n, n))
    graph = graph + graph.T
    degree = np.maximum(graph.sum(axis=1), 1e-9)
    laplacian = sp.diags_array(1 / degree) @ (sp.diags_array(degree) - graph)
    bending = (laplacian.T @ sp.diags_array(degree) @ laplacian).tocsr()
    unique, where = np.unique(contact, return_inverse=True)
    solved = spla.splu(bending[moving][:, moving].tocsc()).solve(-bending[moving][:, unique].toarray())
    share = 1 / np.bincount(where)  # the corners belong to both lips
    spread = np.zeros((len(unique), len(contact)))
    spread[where, np.arange(len(contact))] = share[where]
    return np.concatenate([unique, moving]), np.concatenate([np.eye(len(unique)), solved]) @ spread
