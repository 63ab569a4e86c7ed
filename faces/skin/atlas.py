"""The texture square of the skin's details: where each texel lies on the mean face, baked once per topology.

MakeHuman lays out a whole body; the face takes a twentieth of its square. Here the face's island alone fills the
square, upright, with rows and columns stretched so that a texel is about as large on the nose as on the cheek. The
stretch is a product of two one-dimensional monotone maps, so the layout stays as free of overlaps and seams as it was.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from faces.cache import load_arrays, source_digest, store_arrays
from faces.errors import FaceError
from faces.mesh import Topology
from faces.skin.albedo import touched
from faces.skin.noise import bake_relief
from faces.skin.texels import rasterise

RESOLUTION = 1152
FACE_BOX = ((0.372, 0.594), (0.757, 0.990))
"""MakeHuman's texture coordinates that the atlas covers: (low, high) of v, which runs to the wearer's left on the face,
and of u, which runs down."""
FADE_SHARE = 0.02
"""Width of the border, in sides of the square, on which all details fade away; beyond it the maps are neutral."""
MAPPED = ("skin", "lips", "brow")
"""Materials on which the maps apply."""
SOURCES = ("skin/atlas", "skin/noise", "skin/texels")


@dataclass(frozen=True, eq=False)
class Atlas:
    """Where texels are; images have rows along v from the bottom (chin) up and columns along u to the wearer's left.

    Attributes:
        uv: (V, 2) float32 in [0, 1], origin at the lower left; (0, 0), which is neutral, for what is not mapped.
        position: (H, W, 3) uint16, on the mean face; see `position_mm`.
        origin_mm: (3,), scale_mm: float: position_mm = origin_mm + scale_mm * position.
        step_mm: (H, W, 2) float16, mm on the mean face from one texel to the next along u and along v.
        shear: (H, W) float16, cosine of the angle between the directions of u and v on the mean face.
        lips, lids: (H, W) uint8, 0-255, how far a texel belongs to them.
        wet: (H, W) uint8, 0-255: nearness to the mouth's opening on the lips.
        fade: (H, W) uint8, 0 at the border and outside of the face, 255 inside.
        relief: (F, H, W) int8, independent unit Gaussian noise fields times 32, waves of about 1 mm.
    """

    uv: NDArray[np.float32]
    position: NDArray[np.uint16]
    origin_mm: NDArray[np.float64]
    scale_mm: float
    step_mm: NDArray[np.float16]
    shear: NDArray[np.float16]
    lips: NDArray[np.uint8]
    lids: NDArray[np.uint8]
    wet: NDArray[np.uint8]
    fade: NDArray[np.uint8]
    relief: NDArray[np.int8]

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        height, width = self.fade.shape
        return height, width

    def position_mm(self, where: Any = ...) -> NDArray[np.float32]:
        """(…, 3) position on the mean face of the texels that an index of the image picks, mm."""
        return self.position[where] * np.float32(self.scale_mm) + self.origin_mm.astype(np.float32)


def load_atlas(topology: Topology, resolution: int = RESOLUTION) -> Atlas:
    """The cached atlas, baked first where there is none (a few seconds).

    Raises:
        FaceError: a topology without `rest`, or a resolution outside [64, 4096].
    """
    if topology.rest is None:
        raise FaceError("skin maps need a topology with `rest`, the mean face; this head model has none")
    if not 64 <= resolution <= 4096:
        raise FaceError(f"`64 <= resolution <= 4096` must hold, got {resolution}")
    key = zlib.crc32(topology.triangles.tobytes() + topology.uv.tobytes() + topology.rest.tobytes())
    name = f"skin-{key:08x}-{resolution}-{source_digest(*SOURCES)}.npz"
    stored: dict[str, Any] | None = load_arrays(name, {f.name for f in fields(Atlas)})
    if stored is not None:
        return Atlas(**{**stored, "scale_mm": float(stored["scale_mm"])})
    atlas = bake(topology, resolution)
    store_arrays(name, {f.name: np.asarray(getattr(atlas, f.name)) for f in fields(Atlas)})
    return atlas


def bake(topology: Topology, resolution: int) -> Atlas:
    """Lay the face's island out and interpolate what is known at its vertices."""
    assert topology.rest is not None
    rest_mm = topology.rest.astype(np.float64) * 1e3
    flat = topology.uv[:, ::-1].astype(np.float64)  # to the wearer's left, down
    box = np.array(FACE_BOX)
    names = [topology.material_names.index(n) for n in MAPPED if n in topology.material_names]
    inside = np.asarray(((flat >= box[:, 0]) & (flat <= box[:, 1])).all(axis=1))
    mapped = np.isin(topology.material_ids, names) & inside[topology.triangles].all(axis=1)
    triangles = topology.triangles[mapped]
    if not len(triangles):
        raise FaceError("no skin of this topology lies where the atlas expects the face in its texture")
    uv = _even_out(flat, triangles, rest_mm, box)
    uv[touched(topology, ("sclera", "iris", "pupil"))] = 0.0

    step = _steps(uv, triangles, rest_mm)
    step[:, :2] /= resolution
    lips = _share(topology, ("lips",))
    lids = _label_share(topology, ("lids_left", "lids_right"))
    values = np.column_stack([rest_mm, step, lips, lids])
    image, cover = rasterise(uv, triangles, values, resolution)
    solid = ndimage.binary_fill_holes(cover)
    fade = np.clip((ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1] - 3) / (FADE_SHARE * resolution), 0, 1)
    hole = ndimage.distance_transform_edt(cover)
    nearest = ndimage.distance_transform_edt(~cover, return_distances=False, return_indices=True)
    image = image[tuple(nearest)]  # bilinear taps at the rim of a hole find sound values
    wet = np.exp(-((hole * image[..., 4] / 2.5) ** 2)) * image[..., 6] * solid
    origin = image[..., :3].reshape(-1, 3).min(axis=0)
    scale = float((image[..., :3].reshape(-1, 3).max(axis=0) - origin).max() / 65535)
    position = np.round((image[..., :3] - origin) / scale).astype(np.uint16)
    return Atlas(
        uv=uv.astype(np.float32),
        position=position,
        origin_mm=origin,
        scale_mm=scale,
        step_mm=image[..., 3:5].astype(np.float16),
        shear=image[..., 5].astype(np.float16),
        lips=_byte(image[..., 6]),
        lids=_byte(image[..., 7]),
        wet=_byte(wet),
        fade=_byte(fade * fade * (3 - 2 * fade)),
        relief=bake_relief(position * np.float32(scale), fade > 0),
    )


