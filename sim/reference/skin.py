"""A wearer's skin maps as Mitsuba textures: albedo gain, GGX alpha, specular gain, and the normals of the relief.

Slopes of the maps are along u and v, which meet at any angle on a posed face, while Mitsuba's tangent frame has its
first axis along u and is right-angled. So the normal map is made for the posed mesh, triangle by triangle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from faces.skin import maps
from faces.skin.atlas import MAPPED
from faces.skin.texels import rasterise
from sim.reference.variant import load_mitsuba

SLANTED = 0.2
"""Least sin² of the angle between u and v; where it is less the mesh is folded, and slopes mean nothing."""


@dataclass(frozen=True, eq=False)
class SkinTextures:
    """Mitsuba textures over `uv`.

    Attributes:
        uv: (V, 2) float32 of the head's vertices.
        gain: of the albedo, divided by `most`; most: its greatest value.
        alpha: GGX.
        f0: gain of the reflectance at normal incidence, as an array (H, W).
        normals: a normal map for `normalmap`.
    """

    uv: NDArray[np.float32]
    gain: Any
    most: float
    alpha: Any
    f0: NDArray[np.float32]
    normals: Any


def skin_textures(mesh: HeadMesh, vertices: NDArray[np.floating]) -> SkinTextures | None:
    """Textures of a wearer with this expression; None where the head model has no maps.

    Args:
        mesh: one posed head. vertices: (V, 3) where its vertices are seen, in any frame.
    """
    if mesh.topology.rest is None:
        return None
    skin = maps.skin_maps(mesh.topology.head, mesh.look.skin)
    texels = maps.compose(skin, skin.weights(mesh.weights)).astype(np.float32)
    gain, sheen = texels[..., 0] / maps.GAIN_ONE, texels[..., 1] / 255
    slopes = (texels[..., 2:] - maps.SLOPE_ZERO) / maps.SLOPE_SCALE
    most = float(gain.max())
    ids = [mesh.topology.material_names.index(name) for name in MAPPED if name in mesh.topology.material_names]
    triangles = mesh.triangles[np.isin(mesh.material_ids, ids)]
    normals = _normals(slopes, skin.uv[triangles].astype(np.float64), vertices[triangles])
    return SkinTextures(
        skin.uv,
        texture((gain / most)[..., None]),
        most,
        texture((maps.ALPHA_LOW + maps.ALPHA_SPAN * sheen)[..., None]),
        np.asarray(maps.SPECULAR_SMOOTH - maps.SPECULAR_SPAN * sheen, np.float32),
        texture(0.5 + 0.5 * normals),
    )


def texture(image: NDArray[np.floating]) -> Any:
    """A bilinear Mitsuba texture of (H, W, C) values, row 0 at v = 0."""
    mi = load_mitsuba()
    bitmap = mi.Bitmap(np.ascontiguousarray(image, np.float32))
    return mi.load_dict({"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": "clamp"})


def _normals(
    slopes: NDArray[np.float32], uv: NDArray[np.float64], corners: NDArray[np.floating]
) -> NDArray[np.floating]:
    """(H, W, 3) unit normals along dp/du, across it, and outward.

    Args:
        slopes: (H, W, 2) along u and along v. uv: (T, 3, 2). corners: (T, 3, 3).
    """
    du, dv = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    along_u = first * dv[:, 1:] - second * du[:, 1:]
    along_v = second * du[:, :1] - first * dv[:, :1]
    size = np.linalg.norm(along_u, axis=1) * np.linalg.norm(along_v, axis=1)
    front = (du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0] > 0) & (size > 0)
    cosine = (along_u * along_v).sum(1)[front] / size[front]
    # Each triangle has an angle of its own: its corners are nobody else's.
    own = np.arange(3 * len(cosine)).reshape(-1, 3)
    image, _ = rasterise(uv[front].reshape(-1, 2), own, np.repeat(cosine, 3)[:, None], len(slopes))
    cosine = image[..., 0]
    across = (slopes[..., 1] - cosine * slopes[..., 0]) / np.sqrt(np.maximum(1 - cosine**2, SLANTED))
    normals = np.stack([-slopes[..., 0], -across, np.ones_like(across)], -1)
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True))
