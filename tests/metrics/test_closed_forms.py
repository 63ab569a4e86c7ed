"""Each metric against geometry that can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.lenses.kannala_brandt4 import KannalaBrandt4
from headsets.lenses.pinhole import Pinhole
from sim.errors import SimError
from sim.metrics.occlusion import Occluder
from sim.metrics.range_of_motion import keypoint_motion
from sim.metrics.resolution import LensDensity, mean_resolution, pixels_per_mm
from sim.metrics.surface import mean_normal, sample_surface, triangle_centroids, triangle_vectors
from sim.metrics.visibility import Surroundings, place_camera, seen_points, view_points, visibility

PINHOLE = Pinhole(400, 400, 200.0, 200.0, 199.5, 199.5)
FISHEYE = KannalaBrandt4(400, 400, 130.0, 130.0, 199.5, 199.5, (0.02, -0.004, 0.0, 0.0))
HERE = np.eye(4)[None]
FACING = Rotation.from_euler("x", 180, degrees=True)
"""A camera in front of the face looks back: its +z is the head's −z."""


def camera(lens, position, rotation=FACING, device_head=HERE):
    return place_camera(lens, RigidTransform.from_components(position, rotation).as_matrix(), device_head)


def grid(size_m, count, z=0.0):
    """A square facing +z, centred on the z axis."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, count) * size_m, np.linspace(-0.5, 0.5, count) * size_m)
    vertices = np.stack([x.ravel(), y.ravel(), np.full(x.size, z)], axis=-1)
    a = np.arange(count * count).reshape(count, count)
    p, q, r, s = (part.ravel() for part in (a[:-1, :-1], a[:-1, 1:], a[1:, 1:], a[1:, :-1]))
    return vertices, np.concatenate([np.stack([p, q, r], 1), np.stack([p, r, s], 1)]).astype(np.int32)


@pytest.fixture(scope="module")
def hemisphere():
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.05)
    front = ball.triangles_center[:, 2] > 0
    return np.asarray(ball.vertices), np.asarray(ball.faces[front], dtype=np.int32)


@pytest.mark.parametrize("tilt_deg", [0, 30, 75, 120])
def test_visibility_of_a_plane_is_the_cosine(tilt_deg):
    vertices, triangles = grid(0.04, 5)
    tilted = camera(PINHOLE, [0, 0, 0.1], Rotation.from_euler("x", tilt_deg, degrees=True) * FACING)
    assert visibility(mean_normal(vertices, triangles), tilted)[0] == pytest.approx(np.cos(np.deg2rad(tilt_deg)))


def test_visibility_of_a_hemisphere_is_a_half(hemisphere):
    """The mean of cos θ over a hemisphere, by area: ½. A band from 0 to θ gives (1 + cos θ)/2."""
    assert visibility(mean_normal(*hemisphere), camera(PINHOLE, [0, 0, 0.2]))[0] == pytest.approx(0.5, abs=5e-3)
    vertices, triangles = hemisphere
    cap = triangles[vertices[triangles].mean(1)[:, 2] > 0.025]
    assert visibility(mean_normal(vertices, cap), camera(PINHOLE, [0, 0, 0.2]))[0] == pytest.approx(0.75, abs=5e-3)


def test_visibility_is_linear_in_donning():
    """Turning the head by α before a camera turns the plane's cosine to cos α, whatever the shift."""
    vertices, triangles = grid(0.04, 3)
    turns = np.deg2rad([0.0, 20.0, -50.0])
    donned = RigidTransform.from_components(
        np.full((3, 3), 0.004), Rotation.from_euler("y", turns[:, None])
    ).as_matrix()
    placed = camera(PINHOLE, [0, 0, 0.1], device_head=donned)
    np.testing.assert_allclose(visibility(mean_normal(vertices, triangles), placed), np.cos(turns), atol=1e-12)


