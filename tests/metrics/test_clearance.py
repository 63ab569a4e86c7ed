"""Room around cameras and in their images, against trimesh and slow loops."""

from __future__ import annotations

import by_hand
import numpy as np
import pytest
import trimesh

from headsets import load_headset
from headsets.lenses.lens import inside_image
from sim.metrics import ScoreConfig
from sim.metrics.clearance import SEARCH_RADIUS_M, FaceDistance, camera_rooms
from sim.seeding import generator
from tests.faces.ellipsoid_head import EllipsoidHead


def test_distance_to_a_ball_is_signed():
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.05)
    distance = FaceDistance(ball.vertices, ball.faces)
    rng = np.random.default_rng(2)
    points = rng.normal(size=(200, 3))
    points *= (rng.uniform(0.03, 0.1, 200) / np.linalg.norm(points, axis=-1))[:, None]
    np.testing.assert_allclose(distance.of(points), np.linalg.norm(points, axis=-1) - 0.05, atol=5e-5)
    distance.move(ball.vertices * 0.5)
    np.testing.assert_allclose(distance.of(points), np.linalg.norm(points, axis=-1) - 0.025, atol=5e-5)
    assert distance.of(np.array([[1.0, 0, 0]]))[0] == pytest.approx(SEARCH_RADIUS_M)


def test_rooms_agree_with_trimesh_and_loops():
    head, green = EllipsoidHead(), load_headset("refa_green")
    config = ScoreConfig(identities=2, donnings=2, expressions="smile,jaw_drop", seed=3)
    rooms = camera_rooms(green, head, config)
    assert set(rooms) == set(green.cameras)
    for name in ("mouth_left", "glabella"):
        camera = green.cameras[name]
        (region,) = camera.sees
        triangles = head.topology.triangles[head.topology.region_triangles(region)]
        faces, glasses, framed = [], [], []
        for i in range(2):
            identity = head.sample_identity(generator(3, "identity", i))
            for donning in green.donning.sample(generator(3, "donning", i), 2):
                position = donning.inv().apply(camera.position)
                glasses.append(float(green.keep_out.glasses.distance(position)))
                for expression in ("smile", "jaw_drop"):
                    vertices = head.mesh(identity, head.peaks[expression]).vertices
                    mesh = trimesh.Trimesh(vertices, head.topology.triangles, process=False)
                    faces.append(float(trimesh.proximity.closest_point(mesh, position[None])[1][0]))
                    inside = total = 0.0
                    for corners in triangles:
                        area = by_hand.triangle(vertices, corners)[1]
                        centroid = (camera.T_device_camera.inv() * donning).apply(vertices[corners].mean(0))
                        pixel, valid = camera.lens.project(centroid)
                        inside += area * bool(valid and inside_image(camera.lens, pixel))
                        total += area
                    framed.append(inside / total)
        assert rooms[name].face_m == pytest.approx(min(faces), abs=1e-6)
        assert rooms[name].glasses_m == pytest.approx(min(glasses), abs=1e-9)
        assert rooms[name].framed[region] == pytest.approx(np.percentile(framed, 5), abs=1e-9)
        assert rooms[name].shell_m == pytest.approx(
            trimesh.proximity.closest_point(
                trimesh.Trimesh(green.shell.vertices, green.shell.triangles), camera.position[None]
            )[1][0]
        )
