"""A posed head as every consumer sees it: fixed topology, moving vertices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.look import Look

ALBEDO_NM = (850.0, 940.0)
"""Wavelengths at which `HeadMesh.albedo` is tabulated."""


@dataclass(frozen=True, eq=False)
class Topology:
    """What never changes within one head model.

    Attributes:
        triangles: (T, 3) int32, counter-clockwise seen from outside.
        uv: (V, 2) float32 in [0, 1], origin at the lower left.
        region_ids: (T,) int32 into `region_labels`: a partition of the surface.
        region_labels: names of the parts; label 0 is "none" (scalp, neck, ears).
        regions: scored regions, each the union of labels; see `faces.regions`.
        material_ids: (T,) int32 into `material_names`.
        material_names: see `faces.materials`.
        keypoint_names: K names, unique; the wearer's left and right.
        region_keypoints: region name -> indices of the keypoints that score it (REFA eq. 2).
        mirror: (V,) int32, the vertex on the other side of the sagittal plane, or None for asymmetric topologies.
        welds: (V,) int32, for each vertex the one whose place it shares (texture seams double vertices), itself where
            there is none; None: there are no seams.
        rest: (V, 3) float32, the mean face on which the skin's details are laid out, m, origin midway between its
            eyes, axes of the head frame; None: the model has no such details.
        mean_face_mm: (V, 3) the mean face in the frame of `faces.labels`, NaN where there is no skin; None: no map of
            the face is known, and no hair grows on it.
        bare: the head's own topology where this one has glasses on it, whose vertices are the last; else None.
    """

    triangles: NDArray[np.int32]
    uv: NDArray[np.float32]
    region_ids: NDArray[np.int32]
    region_labels: tuple[str, ...]
    regions: Mapping[str, tuple[str, ...]]
    material_ids: NDArray[np.int32]
    material_names: tuple[str, ...]
    keypoint_names: tuple[str, ...]
    region_keypoints: Mapping[str, tuple[int, ...]]
    mirror: NDArray[np.int32] | None = None
    welds: NDArray[np.int32] | None = None
    rest: NDArray[np.float32] | None = None
    mean_face_mm: NDArray[np.float64] | None = None
    bare: Topology | None = None
    _region_triangles: dict[str, NDArray[np.intp]] = field(default_factory=dict, repr=False)

    @property
    def head(self) -> Topology:
        """The topology without what is worn."""
        return self.bare or self

    def weld_map(self, extra: int = 0) -> NDArray[np.int32]:
        """(V + extra,) for each vertex the one whose place it shares, or itself; so for `extra` vertices after them."""
        welds = np.arange(len(self.uv) + extra, dtype=np.int32)
        if self.welds is not None:
            welds[: len(self.welds)] = self.welds
        return welds

    def region_triangles(self, region: str) -> NDArray[np.intp]:
        """Indices of the triangles of a scored region or of a single label.

        Raises:
            FaceError: unknown region; the message lists the valid ones.
        """
        if region not in self._region_triangles:
            labels = self.regions.get(region, (region,) if region in self.region_labels else None)
            if labels is None:
                raise FaceError(f"unknown region {region!r}. Regions: {', '.join(self.regions)}")
            ids = [self.region_labels.index(label) for label in labels]
            self._region_triangles[region] = np.flatnonzero(np.isin(self.region_ids, ids))
        return self._region_triangles[region]


@dataclass(frozen=True, eq=False)
class HeadMesh:
    """A posed head, or a batch of them, in the head frame (m; +x wearer's left, +y up, +z out of the face).

    Attributes:
        topology: shared by all meshes of one model.
        vertices: (*batch, V, 3) float64, m.
        normals: (*batch, V, 3) float64, unit, outward.
        keypoints: (*batch, K, 3) float64, m.
        T_head_eye: (*batch, 2, 4, 4) float64; left then right eyeball: rotation centre and optical axis (+z).
        albedo: (2, V) float32, diffuse albedo at `ALBEDO_NM`; shared by the batch.
        look: skin, eyes, hair and glasses, from which their details are made.
        weights: (*batch, E) blendshape weights in the model's order, as asked for, or None; wrinkles follow them.
    """

    topology: Topology
    vertices: NDArray[np.float64]
    normals: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    T_head_eye: NDArray[np.float64]
    albedo: NDArray[np.float32]
    look: Look = Look()
    weights: NDArray[np.float64] | None = None

    @property
    def triangles(self) -> NDArray[np.int32]:
        """(T, 3) int32."""
        return self.topology.triangles

    @property
    def uv(self) -> NDArray[np.float32]:
        """(V, 2) float32."""
        return self.topology.uv

    @property
    def region_ids(self) -> NDArray[np.int32]:
        """(T,) int32 into `topology.region_labels`."""
        return self.topology.region_ids

    @property
    def material_ids(self) -> NDArray[np.int32]:
        """(T,) int32 into `topology.material_names`."""
        return self.topology.material_ids

    def albedo_at(self, wavelength_nm: float) -> NDArray[np.float32]:
        """(V,) diffuse albedo, linear between the tabulated wavelengths and constant beyond them."""
        lo, hi = ALBEDO_NM
        w = np.float32(np.clip((wavelength_nm - lo) / (hi - lo), 0.0, 1.0))
        return (1 - w) * self.albedo[0] + w * self.albedo[1]

    def __getitem__(self, index: int) -> HeadMesh:
        """One mesh of a batch."""
        return HeadMesh(
            self.topology,
            self.vertices[index],
            self.normals[index],
            self.keypoints[index],
            self.T_head_eye[index],
            self.albedo,
            self.look,
            None if self.weights is None else self.weights[index],
        )
