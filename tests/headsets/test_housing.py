"""Barrels and facial interface around a wearer's face."""

import numpy as np
import pytest
import trimesh

from headsets import load_headset
from headsets.housing import PRESSED_M, REACH_ABOVE_M, REACH_BELOW_M, housing_of

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
    thickest = np.where(start[:, 1] > 0, REACH_ABOVE_M, REACH_BELOW_M)
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
