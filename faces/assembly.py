"""Puts skin, lid margins, eyeballs and lashes together into one fixed topology.

Vertices, in order: subdivided skin (with mouth, teeth, tongue); one extra point on every other margin edge; then for
the left and the right eye each: inner margin edge, two conjunctival rows, eyeball, lashes; last, copies of skin
vertices that lie on a texture seam. Geometry and normals belong to the welded vertices, so seams never show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset
from faces.errors import HeadDataError
from faces.eyeball import PARTS as EYE_PARTS
from faces.eyeball import EyeballMesh
from faces.labels import label_quads
from faces.lashes import VERTICES as LASH_VERTICES
from faces.lashes import LashLayout
from faces.lids import COLUMNS, LOOP
from faces.materials import MATERIAL_NAMES
from faces.regions import REGION_LABELS


@dataclass(frozen=True, eq=False)
class Assembly:
    """Fixed topology and where each piece's vertices are.

    Attributes:
        welded: number of vertices without texture seams; copies: (D,) the welded vertex each further one repeats.
        triangles: (T, 3) int32 with seams, what `Topology` shows; welded_triangles: the same without.
        uv: (V, 2) float32; mirror: (V,) int32; region_ids, material_ids: (T,) int32.
        loops: (2, LOOP) skin vertices of each margin's outer edge; outer: (2, COLUMNS) the same with the extra points.
        inner, fornix, behind: (2, COLUMNS); eyeball: (2, E); lashes: (2, L): vertex indices by eye.
        rim: (R,) skin vertices at the neck's cut, in order; cap: the vertex amid them that closes it.
    """

    welded: int
    copies: NDArray[np.int32]
    triangles: NDArray[np.int32]
    welded_triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    mirror: NDArray[np.int32]
    region_ids: NDArray[np.int32]
    material_ids: NDArray[np.int32]
    loops: NDArray[np.int32]
    outer: NDArray[np.int32]
    inner: NDArray[np.int32]
    fornix: NDArray[np.int32]
    behind: NDArray[np.int32]
    eyeball: NDArray[np.int32]
    lashes: NDArray[np.int32]
    rim: NDArray[np.int32]
    cap: int


def assemble(asset: HeadAsset, eyeball: EyeballMesh, lashes: LashLayout) -> Assembly:
    """Build the topology of the head."""
    skin = len(asset.fine_mirror)
    loops = margin_loops(asset)
    cursor = skin

    def take(count: int) -> NDArray[np.int32]:
        nonlocal cursor
        block = np.arange(cursor, cursor + 2 * count, dtype=np.int32).reshape(2, count)
        cursor += 2 * count
        return block

    extra = take(LOOP)
    inner, fornix, behind = take(COLUMNS), take(COLUMNS), take(COLUMNS)
    ball, lash = take(len(eyeball.vertices)), take(len(lashes.length) * LASH_VERTICES)
    outer = np.stack([loops, extra], axis=-1).reshape(2, COLUMNS)
    rim, cap = neck_rim(asset, loops), cursor
    welded = cursor + 1

    region, material = label_quads(asset)
    triangles, uv, uv_of = _skin_triangles(asset, loops, extra)
    quad_of = triangles[:, 3]
    blocks: list[NDArray[np.integer]] = [triangles[:, :3]]
    labels: list[NDArray[np.integer]] = [region[quad_of]]
    materials: list[NDArray[np.integer]] = [material[quad_of]]

    def add(block: NDArray[np.integer], label: str, stuff: str | NDArray[np.integer], side: int) -> None:
        blocks.append(block if side == 0 else block[:, ::-1])
        labels.append(np.full(len(block), REGION_LABELS.index(label)))
        materials.append(np.full(len(block), MATERIAL_NAMES.index(stuff)) if isinstance(stuff, str) else stuff)

    for side, name in enumerate(("left", "right")):
        add(_strip(outer[side], inner[side]), f"lids_{name}", "skin", side)
        add(_strip(inner[side], fornix[side]), f"eyeball_{name}", "caruncle", side)
        add(_strip(fornix[side], behind[side]), f"eyeball_{name}", "caruncle", side)
        stuff = np.array([MATERIAL_NAMES.index(p) for p in EYE_PARTS])[eyeball.part]
        add(ball[side][eyeball.triangles], f"eyeball_{name}", stuff, side)
        add(lash[side][lashes.triangles], "lashes", "lash", side)

    fan = np.stack([np.roll(rim, -1), rim, np.full(len(rim), cap)], axis=1)
    add(fan, "none", "skin", 0)

    whole = np.concatenate(blocks).astype(np.int32)
    seamed, copies, all_uv = _split_seams(whole, len(triangles), uv_of, uv, welded)
    polar = np.clip(0.5 + eyeball.vertices[:, :2] / 0.03, 0, 1)
    all_uv[ball.ravel()] = np.concatenate([polar, polar * [-1, 1] + [1, 0]])
    all_uv[extra] = (all_uv[loops] + all_uv[np.roll(loops, -1, axis=1)]) / 2
    for ring in (inner, fornix, behind):
        all_uv[ring] = all_uv[outer]
    all_uv[lash] = all_uv[outer[0, 0]]
    all_uv[cap] = all_uv[rim].mean(axis=0)

    mirror = np.arange(welded, dtype=np.int32)
    mirror[:skin] = asset.fine_mirror
    for block in (extra, inner, fornix, behind, ball, lash):
        mirror[block] = block[::-1]
    return Assembly(
        welded=welded,
        copies=copies,
        triangles=seamed,
        welded_triangles=whole,
        uv=np.clip(all_uv, 0, 1).astype(np.float32),
        mirror=_mirror_copies(mirror, copies, welded),
        region_ids=np.concatenate(labels).astype(np.int32),
        material_ids=np.concatenate(materials).astype(np.int32),
        loops=loops,
        outer=outer,
        inner=inner,
        fornix=fornix,
        behind=behind,
        eyeball=ball,
        lashes=lash,
        rim=rim,
        cap=cap,
    )


def neck_rim(asset: HeadAsset, loops: NDArray[np.int32]) -> NDArray[np.int32]:
    """(R,) vertices of the skin's one open edge besides the lids, in the order in which its quads run along it."""
    quads = asset.fine_quads[asset.fine_part == 0]
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    known = set(map(tuple, sides.tolist()))
    lids = set(loops.ravel().tolist())
    onward = {a: b for a, b in sides.tolist() if (b, a) not in known and a not in lids}
    rim = [min(onward)]
    while (after := onward[rim[-1]]) != rim[0]:
        rim.append(after)
    if len(rim) != len(onward):
        raise HeadDataError(f"the cut head must have one open edge at the neck, got one of {len(rim)} and others")
    return np.array(rim, np.int32)


