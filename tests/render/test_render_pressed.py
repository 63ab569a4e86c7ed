"""Skin that the facial interface presses in, as a shipped headset shows it, against rays cast at a slow copy."""

import numpy as np
import trimesh
from render_scenes import rays

from faces import load_head_model
from headsets import load_headset
from headsets.housing import housing_of
from sim.render import DIRECT, Renderer
from sim.render.scene import face_points

CAMERA = "glabella"
DEPTH_M, OVER_M, REACH_M = 0.0012, 0.004, 0.012
"""The groove of docs/headset_file.md: this deep, a Gaussian of this width, cut off here."""


def pressed(mesh, contacts):
    """The head's vertices, each skin vertex moved against its normal by the distance to the nearest contact."""
    tissue = [i for i, name in enumerate(mesh.topology.material_names) if name in ("skin", "lips")]
    soft = np.unique(mesh.triangles[np.isin(mesh.material_ids, tissue)])
    out = mesh.vertices.copy()
    for k in soft:
        away = np.sqrt(((contacts - mesh.vertices[k]) ** 2).sum(axis=1).min())
        if away < REACH_M:
            out[k] -= DEPTH_M * np.exp(-((away / OVER_M) ** 2)) * mesh.normals[k]
    return out


def test_the_interface_presses_the_skin_in(pictures):
    """Depth to 0.01 mm wherever the groove is deeper than 0.3 mm along the ray."""
    model, parts = load_head_model(), load_headset("refa_green")
    mesh = model.mesh(model.neutral_identity())
    frame = Renderer(settings=DIRECT).render(parts, mesh, buffers=("depth", "region"), cameras=(CAMERA,))[CAMERA]
    housing = housing_of(parts)
    eyes = mesh.T_head_eye[:, :3, 3]
    around = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), mesh.vertices[face_points(mesh.topology)])
    view = parts.camera(CAMERA)
    d = rays(view.lens) @ view.T_device_camera.rotation.as_matrix().T
    rows, columns = np.nonzero(frame.region >= 0)
    depths = []
    for vertices in (mesh.vertices, pressed(mesh, housing.contacts(around))):
        solid = trimesh.Trimesh(vertices, mesh.triangles, process=False)
        at, ray, _ = solid.ray.intersects_location(
            np.broadcast_to(view.position, (len(rows), 3)), d[rows, columns], multiple_hits=False
        )
        depth = np.full(len(rows), np.nan)
        depth[ray] = (at - view.position) @ view.T_device_camera.rotation.as_matrix()[:, 2]
        depths.append(depth)
    deep = depths[1] - depths[0] > 0.3e-3
    error = np.abs(frame.depth[rows, columns] - depths[1])[deep]
    images = [np.full(frame.depth.shape, np.nan) for _ in range(2)]
    images[0][rows, columns] = np.where(deep, frame.depth[rows, columns] - depths[0], np.nan)
    images[1][rows, columns] = np.where(deep, depths[1] - depths[0], np.nan)
    pictures.keep("groove", *images)
    assert deep.sum() > 500
    assert np.percentile(error, 99) < 0.01e-3
