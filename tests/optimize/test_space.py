"""Parameters to layout and back, against rays of trimesh, a walk along the rail, and what the camera's image shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from headsets import list_headsets, load_headset
from headsets.build import build_headset
from headsets.poses import look_at
from headsets.search import Box, Patch, Rail
from optimize.errors import OptimizeError
from optimize.space.aim import aimed_point, pan_tilt_roll
from optimize.space.axes import Choice, Number
from optimize.space.box import BoxMount
from optimize.space.patch import PatchMount
from optimize.space.rail import RailMount
from optimize.space.space import space_of
from tests.optimize.search_cases import green, part, space

GREEN_AXES = [
    "cameras.eye_left.x_mm",
    "cameras.eye_left.y_mm",
    "cameras.eye_left.z_mm",
    "cameras.eye_left.pan_deg",
    "cameras.eye_left.tilt_deg",
    "cameras.mouth_left.x_mm",
    "cameras.mouth_left.y_mm",
    "cameras.mouth_left.z_mm",
    "cameras.mouth_left.pan_deg",
    "cameras.mouth_left.tilt_deg",
    "cameras.glabella.y_mm",
    "cameras.glabella.z_mm",
    "cameras.glabella.tilt_deg",
    "leds.mouth_left_a.x_mm",
    "leds.mouth_left_a.y_mm",
    "leds.mouth_left_a.z_mm",
    "leds.mouth_left_a.current",
    "leds.eye_left_a.current",
    "leds.eye_left_b.along_mm",
    "leds.eye_left_b.current",
    "leds.glabella_left.azimuth_deg",
    "leds.glabella_left.elevation_deg",
    "leds.glabella_left.off_mm",
    "leds.glabella_left.current",
]
"""A study's parameters go by these names: they may never change."""
PATCH = Patch((0.0, 20.0, 0.0), (2.0, 20.0), (-5.0, 20.0), (4.0, 14.0))


def test_names_are_stable():
    assert [axis.name for axis in space_of(green()).axes] == GREEN_AXES


@pytest.mark.parametrize("name", [name for name in list_headsets() if load_headset(name).spec.search])
def test_the_existing_layout_is_in_its_own_space(name):
    own = space_of(load_headset(name))
    params, off = own.existing()
    assert off == []
    again = own.build(own.layout(params))
    for part_name, camera in own.base.cameras.items():
        np.testing.assert_allclose(
            again.cameras[part_name].T_device_camera.as_matrix(), camera.T_device_camera.as_matrix(), atol=1e-9
        )
    for part_name, led in own.base.leds.items():
        # A patch of the shell is found again by search, to a hundredth of a millimetre.
        np.testing.assert_allclose(again.leds[part_name].position, led.position, atol=1e-5)
        assert again.leds[part_name].radiant_intensity_w_sr == led.radiant_intensity_w_sr


def test_random_layouts_come_back_as_their_parameters():
    own = space_of(green())
    rng = np.random.default_rng(3)
    for _ in range(5):
        params = {axis.name: float(rng.uniform(axis.low, axis.high)) for axis in own.axes}
        moved = space_of(own.build(own.layout(params)), own.search.part.model_copy(update={
            "cameras": {
                name: given.model_copy(update={"aim_at_mm": green().spec.cameras[name].look_at_mm})
                for name, given in own.search.part.cameras.items()
            },
            "leds": {
                name: given.model_copy(update={"aim_at_mm": green().spec.leds[name].look_at_mm})
                for name, given in own.search.part.leds.items()
            },
        }))  # fmt: skip
        found, off = moved.existing()
        assert off == []
        for name, value in params.items():
            if "glabella_left" not in name or name.endswith("current"):
                assert found[name] == pytest.approx(value, abs=6e-3), name
        np.testing.assert_allclose(
            moved.build(moved.layout(found)).leds["glabella_left"].position,
            moved.base.leds["glabella_left"].position,
            atol=1e-4,
        )


