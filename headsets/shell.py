"""Reads a housing from a mesh file: STL, OBJ or GLB, in mm or m."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import trimesh

from headsets.errors import HeadsetError

SUFFIXES = (".stl", ".obj", ".glb")
LARGEST_M = 1.0
MOST_TRIANGLES = 2_000_000
# A parser fed with arbitrary bytes fails in as many ways as there are operations in it; all mean the same here.
PARSE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,  # trimesh reaches for optional packages on odd bytes
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


def read_mesh(path: Path, units: str) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3), m, and triangles (T, 3) int32 of a mesh file in the device frame.

    Args:
        units: "mm" or "m", what the file's numbers mean. (glTF prescribes metres: say `units: m`.)

    Raises:
        HeadsetError: the file is missing, is no mesh, has no triangle, or is not the size of a headset.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise HeadsetError(f"a mesh file must end in one of {', '.join(SUFFIXES)}, got {path.name!r}")
    if not path.is_file():
        raise HeadsetError(f"cannot read the mesh file {path}: no such file")
    try:
        loaded = trimesh.load(path, file_type=path.suffix.lower()[1:], skip_materials=True)
        mesh = loaded.to_mesh() if isinstance(loaded, trimesh.Scene) else loaded
        vertices = np.array(mesh.vertices, dtype=np.float64) * (1e-3 if units == "mm" else 1.0)
        triangles = np.array(mesh.faces, dtype=np.int32)
    except PARSE_ERRORS as error:
        odd = isinstance(error, ImportError | AttributeError | LookupError)  # their texts speak of trimesh alone
        reason = "not a valid mesh of its kind" if odd else " ".join(str(error).split()) or type(error).__name__
        raise HeadsetError(f"cannot read the mesh file {path}: {reason[:120]}") from error
    if len(triangles) == 0 or triangles.ndim != 2 or triangles.shape[1] != 3:
        raise HeadsetError(f"cannot read the mesh file {path}: no triangle in it")
    if len(triangles) > MOST_TRIANGLES:
        raise HeadsetError(f"`triangles <= {MOST_TRIANGLES}` must hold for the mesh file {path}, got {len(triangles)}")
    if not np.isfinite(vertices).all() or triangles.min() < 0 or triangles.max() >= len(vertices):
        raise HeadsetError(f"cannot read the mesh file {path}: vertices are not finite or triangles name none")
    extent = float(np.ptp(vertices, axis=0).max())
    if not 1e-3 < extent < LARGEST_M:
        raise HeadsetError(
            f"`0.001 < extent < {LARGEST_M:g}` m must hold for the mesh file {path} (check `units`), got {extent:g} m"
        )
    return vertices, triangles
