"""The eye's dimensions against the sources, from its vertices."""

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from faces.eyeball import SEGMENTS, build_eyeball, gaze_rotation, surface_radius


def test_it_is_a_closed_ball_of_anatomical_size():
    eye = build_eyeball()
    mesh = trimesh.Trimesh(eye.vertices, eye.triangles, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0
    assert eye.vertices[:, 2].max() == 0.0133
    back = eye.vertices[eye.vertices[:, 2] < 0]
    np.testing.assert_allclose(np.linalg.norm(back, axis=1), 0.012, atol=1e-6)


def test_cornea_has_the_stated_radius_and_asphericity():
    """Fit the conic r^2 = 2 R d - (1 + Q) d^2 to vertices well inside the limbus."""
    eye = build_eyeball()
    inner = (eye.radial < 0.0045) & (eye.radial > 0)
    depth = 0.0133 - eye.vertices[inner, 2]
    square = (eye.vertices[inner, :2] ** 2).sum(axis=1)
    (two_radius, minus_p), *_ = np.linalg.lstsq(np.stack([depth, depth**2], axis=1), square, rcond=None)
    assert abs(two_radius / 2 - 0.0078) < 1e-6
    assert abs(-minus_p - 1 - -0.15) < 1e-3


def test_edges_are_rings_of_vertices():
    eye = build_eyeball()
    for part, radius in (("pupil", 0.0018), ("iris", 0.00592)):
        ring = np.abs(np.hypot(eye.vertices[:, 0], eye.vertices[:, 1]) - radius) < 0.0001
        assert (ring & (eye.vertices[:, 2] > 0)).sum() == 2 * SEGMENTS, part


def test_surface_is_smooth_at_the_limbus():
    angle = np.linspace(0, np.pi / 2, 2000)
    radius = surface_radius(np.cos(angle))
    assert (np.diff(radius) <= 1e-12).all()
    slope = np.gradient(radius, angle)
    assert np.abs(np.diff(slope)).max() < 1e-4


def test_gaze_follows_listing():
    """The rotation's axis is perpendicular to straight ahead, and scipy's shortest rotation is the same."""
    gaze = np.radians(np.random.default_rng(0).uniform(-40, 35, (50, 2)))
    rotation = gaze_rotation(gaze)
    for matrix in rotation:
        vector = Rotation.from_matrix(matrix).as_rotvec()
        assert abs(vector[2]) < 1e-12
        np.testing.assert_allclose(np.linalg.det(matrix), 1.0)
        forward = matrix[:, 2]
        np.testing.assert_allclose(np.linalg.norm(vector), np.arccos(forward[2]), atol=1e-9)