def test_moving_the_head_is_moving_the_camera_the_other_way():
    rng = np.random.default_rng(3)
    T_device_head = RigidTransform.from_components(rng.normal(0, 0.01, 3), Rotation.from_rotvec(rng.normal(0, 0.2, 3)))
    T_device_camera = RigidTransform.from_components([0.03, -0.02, 0.06], FACING)
    points = rng.normal(0, 0.05, (20, 3))
    placed = place_camera(PINHOLE, T_device_camera.as_matrix(), T_device_head.as_matrix()[None])
    expected = T_device_camera.inv().apply(T_device_head.apply(points))
    np.testing.assert_allclose(placed.to_camera(points)[0], expected, atol=1e-12)
    np.testing.assert_allclose(
        placed.optical_axis[0], (T_device_head.inv() * T_device_camera).apply([0, 0, 1]) - placed.position[0]
    )


def test_resolution_of_a_fronto_parallel_patch_is_f_over_z():
    """On the axis of a pinhole a square patch at depth Z has f/Z px/m in both directions, everywhere on the plane."""
    vertices, triangles = grid(0.06, 9)
    points = triangle_centroids(triangles).locate(vertices)
    placed = camera(PINHOLE, [0.004, -0.003, 0.05])
    view = view_points(placed, points)
    assert view.framed.all()
    got = pixels_per_mm(LensDensity(PINHOLE), view, view.framed)
    np.testing.assert_allclose(got, 200 / 50, rtol=1e-4)


def test_resolution_agrees_with_central_differences():
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.05)
    points = triangle_centroids(np.asarray(ball.faces, np.int32)).locate(np.asarray(ball.vertices))
    placed = camera(FISHEYE, [0.01, 0.02, 0.075], Rotation.from_euler("xyz", [0.3, -0.2, 0.1]) * FACING)
    view = view_points(placed, points)
    got = pixels_per_mm(LensDensity(FISHEYE), view, view.framed)[0]
    assert view.framed.sum() > 50
    for i in np.flatnonzero(view.framed[0]):
        n = points.normals[i]
        t1 = np.cross(n, [0.2, 0.9, 0.4])
        t1 /= np.linalg.norm(t1)
        t2, h = np.cross(n, t1), 1e-6
        p = points.positions[i]
        steps = np.stack([p + h * t1, p - h * t1, p + h * t2, p - h * t2])
        pixels = FISHEYE.project(placed.to_camera(steps)[0])[0]
        J = np.stack([pixels[0] - pixels[1], pixels[2] - pixels[3]]) / (2 * h)
        assert got[i] == pytest.approx(np.sqrt(abs(np.linalg.det(J))) * 1e-3, rel=2e-4)


def test_resolution_is_undefined_where_nothing_is_seen():
    unseen = np.array([[True, False], [False, False]])
    mean = mean_resolution(np.array([[3.0, np.nan], [np.nan, np.nan]]), unseen, np.array([2.0, 5.0]))
    assert mean[0] == 3.0
    assert np.isnan(mean[1])


def test_range_of_motion_of_a_sideways_shift():
    """K keypoints moving by s across a pinhole's axis at depth Z: f s/Z each, so √K f s/Z in all."""
    neutral = np.array([[0.0, 0, 0], [0.01, 0, 0], [0, 0.01, 0], [-0.01, 0, 0]])
    posed = np.stack([neutral, neutral + np.array([0.002, 0, 0])])
    motion = keypoint_motion(camera(PINHOLE, [0, 0, 0.05]), neutral, posed)
    np.testing.assert_allclose(motion.norm_px[:, 0], [0, 2 * 200 * 0.002 / 0.05], atol=1e-9)
    np.testing.assert_allclose(motion.rms_px[:, 0], [0, 200 * 0.002 / 0.05], atol=1e-9)
    np.testing.assert_allclose(motion.dropped, 0)


