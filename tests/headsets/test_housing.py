"""Barrels and facial interface around a wearer's face."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from headsets import HeadsetError, HousingSpec, Interface, ViewingLens, build_headset, dump_headset, load_headset
from headsets.housing import TAPER_M, housing_of, press
from headsets.load import parse_file
from headsets.schema.file import HousingPart

HEADSET = load_headset("refa_green")
PLAIN = Interface()
OTHER = Interface(0.2, 0.045, 0.025, 0.040, 0.0025, 0.002, 0.006)
FILE = """\
housing:
  barrel: {reflectance: 0.12}
  viewing_lens: {reflectance: 0.05, ghost_reflectance: 0.005, index: 1.6, radius_mm: 80, mount_mm: 2}
  interface: {reflectance: 0.2, reach_above_mm: 45, reach_below_mm: 25, beside_mm: 40, pressed_mm: 2.5, yields_mm: 2,
              yields_over_mm: 6}
"""


def with_housing(text):
    """The shipped headset with a housing section."""
    return build_headset(parse_file(dump_headset(HEADSET) + text, "mine.yaml"), HEADSET.source)


def face(half_mm=90.0, z_mm=15.0):
    """A flat face, 1 mm apart."""
    axis = np.arange(-half_mm, half_mm + 1) * 1e-3
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel(), np.full(x.size, z_mm * 1e-3)], -1)


@pytest.mark.parametrize("foam", [PLAIN, OTHER])
def test_the_interface_ends_in_the_skin_wherever_it_is_in_reach(foam):
    housing = housing_of(replace(HEADSET, housing=HousingSpec(interface=foam)))
    skin = face()
    v = housing.vertices(0.063, skin)
    count = len(housing.edge)
    start, end = v[-2 * count : -count], v[-count:]
    gap = np.linalg.norm(start[:, None, 2] - skin[0, 2], axis=1)
    x, y, taper = np.abs(start[:, 0]), start[:, 1], TAPER_M
    below = np.where(x > foam.beside_m + taper, foam.reach_below_m, np.where(x < foam.beside_m, 0.0, np.nan))
    thickest = np.where(y > taper, foam.reach_above_m, np.where(y < 0, below, np.nan))
    near = gap < thickest - taper - 1e-3
    depth = (end[:, 2] - skin[0, 2]) * np.sign(skin[0, 2] - start[:, 2])
    assert near.sum() > 10
    np.testing.assert_allclose(depth[near], foam.pressed_m, atol=0.3e-3)
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


@pytest.mark.parametrize("foam", [PLAIN, OTHER])
def test_skin_yields_in_a_groove_whose_normals_are_its_own(foam):
    """A straight line of contacts presses a flat face: the depth's closed form, and normals by finite differences."""
    skin = face(20.0)
    contacts = np.stack([np.linspace(-0.03, 0.03, 601), np.zeros(601), np.full(601, 0.015)], -1)
    index, places, normals = press(skin, np.tile([0.0, 0.0, 1.0], (len(skin), 1)), contacts, foam)
    y = skin[index, 1]
    depth = foam.yields_m * np.exp(-((y / foam.yields_over_m) ** 2))
    np.testing.assert_allclose(places[:, 2], 0.015 - depth, atol=1e-6)
    slope = 2 * depth * y / foam.yields_over_m**2  # dz/dy
    expected = np.stack([0 * y, -slope, np.ones_like(y)], -1)
    np.testing.assert_allclose(normals, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=0.01)
    untouched = np.setdiff1d(np.arange(len(skin)), index)
    assert (np.abs(skin[untouched, 1]) >= 3 * foam.yields_over_m - 1e-9).all()


def test_a_file_sets_all_of_the_housing_and_reads_back():
    built = with_housing(FILE)
    assert built.housing == HousingSpec(0.12, ViewingLens(0.05, 0.005, 1.6, 0.080, 0.002), OTHER)
    assert HEADSET.housing == HousingSpec()
    text = dump_headset(built)
    assert "yields_over_mm: 6" in text
    assert parse_file(text, "again") == built.spec
    keys = {key for part in HousingPart().model_dump().values() for key in part}
    assert all(f"{key}:" in FILE for key in keys)  # this test is of every key


def test_reflectances_go_where_they_belong():
    housing = housing_of(with_housing(FILE))
    shell, tube, rim = len(housing.shell), len(housing.barrel), len(housing.edge)
    barrels = housing.reflectance[shell : shell + 2 * tube]
    wall = housing.barrel[:, 2] > HEADSET.keep_out.lens_barrels.front_z_m + 0.02
    np.testing.assert_allclose(housing.reflectance[:shell], HEADSET.shell.reflectance, rtol=1e-6)
    np.testing.assert_allclose(barrels[:tube][wall], 0.12, rtol=1e-6)
    np.testing.assert_allclose(barrels[tube - 1], 0.05, rtol=1e-6)  # the lens's apex
    assert set(np.round(barrels, 6)) == {np.float32(0.12), np.float32(0.05)}
    np.testing.assert_allclose(housing.reflectance[-2 * rim :], 0.2, rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("housing: {barrel: {reflectance: 1.5}}", "`0 <= reflectance <= 1` must hold, got 1.5"),
        ("housing: {interface: {pressed_mm: -1}}", "`0 <= pressed_mm <= 10` must hold, got -1"),
        ("housing: {interface: {yields_over_mm: 0}}", "`0 < yields_over_mm <= 50` must hold, got 0"),
        ("housing: {interface: {reach_mm: 3}}", "unknown key 'reach_mm'"),
        ("housing: {viewing_lens: {index: '1.5'}}", "`index` must be a number"),
        ("housing: {viewing_lens: {radius_mm: 20}}", "`radius_mm` must exceed the lens's own radius"),
        ("housing: 0.1", "`housing` must be a mapping"),
    ],
)
def test_a_wrong_housing_says_what_is_wrong(text, message):
    with pytest.raises(HeadsetError) as caught:
        with_housing(text)
    assert message in str(caught.value)
    assert ": housing" in str(caught.value)
    assert "\n" not in str(caught.value)