def _byte(image: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.round(255 * np.clip(image, 0, 1)).astype(np.uint8)


def _even_out(
    flat: NDArray[np.float64], triangles: NDArray[np.int32], rest_mm: NDArray[np.float64], box: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(V, 2) coordinates u to the wearer's left, v up, with rows and columns as tall and wide as the skin needs."""
    du, dv, _, area = _stretch(flat, triangles, rest_mm)
    centre = flat[triangles].mean(axis=1)
    uv = np.empty_like(flat)
    bins = 48
    for axis, stretch in enumerate((du, dv)):
        lo, hi = box[axis]
        bin_of = np.clip(((centre[:, axis] - lo) / (hi - lo) * bins).astype(int), 0, bins - 1)
        need = np.bincount(bin_of, area * stretch, bins) / np.maximum(np.bincount(bin_of, area, bins), 1e-9)
        need = ndimage.gaussian_filter1d(np.where(need > 0, need, need[need > 0].min()), 2.0, mode="nearest")
        if axis == 0:
            need = (need + need[::-1]) / 2  # the two sides of the face alike
        total = np.concatenate([[0.0], np.cumsum(need)]) / need.sum()
        uv[:, axis] = np.interp(flat[:, axis], np.linspace(lo, hi, bins + 1), total)
    uv[:, 1] = 1 - uv[:, 1]
    return np.clip(uv, 0.0, 1.0)


def _stretch(
    uv: NDArray[np.float64], triangles: NDArray[np.int32], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Length of dP/du and of dP/dv, cosine of the angle between them, and area, of each triangle."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    p, q = uv[triangles[:, 1]] - uv[triangles[:, 0]], uv[triangles[:, 2]] - uv[triangles[:, 0]]
    det = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
    safe = np.where(np.abs(det) > 1e-12, det, np.inf)[:, None]
    along_u = ((b - a) * q[:, 1:] - (c - a) * p[:, 1:]) / safe
    along_v = ((c - a) * p[:, :1] - (b - a) * q[:, :1]) / safe
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    du, dv = np.linalg.norm(along_u, axis=1), np.linalg.norm(along_v, axis=1)
    shear = (along_u * along_v).sum(axis=1) / np.maximum(du * dv, 1e-12)
    return du, dv, shear, area


def _steps(uv: NDArray[np.float64], triangles: NDArray[np.int32], rest_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(V, 3) mm a unit of u and of v, and cosine between them, means over the triangles around each vertex."""
    du, dv, shear, area = _stretch(uv, triangles, rest_mm)
    total, weight = np.zeros((len(uv), 3)), np.full(len(uv), 1e-12)
    np.add.at(total, triangles.ravel(), np.repeat(np.stack([du, dv, shear], axis=1) * area[:, None], 3, axis=0))
    np.add.at(weight, triangles.ravel(), np.repeat(area, 3))
    mean = total / weight[:, None]
    mean[:, :2] = np.maximum(mean[:, :2], 1.0)
    return mean


def _share(topology: Topology, materials: tuple[str, ...]) -> NDArray[np.float64]:
    """(V,) share of a vertex's triangles that are of these materials."""
    ids = [topology.material_names.index(n) for n in materials if n in topology.material_names]
    return _mean_at_vertices(topology, np.isin(topology.material_ids, ids))


def _label_share(topology: Topology, labels: tuple[str, ...]) -> NDArray[np.float64]:
    """(V,) share of a vertex's triangles that carry these region labels."""
    ids = [topology.region_labels.index(n) for n in labels if n in topology.region_labels]
    return _mean_at_vertices(topology, np.isin(topology.region_ids, ids))


def _mean_at_vertices(topology: Topology, of_triangles: NDArray[np.bool_]) -> NDArray[np.float64]:
    count = len(topology.uv)
    corners = topology.triangles.ravel()
    total = np.bincount(corners, np.repeat(of_triangles.astype(float), 3), count)
    return total / np.maximum(np.bincount(corners, minlength=count), 1)