def test_twins_follow_and_parts_can_be_off():
    own = space(
        cameras={"eye_left": {"optional": True, "pan_deg": [-10, 10]}, "mouth_left": {"pan_deg": [0, 20]}}, leds={}
    )
    assert own.axes == (
        Choice("cameras.eye_left.on", (True, False)),
        Number("cameras.eye_left.pan_deg", -10, 10),
        Number("cameras.mouth_left.pan_deg", 0, 20),
    )
    spec = own.layout(
        {"cameras.eye_left.on": False, "cameras.eye_left.pan_deg": 3.0, "cameras.mouth_left.pan_deg": 20.0}
    )
    built = own.build(spec)
    assert list(built.cameras) == ["mouth_left", "mouth_right", "glabella"]
    left, right = built.cameras["mouth_left"], built.cameras["mouth_right"]
    np.testing.assert_allclose(right.optical_axis, left.optical_axis * [-1, 1, 1], atol=1e-12)
    assert left.optical_axis @ green().cameras["mouth_left"].optical_axis == pytest.approx(
        np.cos(np.deg2rad(20)),
        abs=1e-5,  # the file has micrometres
    )


def test_choices_and_currents_reach_the_file():
    own = space(cameras={}, leds={"eye_left_a": {"current": [0.5, 2], "emitter": ["chip_850"]}})
    led = own.build(own.layout({"leds.eye_left_a.current": 1.25})).leds["eye_right_a"]
    assert led.radiant_intensity_w_sr == pytest.approx(8e-3 * 1.25)


def test_pan_moves_the_aim_left_in_the_image_and_tilt_down():
    camera = green().cameras["mouth_left"]
    position, aim = camera.position, np.array([0.005, -0.07, 0.02])
    for pan, tilt in ((15.0, 0.0), (0.0, 10.0), (-20.0, 12.0)):
        target = aimed_point(position, aim, pan, tilt)
        pose = look_at(position, target)
        pixel, valid = camera.lens.project(pose.inv().apply(aim))
        assert valid
        centre = np.array([camera.lens.cx_px, camera.lens.cy_px])
        if pan:
            assert np.sign(pixel[0] - centre[0]) == -np.sign(pan)
        if tilt:
            assert np.sign(pixel[1] - centre[1]) == np.sign(tilt)
        axis = pose.rotation.as_matrix()[:, 2]
        off = np.arccos(axis @ (aim - position) / np.linalg.norm(aim - position))
        assert np.cos(off) == pytest.approx(np.cos(np.deg2rad(pan)) * np.cos(np.deg2rad(tilt)))


def test_roll_is_found_again():
    position, aim = np.array([30.0, -40.0, 50.0]), np.array([5.0, -70.0, 20.0])
    turned = look_at(position, aimed_point(position, aim, 12.0, -7.0), np.deg2rad(25.0))
    assert pan_tilt_roll(turned, aim) == pytest.approx((12.0, -7.0, 25.0))
    by_hand = RigidTransform.from_components(position, turned.rotation * Rotation.from_euler("z", -25, degrees=True))
    assert pan_tilt_roll(by_hand, aim)[2] == pytest.approx(0, abs=1e-9)


def test_a_patch_lies_on_the_shell_and_inwards_of_it():
    shell = green().shell
    mesh = trimesh.Trimesh(shell.vertices * 1e3, shell.triangles, process=False)
    mount = PatchMount(PATCH, shell)
    rng = np.random.default_rng(5)
    for _ in range(20):
        azimuth, elevation = rng.uniform(2, 20), rng.uniform(-5, 20)
        a, e = np.deg2rad([azimuth, elevation])
        direction = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        hits, _, _ = mesh.ray.intersects_location([PATCH.from_mm], [direction])
        nearest = hits[np.linalg.norm(hits - PATCH.from_mm, axis=-1).argmin()]
        at = {"azimuth_deg": azimuth, "elevation_deg": elevation}
        np.testing.assert_allclose(mount.place({**at, "off_mm": 0.0}), nearest, atol=1e-6)
        inwards = mount.place({**at, "off_mm": 6.0})
        assert inwards[2] < nearest[2]
        distance = trimesh.proximity.closest_point(mesh, inwards[None])[1][0]
        assert distance <= 6.0 + 1e-6
        if nearest[1] < 30:  # higher up the ceiling is nearer than the plate
            assert distance == pytest.approx(6.0, abs=1e-6)


def test_a_patch_over_the_opening_is_refused():
    with pytest.raises(OptimizeError, match=r"must meet the shell.*azimuth"):
        PatchMount(Patch((0, 0, 20), (-10, 10), (-89, -60), (1, 2)), green().shell)


