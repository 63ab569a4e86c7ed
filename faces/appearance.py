"""Near-infrared albedo of the built-in head, painted per vertex: lips, iris, a sclera darker at the canthi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.assembly import Assembly
from faces.asset import HeadAsset
from faces.cut import MASKS
from faces.eyeball import IRIS_RADIUS, PUPIL_RADIUS, EyeballMesh
from faces.lids import COLUMNS, LATERAL
from faces.materials import MATERIAL_NAMES, MATERIALS


def paint(asset: HeadAsset, parts: Assembly, eyeball: EyeballMesh) -> NDArray[np.float32]:
    """(2, V) diffuse albedo of the welded vertices at 850 and 940 nm, mirror symmetric."""
    value = {name: np.array(material.albedo) for name, material in MATERIALS.items()}
    albedo = np.tile(value["skin"][:, None], (1, parts.welded))

    owner = np.zeros(parts.welded, np.intp)  # the material of the last triangle that touches a vertex
    owner[parts.welded_triangles.ravel()] = np.repeat(parts.material_ids, 3)
    for name in ("teeth", "tongue", "gums", "mouth_interior", "caruncle", "lash"):
        albedo[:, owner == MATERIAL_NAMES.index(name)] = value[name][:, None]

    points = asset.mean_face_mm()
    n = len(points)
    lips = _at_vertices(asset, asset.masks[MASKS.index("lips")])
    inside = _at_vertices(asset, asset.masks[MASKS.index("inside-mouth")])
    lips *= 1 - inside
    albedo[:, :n] += lips * (value["lips"] - value["skin"])[:, None] * (owner[:n] != MATERIAL_NAMES.index("teeth"))

    angle = np.arctan2(eyeball.vertices[:, 0], eyeball.vertices[:, 1])
    radial = eyeball.radial
    spokes = (
        0.5 * np.sin(7 * angle + 900 * radial) + 0.3 * np.sin(13 * angle - 1500 * radial) + 0.2 * np.sin(24 * angle)
    )
    middle = np.clip((radial - PUPIL_RADIUS) / (IRIS_RADIUS - PUPIL_RADIUS), 0, 1)
    ring = 1 + 0.12 * np.exp(-(((middle - 0.3) / 0.12) ** 2)) - 0.30 * np.clip((middle - 0.82) / 0.18, 0, 1)
    iris = ring * (1 + 0.16 * spokes * np.sin(np.pi * middle))
    canthi = 1 - 0.16 * np.clip((np.abs(eyeball.vertices[:, 0]) - 0.0065) / 0.005, 0, 1) ** 1.5
    for w in range(2):
        eye = np.where(radial < PUPIL_RADIUS, value["pupil"][w], value["iris"][w] * iris)
        eye = np.where(radial > IRIS_RADIUS, value["sclera"][w] * canthi, eye)
        blend = np.exp(-(((radial - IRIS_RADIUS) / 0.00022) ** 2)) * (radial > IRIS_RADIUS)  # the limbus is soft
        albedo[w, parts.eyeball] = eye * (1 - 0.35 * blend)
    medial = np.clip((np.abs(np.arange(COLUMNS) - LATERAL) / LATERAL - 0.45) / 0.15, 0, 1)  # 0 towards the temple
    white = 0.8 * value["sclera"]
    albedo[:, parts.inner] = (0.8 * value["caruncle"] + 0.2 * value["skin"])[:, None, None]
    for row in (parts.fornix, parts.behind):
        albedo[:, row] = white[:, None, None] + medial * (value["caruncle"] - white)[:, None, None]
    return albedo.astype(np.float32)


def _at_vertices(asset: HeadAsset, of_quads: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean over the fine quads around each skin vertex."""
    total, count = np.zeros(len(asset.fine_mirror)), np.zeros(len(asset.fine_mirror))
    np.add.at(total, asset.fine_quads.ravel(), np.repeat(of_quads, 4).astype(float))
    np.add.at(count, asset.fine_quads.ravel(), 1.0)
    return total / np.maximum(count, 1)
