"""What the housing throws into hollows of a face, in a shipped headset, against a slow sum with a ray to each part.

No path tracer: its few rays that meet the small bright places of the shell make its sums noisy.
"""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from benchmarks.reference_error import shrunk
from faces import load_head_model
from headsets import load_headset
from headsets.housing import housing_of
from sim.render import DIRECT, Renderer
from sim.render.scene import face_points
from tests.render.render_scenes import points

PART_M = 4e-3
"""Longest edge of the parts that the housing is cut into."""


class Surroundings:
    """Parts of the housing, what the LEDs send to either side of them, and what stands between."""

    def __init__(self, parts, mesh):
        housing, eyes = housing_of(parts), mesh.T_head_eye[:, :3, 3]
        around = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), mesh.vertices[face_points(mesh.topology)])
        bodies = [
            trimesh.Trimesh(v, t, process=False)
            for v, t in ((mesh.vertices, mesh.triangles), (around, housing.triangles))
        ]
        self.bodies = trimesh.util.concatenate(bodies)
        v, t, whole = trimesh.remesh.subdivide_to_size(around, housing.triangles, max_edge=PART_M, return_index=True)
        cross = np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]])
        area = 0.5 * np.linalg.norm(cross, axis=1)
        some = area > 1e-12
        self.at, self.area = v[t].mean(axis=1)[some], area[some]
        self.normal = cross[some] / (2 * self.area[:, None])
        albedo = housing.reflectance[housing.triangles[whole]].mean(axis=1)[some]
        self.exitance = albedo * sum(self.side_by_side(led) for led in parts.leds.values())

    def free(self, start, end):
        """(N,) whether nothing stands between points (N, 3)."""
        where, ray, _ = self.bodies.ray.intersects_location(start, end - start, multiple_hits=False)
        out = np.ones(len(start), bool)
        out[ray] = np.linalg.norm(where - start[ray], axis=1) > np.linalg.norm(end - start, axis=1)[ray] - 2e-4
        return out

    def side_by_side(self, led):
        """(2, N) W/m² on the front and on the back of each part."""
        to = led.position - self.at
        r = np.linalg.norm(to, axis=1)
        angle = np.arccos(np.clip(-(to @ led.axis) / r, -1, 1))
        cosine = np.einsum("ij,ij->i", self.normal, to) / r
        light = led.radiant_intensity_w_sr * led.profile.relative(angle) * np.abs(cosine) / r**2
        front = cosine > 0
        start = self.at + 1e-5 * np.where(front, 1.0, -1.0)[:, None] * self.normal
        lit = np.flatnonzero(light > 1e-6)
        light[lit] *= self.free(start[lit], np.broadcast_to(led.position, (len(lit), 3)))
        return np.stack([light * front, light * ~front])

    def irradiance(self, p, n):
        """W/m² at a point with this normal."""
        to = self.at - p
        r = np.linalg.norm(to, axis=1)
        there = -np.einsum("ij,ij->i", self.normal, to) / r
        sent = np.where(there > 0, *self.exitance) * np.abs(there) * np.maximum(to @ n / r, 0.0) * self.area
        sent /= np.pi * r**2
        some = np.flatnonzero(sent > 1e-4 * sent.max())
        return (sent[some] * self.free(np.broadcast_to(p + 3e-4 * n, (len(some), 3)), self.at[some])).sum()


@pytest.mark.parametrize(
    ("camera", "regions"), [("mouth_left", ("lip_lower", "mouth_interior")), ("eye_left", ("lids_left",))]
)
def test_little_of_the_housings_light_gets_into_hollows(pictures, camera, regions):
    """LEDs turned about shine at the shell, which lights the face: to 30 %; 60 % too much if all hollows were open.

    In sum over mouth and lower lip under an open jaw, and over the lids.
    """
    whole = load_headset("refa_green")
    about = RigidTransform.from_rotation(Rotation.from_rotvec([0.0, np.pi, 0.0]))
    leds = {name: replace(led, T_device_led=led.T_device_led * about) for name, led in whole.leds.items()}
    parts = replace(whole, cameras={camera: shrunk(whole.camera(camera), 60)}, leds=leds)
    head = load_head_model()
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 0.7})
    settings, buffers = (
        replace(DIRECT, specular=False, sparse=False, antialias=False),
        ("radiance", "region", "depth", "normal", "albedo"),
    )
    on, off = (
        Renderer(settings=replace(settings, bounce=bounce)).render(parts, mesh, buffers=buffers)[camera]
        for bounce in (True, False)
    )
    got = on.radiance.astype(float) - off.radiance
    p = points(parts.camera(camera), off.depth)
    n = off.normal @ parts.camera(camera).T_device_camera.rotation.as_matrix().T
    hollow = np.isin(on.region, [mesh.topology.region_labels.index(name) for name in regions])
    surroundings, expected = Surroundings(parts, mesh), np.zeros(got.shape)
    for i, j in np.argwhere(hollow):
        expected[i, j] = off.albedo[i, j] / np.pi * surroundings.irradiance(p[i, j], n[i, j])
    pictures.keep(camera, np.where(hollow, got, 0.0), expected)
    assert hollow.sum() > 30
    assert got[hollow].sum() == pytest.approx(expected.sum(), rel=0.3)