def test_a_rail_is_walked_at_even_speed():
    mount = RailMount(Rail(((0, 0, 0), (3, 4, 0), (3, 4, 12))))
    assert mount.intervals == {"along_mm": (0.0, 17.0)}
    np.testing.assert_allclose(mount.place({"along_mm": 2.5}), (1.5, 2, 0))
    np.testing.assert_allclose(mount.place({"along_mm": 9.0}), (3, 4, 4))
    assert mount.locate(np.array([4.0, 4.0, 5.0]))["along_mm"] == pytest.approx(10.0)
    assert mount.locate(np.array([-9.0, 0.0, 0.0]))["along_mm"] == 0.0


def test_a_box_clips():
    mount = BoxMount(Box((0, 0, 0), (0, 2, 3)))
    assert mount.locate(np.array([1.0, 5.0, 1.0])) == {"x_mm": 0.0, "y_mm": 2.0, "z_mm": 1.0}


def test_an_existing_part_off_its_mount_is_said_so():
    moved = space(mounts={"above": {"box": {"low_mm": [0, 30, 38], "high_mm": [0, 40, 50]}}})
    params, off = moved.existing()
    assert params["cameras.glabella.y_mm"] == 40
    assert off == ["cameras.glabella is 2.5 mm off its mount"]


@pytest.mark.parametrize(
    ("leds", "lost"),
    [
        ({"eye_left_a": {"current": [1.5, 1.5]}}, ["leds.eye_left_a does not keep its current"]),
        ({"eye_left_a": {"emitter": ["chip_940"]}}, ["leds.eye_left_a does not keep its emitter"]),
        ({"eye_left_a": {"current": [0.5, 1.5]}}, []),
    ],
)
def test_what_the_space_fixes_otherwise_is_said(leds, lost):
    chip = green().spec.emitters["chip_850"]
    spec = green().spec.model_copy(update={"emitters": {"chip_850": chip, "chip_940": chip}})
    _, off = space_of(replace(green(), spec=spec), part(leds=leds)).existing()
    assert off == lost


def test_a_roll_that_the_space_does_not_keep_is_said():
    there = green().cameras["glabella"].T_device_camera.rotation * Rotation.from_euler("z", 90, degrees=True)
    turned = {"look_at_mm": None, "quaternion_wxyz": there.as_quat(scalar_first=True).tolist()}
    data = green().spec.model_dump(mode="python", exclude_unset=True)
    camera = {k: v for k, v in (data["cameras"]["glabella"] | turned).items() if v is not None}
    spec = type(green().spec).model_validate({**data, "cameras": {**data["cameras"], "glabella": camera}})
    headset = build_headset(spec.model_copy(update={"search": None}), green().source)
    kept = {"glabella": {"mount": "above", "aim_at_mm": [0, 22, 5], "tilt_deg": [-40, 40], "roll_deg": [-95, 95]}}
    assert space_of(headset, part(cameras=kept)).existing()[1] == []
    del kept["glabella"]["roll_deg"]
    _, off = space_of(headset, part(cameras=kept)).existing()
    assert off == ["cameras.glabella does not keep its orientation"]


def test_a_ray_through_a_small_hole_meets_what_its_neighbour_meets():
    shell = green().shell
    whole = PatchMount(PATCH, shell)
    at = {"azimuth_deg": 11.9, "elevation_deg": 8.6, "off_mm": 6.0}
    there = whole.place({**at, "off_mm": 0.0})
    corners = shell.vertices[shell.triangles]
    fine = trimesh.remesh.subdivide_to_size(shell.vertices, shell.triangles, 2e-3)
    away = np.linalg.norm(fine[0][fine[1]].mean(axis=1) * 1e3 - there, axis=-1)
    assert len(fine[1]) > len(corners)
    holed = replace(shell, vertices=fine[0], triangles=fine[1][away > 1.2])
    assert (away <= 1.2).any()
    patched = PatchMount(PATCH, holed)
    assert np.linalg.norm(patched.place(at) - whole.place(at)) < 2.0


def test_a_space_with_nothing_free_is_refused():
    with pytest.raises(OptimizeError, match="something free"):
        space_of(green(), part(cameras={}, leds={}))
