"""Barrels and facial interface around a wearer's face."""

import numpy as np
import pytest
import trimesh

from headsets import load_headset
from headsets.housing import (
    BESIDE_M,
    PRESSED_M,
    REACH_ABOVE_M,
    REACH_BELOW_M,
    YIELDS_M,
    YIELDS_OVER_M,
    housing_of,
    press,
)

HEADSET = load_headset("refa_green")


def face(half_mm=90.0, z_mm=15.0):
    """A flat face, 1 mm apart."""
    axis = np.arange(-half_mm, half_mm + 1) * 1e-3
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel(), np.full(x.size, z_mm * 1e-3)], -1)


def test_the_interface_ends_in_the_skin_wherever_it_is_in_reach():
    housing = housing_of(HEADSET)
    skin = face()
    v = housing.vertices(0.063, skin)
    count = len(housing.edge)
    start, end = v[-2 * count : -count], v[-count:]
    gap = np.linalg.norm(start[:, None, 2] - skin[0, 2], axis=1)
    beside = np.abs(start[:, 0]) > BESIDE_M
    thickest = np.where(start[:, 1] > 0, REACH_ABOVE_M, np.where(beside, REACH_BELOW_M, 0.0))
    near = gap < thickest - 1e-3
    depth = (end[:, 2] - skin[0, 2]) * np.sign(skin[0, 2] - start[:, 2])
    assert near.sum() > 10
    np.testing.assert_allclose(depth[near], PRESSED_M, atol=0.3e-3)
    far = gap > thickest + 1e-3
    np.testing.assert_array_equal(end[far], start[far])


@pytest.mark.parametrize("ipd", [0.050, 0.060, 0.066, 0.080])
def test_barrels_follow_the_eyes_as_far_as_they_go(ipd):
    housing = housing_of(HEADSET)
    v = housing.vertices(ipd, face())
    count, single = len(housing.shell), len(housing.barrel)
    right, left = v[count : count + single], v[count + single : count + 2 * single]
    low, high = HEADSET.keep_out.lens_barrels.ipd_m
    assert left[:, 0].mean() - right[:, 0].mean() == pytest.approx(np.clip(ipd, low, high), abs=1e-6)
    assert left[:, 2].min() == pytest.approx(HEADSET.keep_out.lens_barrels.front_z_m)


def test_the_inside_of_the_shell_faces_the_wearer():
    housing = housing_of(HEADSET)
    own = housing.triangles[(housing.triangles < len(housing.shell)).all(axis=1)]
    mesh = trimesh.Trimesh(housing.shell, own, process=False)
    towards = np.array([0.0, -0.02, 0.0]) - mesh.triangles_center
    assert (np.einsum("ij,ij->i", mesh.face_normals, towards) >= 0).all()


def test_skin_yields_in_a_groove_whose_normals_are_its_own():
    """A straight line of contacts presses a flat face: the depth's closed form, and normals by finite differences."""
    skin = face(20.0)
    contacts = np.stack([np.linspace(-0.03, 0.03, 601), np.zeros(601), np.full(601, 0.015)], -1)
    index, places, normals = press(skin, np.tile([0.0, 0.0, 1.0], (len(skin), 1)), contacts)
    y = skin[index, 1]
    depth = YIELDS_M * np.exp(-((y / YIELDS_OVER_M) ** 2))
    np.testing.assert_allclose(places[:, 2], 0.015 - depth, atol=1e-6)
    slope = 2 * depth * y / YIELDS_OVER_M**2  # dz/dy
    expected = np.stack([0 * y, -slope, np.ones_like(y)], -1)
    np.testing.assert_allclose(normals, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=0.01)
    untouched = np.setdiff1d(np.arange(len(skin)), index)
    assert (np.abs(skin[untouched, 1]) >= 3 * YIELDS_OVER_M - 1e-9).all()
