"""A layout as GLB for CAD: shell, barrels, cameras as view pyramids, LEDs as cones; glTF's metres, device frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from headsets.headset import Camera, Headset, Led

PYRAMID_M, CONE_M = 8e-3, 4e-3
"""How far a camera's pyramid and an LED's cone reach."""
STEEPEST = 1.2
"""Corner rays flatter than this tangent are cut to it: a fisheye's pyramid would be all base."""
COLOURS = {
    "shell": (120, 125, 135, 70),
    "barrels": (60, 60, 65, 110),
    "camera": (30, 110, 200, 255),
    "LED": (230, 120, 20, 255),
}


def layout_scene(headset: Headset) -> trimesh.Scene:
    """Named nodes: "shell", "lens_barrels", then every camera and LED by its name, with its pose as transform."""
    scene = trimesh.Scene()
    if headset.shell is not None:
        shell = trimesh.Trimesh(headset.shell.vertices, headset.shell.triangles, process=False)
        scene.add_geometry(_painted(shell, "shell"), node_name="shell", geom_name="shell")
    barrels = headset.keep_out.lens_barrels
    if barrels is not None:
        tubes = trimesh.Trimesh(*barrels.mesh(float(np.mean(barrels.ipd_m))), process=False)
        scene.add_geometry(_painted(tubes, "barrels"), node_name="lens_barrels", geom_name="lens_barrels")
    for camera in headset.cameras.values():
        mesh, T = _pyramid(camera), camera.T_device_camera.as_matrix()
        scene.add_geometry(mesh, node_name=f"camera {camera.name}", geom_name=f"camera {camera.name}", transform=T)
    for led in headset.leds.values():
        T = led.T_device_led.as_matrix()
        scene.add_geometry(_cone(led), node_name=f"LED {led.name}", geom_name=f"LED {led.name}", transform=T)
    return scene


def write_solid(headset: Headset, path: Path) -> None:
    """Write the scene as GLB."""
    data = layout_scene(headset).export(file_type="glb")
    assert isinstance(data, bytes)
    path.write_bytes(data)


def _pyramid(camera: Camera) -> trimesh.Trimesh:
    """Apex at the entrance pupil, base where the image's corners look."""
    w, h = camera.width_px - 0.5, camera.height_px - 0.5
    rays = camera.lens.unproject(np.array([[-0.5, -0.5], [w, -0.5], [w, h], [-0.5, h]]))
    flat: NDArray[np.float64] = np.nan_to_num(rays[:, :2])
    length = np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)
    tangent = np.where(rays[:, 2:] > 1e-6, length / np.maximum(rays[:, 2:], 1e-6), np.inf)
    base = np.column_stack([flat / length * np.minimum(tangent, STEEPEST), np.ones(4)]) * PYRAMID_M
    faces = [[0, 2, 1], [0, 3, 2], [0, 4, 3], [0, 1, 4], [1, 2, 3], [1, 3, 4]]
    return _painted(trimesh.Trimesh(np.vstack([np.zeros(3), base]), faces, process=False), "camera")


def _cone(led: Led) -> trimesh.Trimesh:
    """Apex in front of the emitting area, along the axis."""
    return _painted(trimesh.creation.cone(0.35 * CONE_M, CONE_M, sections=16), "LED")


def _painted(mesh: trimesh.Trimesh, what: str) -> trimesh.Trimesh:
    mesh.visual = trimesh.visual.TextureVisuals(
        material=trimesh.visual.material.PBRMaterial(
            baseColorFactor=COLOURS[what], alphaMode="BLEND" if COLOURS[what][3] < 255 else "OPAQUE", doubleSided=True
        )
    )
    return mesh
