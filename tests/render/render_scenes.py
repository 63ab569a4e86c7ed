"""Small scenes for the renderer's tests: a soup, a sphere, a plane; cameras and LEDs placed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from faces.materials import MATERIAL_NAMES
from faces.mesh import HeadMesh, Topology
from headsets import load_headset
from headsets.headset import Camera, Headset, Led, Shell
from headsets.keep_out import KeepOut
from headsets.leds.lambertian import Lambertian
from headsets.lenses import BrownConrady, DoubleSphere, KannalaBrandt4, Lens, Pinhole

LENSES: dict[str, Lens] = {
    "pinhole": Pinhole(64, 48, 30.0, 30.0, 31.0, 24.0),
    "brown_conrady": BrownConrady(64, 48, 40.0, 38.0, 30.0, 25.0, (-0.2, 0.03, 0.0, 0.0, 0.0, 0.0), (0.004, -0.003)),
    "kannala_brandt4": KannalaBrandt4(64, 48, 22.0, 22.0, 31.5, 23.5, (0.02, -0.004, 0.0, 0.0)),
    "kannala_brandt4_200_degrees": KannalaBrandt4(64, 64, 17.0, 17.0, 31.5, 31.5, (0.0, 0.0, 0.0, 0.0)),
    "double_sphere": DoubleSphere(64, 48, 18.0, 18.0, 31.5, 23.5, -0.2, 0.6),
}
BASE = load_headset("refa_green")


def pose(position: object, look_at: object) -> RigidTransform:
    """Frame with z towards `look_at`, and y down the device's y as far as that allows."""
    z = np.asarray(look_at, float) - np.asarray(position, float)
    z /= np.linalg.norm(z)
    x = np.cross([0.0, -1.0, 0.0] if abs(z[1]) < 0.99 else [0.0, 0.0, 1.0], z)
    x /= np.linalg.norm(x)
    matrix = np.stack([x, np.cross(z, x), z], axis=1)
    return RigidTransform.from_components(np.asarray(position, float), Rotation.from_matrix(matrix))


def camera(lens: Lens, position: object = (0, 0, 0.1), look_at: object = (0, 0, 0), name: str = "c") -> Camera:
    """A camera with the optics and sensor of a shipped one."""
    like = next(iter(BASE.cameras.values()))
    return replace(like, name=name, lens=lens, T_device_camera=pose(position, look_at), mirror_of=None)


def led(
    position: object, look_at: object = (0, 0, 0), power: float = 0.01, profile: object = None, **other: object
) -> Led:
    """An LED, Lambertian of order 1 unless told otherwise, at 850 nm."""
    like = next(iter(BASE.leds.values()))
    changes = {"wavelength_nm": 850.0, "mirror_of": None, **other}
    profile = Lambertian(1.0) if profile is None else profile
    place = pose(position, look_at)
    return replace(like, T_device_led=place, radiant_intensity_w_sr=power, profile=profile, **changes)


def headset(cameras: list[Camera], leds: list[Led] | None = None, shell: Shell | None = None) -> Headset:
    """A headset of these parts."""
    lights = {f"led{k}": one for k, one in enumerate(leds or [])}
    return replace(BASE, cameras={c.name: c for c in cameras}, leds=lights, shell=shell, keep_out=KeepOut())


def head(
    vertices: np.ndarray,
    triangles: np.ndarray,
    normals: np.ndarray | None = None,
    material: str | list[str] = "skin",
    albedo: float | np.ndarray = 0.5,
) -> HeadMesh:
    """A mesh as a head; region ids count the triangles modulo 5."""
    triangles = np.asarray(triangles, np.int32)
    names = [material] * len(triangles) if isinstance(material, str) else material
    if normals is None:
        normals = np.array(trimesh.Trimesh(vertices, triangles, process=False).vertex_normals)
    topology = Topology(
        triangles=triangles,
        uv=np.zeros((len(vertices), 2), np.float32),
        region_ids=np.arange(len(triangles), dtype=np.int32) % 5,
        region_labels=("a", "b", "c", "d", "e"),
        regions={},
        material_ids=np.array([MATERIAL_NAMES.index(n) for n in names], np.int32),
        material_names=MATERIAL_NAMES,
        keypoint_names=(),
        region_keypoints={},
    )
    shade = np.broadcast_to(np.asarray(albedo, np.float32), (2, len(vertices))).copy()
    return HeadMesh(topology, np.asarray(vertices, float), normals, np.zeros((0, 3)), np.zeros((2, 4, 4)), shade)


def sphere(radius: float = 0.05, subdivisions: int = 4, centre: object = (0, 0, 0), **other: object) -> HeadMesh:
    """An icosphere with exact normals."""
    ball = trimesh.creation.icosphere(subdivisions=subdivisions, radius=1.0)
    v = np.array(ball.vertices)
    return head(radius * v + np.asarray(centre, float), np.array(ball.faces), v, **other)


def plane(half: float = 0.05, n: int = 20, z: float = 0.0, **other: object) -> HeadMesh:
    """A square facing +z."""
    x, y = np.meshgrid(np.linspace(-half, half, n + 1), np.linspace(-half, half, n + 1))
    v = np.stack([x.ravel(), y.ravel(), np.full(x.size, z)], -1)
    i = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    t = np.concatenate([np.stack([i, i + 1, i + n + 2], -1), np.stack([i, i + n + 2, i + n + 1], -1)])
    return head(v, t, np.tile([0.0, 0.0, 1.0], (len(v), 1)), **other)


def together(*meshes: HeadMesh) -> HeadMesh:
    """Several meshes as one."""
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes])
    triangles = np.concatenate([m.triangles + o for m, o in zip(meshes, offsets, strict=False)])
    names = [m.topology.material_names[i] for m in meshes for i in m.material_ids]
    whole = head(
        np.concatenate([m.vertices for m in meshes]),
        triangles,
        np.concatenate([m.normals for m in meshes]),
        names,
    )
    return replace(whole, albedo=np.concatenate([m.albedo for m in meshes], axis=1))


def rays(lens: Lens) -> np.ndarray:
    """(H, W, 3) unit rays, NaN where there is none."""
    y, x = np.mgrid[: lens.height_px, : lens.width_px]
    return lens.unproject(np.stack([x, y], -1).astype(float))


def points(view: Camera, depth: np.ndarray) -> np.ndarray:
    """(H, W, 3) device coordinates of what a camera sees at these depths."""
    d = rays(view.lens)
    p = d / d[..., 2:] * depth[..., None]
    return p @ view.T_device_camera.rotation.as_matrix().T + view.position
