"""Signed distances against trimesh on the same solids, and the inner head volume."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from headsets.anatomy import inside_head
from headsets.errors import HeadsetError
from headsets.glasses import Glasses
from headsets.keep_out import FAR_M, DisplayFrustum, KeepOut, LensBarrels
from headsets.solids import box_distance, polygon_distance, swept_round_distance

GLASSES = Glasses(0.142, 0.05, 0.035, 0.018, (0.010, 0.016), 0.003, 0.0025, 0.003, 0.135, worn=True)
BARRELS = LensBarrels(0.024, 0.0313, 0.025, (0.058, 0.072))


def cloud(n: int = 400, spread: float = 0.12) -> np.ndarray:
    return np.random.default_rng(2).uniform(-spread, spread, (n, 3))


def mesh_distance(mesh: trimesh.Trimesh, points: np.ndarray) -> np.ndarray:
    """trimesh's signed distance is positive inside."""
    return -trimesh.proximity.signed_distance(mesh, points)


def test_box() -> None:
    box = trimesh.creation.box(extents=(0.04, 0.06, 0.1)).apply_translation((0.01, 0, 0.02))
    d = box_distance(cloud(), np.array([0.01, 0, 0.02]), np.array([0.02, 0.03, 0.05]))
    np.testing.assert_allclose(d, mesh_distance(box, cloud()), atol=1e-9)


def test_polygon_against_a_dense_boundary() -> None:
    corners = np.array([(0, 0), (3, 0), (3, 2), (1, 2.5)], dtype=float)
    points = np.random.default_rng(0).uniform(-2, 5, (200, 2))
    t = np.linspace(0, 1, 4000)[:, None]
    rim = np.concatenate([a + t * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    slow = np.linalg.norm(points[:, None] - rim, axis=-1).min(1)
    d = polygon_distance(points, corners)
    np.testing.assert_allclose(np.abs(d), slow, atol=2e-3)
    assert polygon_distance(np.array([2.0, 1.0]), corners) < 0


def test_swept_cylinder_is_the_union_of_cylinders() -> None:
    profile = [(0, 0.03), (0.02, 0.03), (0.02, 0.05), (0, 0.05)]
    points = cloud(3000, 0.08)
    centres = np.linspace(0.01, 0.03, 201)
    single = [swept_round_distance(points, profile, (c, c)) for c in centres]
    swept = swept_round_distance(points, profile, (0.01, 0.03))
    outside = swept > 0
    np.testing.assert_allclose(swept[outside], np.min(single, axis=0)[outside], atol=2e-6)
    assert ((np.min(single, axis=0) < -1e-6) <= (swept < 0)).all()


def test_a_single_barrel_is_a_cylinder() -> None:
    fixed = LensBarrels(0.024, 0.03, 0.02, (0.064, 0.064))
    mesh = trimesh.Trimesh(*fixed.mesh(0.064), process=False)
    points = cloud()
    # 48 sections: the polygonal tube lies within r (1 - cos(pi / 48)) = 0.05 mm of the round one.
    unsigned = trimesh.proximity.closest_point(mesh, points)[1]
    np.testing.assert_allclose(np.abs(fixed.distance(points)), unsigned, atol=8e-5)


def test_barrels_and_their_meshes_agree_at_both_ends_of_the_ipd_range() -> None:
    for ipd in BARRELS.ipd_m:
        vertices, _ = BARRELS.mesh(ipd)
        assert (BARRELS.distance(vertices) < 1e-9).all()
    assert BARRELS.distance([0, 0, 0.04]) == pytest.approx(0.029 - 0.024)
    assert BARRELS.distance([[0.032, 0, 0.02], [-0.032, 0, 0.02]]) == pytest.approx([0.0113, 0.0113])


def test_display_cone() -> None:
    cone = DisplayFrustum(np.pi / 4, 0.01, 0.03, (0.064, 0.064))
    assert cone.distance([0.032, 0, 0.02]) < 0
    assert cone.distance([0.032 + 0.02, 0, 0.02]) == pytest.approx(0.01 / np.sqrt(2))
    assert cone.distance([0.032, 0, 0.005]) == pytest.approx(0.005)


def test_glasses_solid_contains_its_own_frames_at_every_vertex_distance() -> None:
    for vertex in np.linspace(*GLASSES.vertex_distance_m, 4):
        vertices, triangles = GLASSES.mesh(vertex)
        assert (GLASSES.distance(vertices) < 1e-9).all()
        assert triangles.max() < len(vertices)
        assert trimesh.Trimesh(vertices, triangles, process=False).is_watertight
        np.testing.assert_allclose(np.ptp(vertices[:, 0]), GLASSES.width_m)
        assert vertices[:, 2].max() == pytest.approx(0.0133 + vertex + 0.003)


def test_glasses_are_symmetric_and_leave_the_panes_open() -> None:
    points = cloud()
    np.testing.assert_allclose(GLASSES.distance(points), GLASSES.distance(points * (-1, 1, 1)), atol=1e-15)
    mesh = trimesh.Trimesh(*GLASSES.mesh())
    through_pane = mesh.ray.intersects_any([[0.034, -0.003, 0.1]], [[0, 0, -1]])
    through_rim = mesh.ray.intersects_any([[0.034, -0.003 + 0.0174, 0.1]], [[0, 0, -1]])
    assert not through_pane.any()
    assert through_rim.all()


def test_glasses_that_do_not_fit_their_own_width() -> None:
    with pytest.raises(HeadsetError, match="2 lens_width_mm"):
        Glasses(0.1, 0.05, 0.035, 0.018, (0.010, 0.016), 0.003, 0.0025, 0.003, 0.135, worn=False)


def test_keep_out_is_the_nearest_of_its_parts() -> None:
    whole = KeepOut(BARRELS, None, GLASSES)
    points = cloud()
    assert list(whole.distances(points)) == ["lens_barrels", "glasses"]
    np.testing.assert_array_equal(
        whole.distance(points), np.minimum(BARRELS.distance(points), GLASSES.distance(points))
    )
    assert KeepOut().distance([[0, 0, 0]]) == FAR_M


def test_inside_head_keeps_clear_of_the_skin() -> None:
    # Landmarks of a mean face (mm): brow, tip of the nose, cheek, lips, chin, temple; 3 mm in front is outside.
    skin = np.array([[0, 20, 28], [0, -36, 42], [40, -30, 15], [0, -60, 36], [0, -95, 24], [66, 0, -15]])
    assert not inside_head((skin + np.array([0, 0, 3])) * 1e-3).any()
    deep = np.array([[0, 0, 0], [0, 30, 0], [30, 0, -10], [0, -65, 10], [0, -30, 25], [-40, 20, -40]])
    assert inside_head(deep * 1e-3).all()
    assert inside_head(np.zeros((2, 0, 3))).shape == (2, 0)