def margin_loops(asset: HeadAsset) -> NDArray[np.int32]:
    """(2, LOOP) fine skin vertices of the margins: coarse ring vertices and their edge points in turn."""
    count = int(asset.quads.max()) + 1
    quads = asset.fine_quads[asset.fine_part == 0]  # corner, edge point, face point, edge point
    ends: dict[frozenset[int], int] = {}
    touched: dict[int, set[int]] = {}
    for k in (1, 3):
        for corner, edge in zip(quads[:, 0].tolist(), quads[:, k].tolist(), strict=True):
            touched.setdefault(edge, set()).add(corner)
    for edge, corners in touched.items():
        if edge >= count and len(corners) == 2:
            ends[frozenset(corners)] = edge
    loops = []
    for ring in asset.lid_rings.tolist():
        loop = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            loop += [a, ends[frozenset((a, b))]]
        loops.append(loop)
    return np.array(loops, np.int32)


def _skin_triangles(
    asset: HeadAsset, loops: NDArray[np.int32], extra: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
    """Triangles (T, 4): three vertices and the fine quad; texture coordinates; (T, 3) indices into them.

    Each fine quad is cut from its coarse corner to its face point, alike on both sides of the face; those at a lid
    margin have the extra margin point on their open side.
    """
    quads, uv = asset.fine_quads, asset.fine_uv
    middle: dict[tuple[int, int], int] = {}
    for loop, points in zip(loops.tolist(), extra.tolist(), strict=True):
        for a, b, m in zip(loop, loop[1:] + loop[:1], points, strict=True):
            middle[a, b] = middle[b, a] = m
    on_margin = np.isin(quads, loops).sum(axis=1) >= 2
    plain = np.flatnonzero(~on_margin)
    rows = [np.column_stack([quads[plain][:, c], plain]) for c in ([0, 1, 2], [0, 2, 3])]
    coords = [uv[plain][:, c] for c in ([0, 1, 2], [0, 2, 3])]
    special: list[tuple[int, ...]] = []
    special_uv: list[tuple[NDArray[np.float64], ...]] = []
    for q in np.flatnonzero(on_margin).tolist():
        for cut in ((0, 1, 2), (0, 2, 3)):
            corner = [int(quads[q, c]) for c in cut]
            where = [uv[q, c] for c in cut]
            for k in range(3):
                a, b, c = k, (k + 1) % 3, (k + 2) % 3
                m = middle.get((corner[a], corner[b]))
                if m is not None:
                    half = (where[a] + where[b]) / 2
                    special += [(corner[a], m, corner[c], q), (m, corner[b], corner[c], q)]
                    special_uv += [(where[a], half, where[c]), (half, where[b], where[c])]
                    break
            else:
                special.append((*corner, q))
                special_uv.append(tuple(where))
    triangles = np.concatenate([*rows, np.array(special)]).astype(np.int32)
    flat = np.concatenate([*coords, np.array(special_uv)]).reshape(-1, 2)
    values, index = np.unique(np.round(flat, 7), axis=0, return_inverse=True)
    return triangles, values, index.reshape(-1, 3).astype(np.int32)


def _strip(first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int32]:
    """Triangles between two closed rings of the left eye; the ring runs clockwise seen from the front.

    The diagonals lean the same way seen from the canthus on both lids.
    """
    a, b = first, np.roll(first, -1)
    c, d = second, np.roll(second, -1)
    return np.concatenate([np.stack([a, c, d], axis=1), np.stack([a, d, b], axis=1)]).astype(np.int32)


def _split_seams(
    triangles: NDArray[np.int32], skin: int, uv_of: NDArray[np.int32], uv: NDArray[np.float64], welded: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Give each further texture coordinate of a skin vertex a vertex of its own."""
    corners = np.stack([triangles[:skin].ravel(), uv_of.ravel()], axis=1)
    pairs, index = np.unique(corners, axis=0, return_inverse=True)
    first = np.concatenate([[True], pairs[1:, 0] != pairs[:-1, 0]])
    target = np.where(first, pairs[:, 0], welded + np.cumsum(~first) - 1)
    copies = pairs[~first, 0].astype(np.int32)
    coordinates = np.zeros((welded + len(copies), 2))
    coordinates[target] = uv[pairs[:, 1]]
    seamed = triangles.copy()
    seamed[:skin] = target[index.reshape(-1)].reshape(-1, 3)
    return seamed, copies, coordinates


def _mirror_copies(mirror: NDArray[np.int32], copies: NDArray[np.int32], welded: int) -> NDArray[np.int32]:
    """Extend the mirror map to seam copies: the k-th copy of a vertex to the k-th copy of its partner, or to it."""
    rank: dict[tuple[int, int], int] = {}
    seen: dict[int, int] = {}
    for k, vertex in enumerate(copies.tolist()):
        seen[vertex] = seen.get(vertex, 0) + 1
        rank[vertex, seen[vertex]] = welded + k
    order = {value: key for key, value in rank.items()}
    partners = []
    for k in range(len(copies)):
        vertex, turn = order[welded + k]
        partner = int(mirror[vertex])
        partners.append(rank.get((partner, turn), partner))
    return np.concatenate([mirror, np.array(partners, np.int32)])
