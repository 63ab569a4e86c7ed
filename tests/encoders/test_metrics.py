"""Metrics against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from encoders.errors import EncoderError
from encoders.metrics import end_user
from encoders.metrics.gaze import gaze_error_deg
from encoders.metrics.levels import interval95, three_levels
from encoders.metrics.mesh import FACE, LOWER_FACE, distances_mm, mesh_error_mm, mouth_shape_error_mm, vertex_mask
from faces import load_head_model


def test_gaze_error_is_the_mean_angle_of_both_eyes() -> None:
    true = np.zeros((3, 2, 2))
    guess = np.radians([[[10, 0], [0, 4]], [[0, 0], [0, 0]], [[90, 0], [-90, 0]]])
    np.testing.assert_allclose(gaze_error_deg(guess, true), [7, 0, 90], atol=1e-9)


def test_gaze_error_at_height_is_the_angle_on_the_sphere() -> None:
    # Along a circle of latitude: cos of the angle = sin² el + cos² el · cos az (spherical law of cosines).
    elevation, azimuth = np.radians(35.0), np.radians(40.0)
    expected = np.degrees(np.arccos(np.sin(elevation) ** 2 + np.cos(elevation) ** 2 * np.cos(azimuth)))
    guess = np.array([[[azimuth, elevation]] * 2])
    true = np.array([[[0.0, elevation]] * 2])
    np.testing.assert_allclose(gaze_error_deg(guess, true), [expected], rtol=1e-12)


def test_tiny_gaze_errors_keep_their_digits() -> None:
    guess = np.array([[[1e-7, 0.0], [1e-7, 0.0]]])
    np.testing.assert_allclose(gaze_error_deg(guess, np.zeros((1, 2, 2))), np.degrees([1e-7]), rtol=1e-6)


def test_mesh_error_is_the_mean_distance_of_the_vertices_that_count() -> None:
    true = np.zeros((2, 4, 3))
    guess = true.copy()
    guess[0, 0] = [3e-3, 4e-3, 0]  # 5 mm
    guess[0, 1] = [0, 0, 1e-3]  # 1 mm
    guess[:, 3] = 9.0  # not in the mask
    np.testing.assert_allclose(mesh_error_mm(guess, true, np.array([0, 1, 2])), [2, 0])


def test_mouth_shape_adds_what_width_and_height_are_off_by() -> None:
    names = ("lip_corner_left", "nose_tip", "lip_corner_right", "lip_upper_inner_middle", "lip_lower_inner_middle")
    true = 1e-3 * np.array([[[25, 0, 0], [0, 9, 9], [-25, 0, 0], [0, 2, 0], [0, -2, 0]]], float)
    guess = true + np.array([0.01, 0, 0])  # moved as a whole: nothing changes
    np.testing.assert_allclose(mouth_shape_error_mm(guess, true, names), [0], atol=1e-12)
    guess[0, 0, 0] += 6e-3  # 6 mm wider
    guess[0, 4, 1] -= 3e-3  # 3 mm higher
    np.testing.assert_allclose(mouth_shape_error_mm(guess, true, names), [9])
    with pytest.raises(EncoderError, match="'mole'"):
        distances_mm(true, names, ("mole", "nose_tip"))


def test_masks_hold_the_face_and_its_lower_half_once() -> None:
    topology = load_head_model().topology
    face, lower = vertex_mask(topology, FACE), vertex_mask(topology, LOWER_FACE)
    assert set(lower) < set(face)
    points = load_head_model().mesh(load_head_model().neutral_identity()).vertices
    assert len(np.unique(points[face], axis=0)) == len(face)  # no vertex twice, as at seams
    assert points[face, 2].min() > -0.08  # nothing of the back of the head
    assert points[lower, 1].max() < 0.02  # nothing above the lower lids but the cheeks' upper ends
    for name in ("eyeball_left", "teeth", "tongue", "lashes"):
        inside = np.setdiff1d(vertex_mask(topology, (name,)), vertex_mask(topology, ("lids_left", "mouth_interior")))
        assert not np.isin(inside, face).any(), name
    with pytest.raises(EncoderError, match="ear"):
        vertex_mask(topology, ("ear",))


NAMES = ("eyeBlinkLeft", "eyeLookUpLeft", "jawOpen", "mouthSmileLeft")


def test_semantic_accuracy_is_the_share_of_key_blendshapes_that_are_reached() -> None:
    true = np.array([[0, 0, 0.1, 0.2], [0, 0, 0.8, 0.6]])
    performed = end_user.key_activations({"jawOpen": 1.0, "mouthSmileLeft": 0.6, "eyeBlinkLeft": 0.1}, NAMES, true)
    assert performed == {"jawOpen": 0.8, "mouthSmileLeft": 0.6}
    guess = np.array([[0, 0, 0.57, 0], [0, 0, 0.2, 0.1]])  # 0.57 > 0.7 × 0.8 at another time; 0.1 < 0.7 × 0.6
    assert end_user.semantic_accuracy(guess, NAMES, performed) == 0.5
    assert end_user.semantic_accuracy(guess, NAMES, {}) is None
    # What was hardly performed is not asked for.
    assert end_user.key_activations({"jawOpen": 1.0}, NAMES, 0.3 * true) == {}


def test_neutralness_counts_what_rests_in_neutral_frames() -> None:
    true = np.array([[1.0, 1.0, 0.0, 0.1], [0, 0, 0.5, 0]])  # first: neutral, though it blinks and looks up
    guess = np.array([[0.9, 0.9, 0.2, 0.1], [0, 0, 0, 0]])
    assert end_user.neutralness(guess, true, NAMES) == 0.5
    assert end_user.neutralness(guess[1:], true[1:], NAMES) is None


def test_smoothness_follows_the_second_derivative() -> None:
    seconds = np.arange(90) / 30
    parabola = (0.5 * 3.0 * seconds**2)[:, None]  # second derivative 3 everywhere
    assert end_user.second_derivative_per_s2(parabola, 30) == pytest.approx(3.0)
    assert end_user.smoothness(parabola, 30) == pytest.approx(1 / (1 + 3 / end_user.RESTLESS_PER_S2))
    assert end_user.smoothness(seconds[:, None], 30) == pytest.approx(1.0)
    assert end_user.smoothness(parabola[:2], 30) is None


def test_closure_asks_only_where_it_is_shut_in_truth() -> None:
    true = np.array([[0.2, 9.0], [0.9, 0.5], [8.0, 9.0]])  # a wink, both shut, both open
    guess = np.array([[1.5, 0.0], [4.0, 1.0], [0.0, 0.0]])
    assert end_user.closure(guess, true, 1.0, 2.0) == pytest.approx(2 / 3)
    assert end_user.closure(guess[2:], true[2:], 1.0, 2.0) is None


def test_three_levels_average_recordings_before_subjects() -> None:
    rows = [("a", "smile", 1.0), ("a", "pucker", 0.0), ("b", "smile", 1.0), ("b", "blink", None)]
    levels = three_levels(rows)
    assert levels.subjects == {"a": 0.5, "b": 1.0}
    assert levels.dataset == 0.75  # over recordings it would be 2/3
    assert levels.recordings["b"] == {"smile": 1.0}
    assert three_levels([("a", "x", None)]).dataset is None


def test_interval_is_that_of_the_mean_over_subjects() -> None:
    rng = np.random.default_rng(5)
    means = rng.normal(3.0, 1.0, 60)
    values = np.repeat(means, 50)  # frames of one subject are all alike
    low, high = interval95(values, np.repeat(np.arange(60), 50)) or (0, 0)
    expected = 1.96 * means.std() / np.sqrt(60)  # as of 60 values, not of 3000
    np.testing.assert_allclose([values.mean() - low, high - values.mean()], expected, rtol=0.12)
    assert interval95(values[:50], ["one"] * 50) is None
