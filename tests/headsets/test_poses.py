"""Poses, mirror twins and donning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.donning import DonningDistribution, parse_donning
from headsets.errors import HeadsetError
from headsets.mirror import S, mirrored_pose, swapped_side
from headsets.poses import from_matrix, from_quaternion, look_at

points = st.tuples(*[st.floats(-0.1, 0.1)] * 3).map(np.array)


@given(points, points, st.floats(-3, 3))
def test_look_at_points_there_and_is_rigid(position: np.ndarray, target: np.ndarray, roll: float) -> None:
    assume(np.linalg.norm(target - position) > 1e-4)
    T = look_at(position, target, roll)
    np.testing.assert_allclose(T.translation, position)
    R = T.rotation.as_matrix()
    np.testing.assert_allclose(R.T @ R, np.eye(3), atol=1e-12)
    distance = np.linalg.norm(target - position)
    np.testing.assert_allclose(T.inv().apply(target), [0, 0, distance], atol=1e-12)


@given(points, points)
def test_roll_zero_keeps_the_image_upright(position: np.ndarray, target: np.ndarray) -> None:
    assume(np.linalg.norm((target - position)[[0, 2]]) > 1e-3)
    R = look_at(position, target).rotation.as_matrix()
    up = -R[:, 1]
    assert abs(R[1, 0]) < 1e-9, "the image's x axis is level"
    assert up[1] > 0
    # No other roll brings the image's up nearer to the device's +y.
    turned = [-look_at(position, target, a).rotation.as_matrix()[1, 1] for a in np.linspace(-3, 3, 31)]
    assert up[1] >= max(turned) - 1e-9


def test_a_camera_facing_the_face_sees_the_wearers_left_on_its_right() -> None:
    T = look_at([0, 0, 0.1], [0, 0, 0])
    left_in_camera = T.inv().apply([0.03, 0.01, 0.0])
    assert left_in_camera[0] > 0
    assert left_in_camera[1] < 0, "up in the device is up in the image, y down"


def test_positive_roll_turns_x_towards_y() -> None:
    plain, rolled = (look_at([0, 0, 0.1], [0, 0, 0], r).rotation.as_matrix() for r in (0.0, 0.1))
    assert rolled[:, 0] @ plain[:, 1] == pytest.approx(np.sin(0.1))


def test_straight_down_is_defined() -> None:
    R = look_at([0, 0.1, 0], [0, 0, 0]).rotation.as_matrix()
    np.testing.assert_allclose(-R[:, 1], [0, 0, 1], atol=1e-12)


def test_the_same_pose_in_three_forms() -> None:
    T = look_at([0.03, -0.04, 0.05], [0, -0.07, 0.03], 0.2)
    for same in (
        from_matrix(T.translation, T.rotation.as_matrix()),
        from_quaternion(T.translation, T.rotation.as_quat(scalar_first=True)),
    ):
        np.testing.assert_allclose(same.as_matrix(), T.as_matrix(), atol=1e-12)


def test_poses_that_are_not_rigid_are_refused() -> None:
    with pytest.raises(HeadsetError, match="look_at_mm != position_mm"):
        look_at([0, 0, 1], [0, 0, 1])
    with pytest.raises(HeadsetError, match=r"= 1.*got 2"):
        from_quaternion([0, 0, 0], [2, 0, 0, 0])
    with pytest.raises(HeadsetError, match="rigid pose"):
        from_quaternion([0, 0, 0], [0, 0, 0, 0])
    with pytest.raises(HeadsetError, match="rigid pose"):
        from_matrix([0, 0, 0], np.eye(3) * 1.01)
    with pytest.raises(HeadsetError, match="mirror image"):
        from_matrix([0, 0, 0], np.diag([1, 1, -1]))


@given(points, points, st.floats(-3, 3))
def test_mirror_twin_is_the_reflected_pose(position: np.ndarray, target: np.ndarray, roll: float) -> None:
    assume(np.linalg.norm(target - position) > 1e-4)
    T = look_at(position, target, roll)
    twin = mirrored_pose(T)
    np.testing.assert_allclose(np.linalg.det(twin.rotation.as_matrix()), 1)
    np.testing.assert_allclose(mirrored_pose(twin).as_matrix(), T.as_matrix(), atol=1e-12)
    point = np.array([0.01, 0.02, 0.03])
    np.testing.assert_allclose(twin.apply(point @ S), T.apply(point) @ S, atol=1e-12)


def test_sides_swap() -> None:
    assert [swapped_side(n) for n in ("eye_left", "eye_right", "mouth")] == ["eye_right", "eye_left", "mouth"]


def test_donning_has_the_stated_spread_and_is_reproducible() -> None:
    sd = DonningDistribution(0.0015, 0.003, 0.002, np.deg2rad(3), np.deg2rad(1.5), np.deg2rad(1.0))
    T = sd.sample(np.random.default_rng(3), 20_000)
    np.testing.assert_allclose(T.translation.std(0), [0.0015, 0.003, 0.002], rtol=0.03)
    np.testing.assert_allclose(T.rotation.as_euler("xyz", degrees=True).std(0), [3, 1.5, 1.0], rtol=0.03)
    np.testing.assert_array_equal(T.as_matrix(), sd.sample(np.random.default_rng(3), 20_000).as_matrix())
    assert DonningDistribution().sample(np.random.default_rng(0), 2).as_matrix().tolist() == [np.eye(4).tolist()] * 2


def test_donning_turns_about_the_head_origin_pitch_first() -> None:
    T = parse_donning("1, -2,3, 10,20,30")
    np.testing.assert_allclose(T.apply([0, 0, 0]), [0.001, -0.002, 0.003])
    by_hand = Rotation.from_rotvec([0, 0, np.deg2rad(30)]) * Rotation.from_rotvec([0, np.deg2rad(20), 0])
    by_hand = by_hand * Rotation.from_rotvec([np.deg2rad(10), 0, 0])
    np.testing.assert_allclose(T.rotation.as_matrix(), by_hand.as_matrix(), atol=1e-12)
    assert isinstance(T, RigidTransform)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5,x", "1,2,3,4,5,nan", "1,2,3,4,5,6,7"])
def test_donning_text_that_is_not_six_numbers(text: str) -> None:
    with pytest.raises(HeadsetError, match="six finite numbers"):
        parse_donning(text)


@pytest.mark.parametrize("value", [-1e-3, np.nan, np.inf])
def test_donning_rules(value: float) -> None:
    with pytest.raises(HeadsetError, match="0 <= up_m"):
        DonningDistribution(up_m=value)