def test_keypoints_behind_the_camera_are_dropped_and_told():
    neutral = np.array([[0.0, 0, 0], [0, 0, 0.2]])
    motion = keypoint_motion(camera(PINHOLE, [0, 0, 0.05]), neutral, neutral[None] + np.array([0.001, 0, 0]))
    assert motion.norm_px[0, 0] == pytest.approx(200 * 0.001 / 0.05)
    assert motion.dropped[0, 0] == 0.5
    none = keypoint_motion(camera(PINHOLE, [0, 0, 0.05]), neutral[1:], neutral[None, 1:])
    assert none.dropped[0, 0] == 1
    assert np.isnan(none.rms_px[0, 0])


def test_a_wall_hides_half():
    """A plate between camera and patch, edge on the axis, hides the half behind it; so does the same as a shell."""
    vertices, triangles = grid(0.04, 21)
    points = triangle_centroids(triangles).locate(vertices)
    wall_vertices = np.array([[0.0, -1, 0.02], [1, -1, 0.02], [1, 1, 0.02], [0, 1, 0.02]])
    wall = Occluder(wall_vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    shifted = np.eye(4)[None].copy()
    shifted[0, :3, 3] = [0.003, 0.001, -0.002]
    for surroundings, shift in ((Surroundings((wall,)), HERE), (Surroundings((), (wall,)), HERE)):
        placed = camera(PINHOLE, [0, 0, 0.06], device_head=shift)
        seen = seen_points(view_points(placed, points), placed, points, surroundings)
        np.testing.assert_array_equal(seen[0], points.positions[:, 0] < 0)
    # A shell stays with the device when the head shifts: its shadow edge moves by −shift × (1 + gap ratio).
    placed = camera(PINHOLE, [0, 0, 0.06], device_head=shifted)
    seen = seen_points(view_points(placed, points), placed, points, Surroundings((), (wall,)))
    np.testing.assert_array_equal(seen[0], points.positions[:, 0] + 0.003 < 0)


def test_any_hit_agrees_with_embree():
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.05)
    rng = np.random.default_rng(0)
    lumpy = trimesh.Trimesh(ball.vertices * (1 + 0.2 * np.sin(60 * ball.vertices[:, :1])), ball.faces, process=False)
    starts, ends = rng.uniform(-0.08, 0.08, (2, 4000, 3))
    step = ends - starts
    length = np.linalg.norm(step, axis=-1)
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    locations, ray, _ = RayMeshIntersector(lumpy).intersects_location(
        starts, step / length[:, None], multiple_hits=False
    )
    expected = np.zeros(len(starts), bool)
    expected[ray] = np.linalg.norm(locations - starts[ray], axis=-1) < length[ray]
    moved = Occluder(ball.vertices, ball.faces)
    moved.move(lumpy.vertices)
    for occluder in (Occluder(lumpy.vertices, lumpy.faces), moved):
        assert (occluder.blocks(starts, ends) != expected).mean() < 1e-3
    assert len(moved.blocks(starts[:0], ends[:0])) == 0


def test_points_stand_for_area_on_every_shape(hemisphere):
    """Weighted means over points, drawn on one shape, tend to the area means of another."""
    vertices, triangles = hemisphere
    points = sample_surface(np.random.default_rng(1), vertices, triangles, 4000)
    stretched = vertices * [2.0, 1.0, 0.5]
    for shape in (vertices, stretched):
        located = points.locate(shape)
        vectors = triangle_vectors(shape, triangles)
        assert located.areas.sum() == pytest.approx(np.linalg.norm(vectors, axis=-1).sum(), rel=0.01)
        mean = (located.normals * located.areas[:, None]).sum(0) / located.areas.sum()
        np.testing.assert_allclose(mean, mean_normal(shape, triangles), atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(located.normals, axis=-1), 1)


def test_surfaces_without_area_are_refused():
    flat = np.zeros((3, 3))
    with pytest.raises(SimError, match="area > 0"):
        sample_surface(np.random.default_rng(0), flat, np.array([[0, 1, 2]], np.int32), 4)
    with pytest.raises(SimError, match="points >= 1"):
        sample_surface(np.random.default_rng(0), np.eye(3), np.array([[0, 1, 2]], np.int32), 0)
