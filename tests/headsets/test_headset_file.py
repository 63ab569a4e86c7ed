"""The headset file: what it means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml

from headsets import (
    HeadsetError,
    build_headset,
    describe,
    dump_headset,
    list_headsets,
    load_headset,
)
from headsets.leds import half_angle
from headsets.load import parse_file
from tests.headsets.headset_file_cases import BASE, GLASS, changed, read


def test_numbers_arrive_in_si_units() -> None:
    headset = read(BASE)
    camera, led = headset.cameras["mouth_left"], headset.leds["eye_left_b"]
    np.testing.assert_allclose(camera.position, np.array(BASE["cameras"]["mouth_left"]["position_mm"]) * 1e-3)
    aim = np.array(BASE["cameras"]["mouth_left"]["look_at_mm"]) * 1e-3 - camera.position
    np.testing.assert_allclose(camera.optical_axis, aim / np.linalg.norm(aim), atol=1e-12)
    assert (camera.width_px, camera.height_px) == (400, 400)
    assert camera.tolerance is not None
    assert camera.tolerance.position_m == pytest.approx(0.15e-3)
    assert led.radiant_intensity_w_sr == pytest.approx(0.008)
    assert np.rad2deg(half_angle(led.profile)) == pytest.approx(65)
    assert led.source_m == pytest.approx(0.3e-3)
    assert headset.donning.up_m == pytest.approx(0.003)
    assert headset.donning.pitch_rad == pytest.approx(np.deg2rad(3))
    assert headset.keep_out.lens_barrels is not None
    assert headset.keep_out.lens_barrels.front_z_m == pytest.approx(0.0133 + 0.018)


def test_twins_follow_their_originals_and_mirror_them() -> None:
    headset = read(BASE)
    assert list(headset.cameras) == ["eye_left", "eye_right", "mouth_left", "mouth_right", "glabella"]
    left, right = headset.cameras["eye_left"], headset.cameras["eye_right"]
    assert right.mirror_of == "eye_left"
    assert (left.sees, right.sees) == (("eye_left",), ("eye_right",))
    rng = np.random.default_rng(0)
    world = rng.uniform(-0.02, 0.02, (200, 3)) + np.array([0.032, 0, 0.01])
    pixels, valid = left.lens.project(left.T_device_camera.inv().apply(world))
    twin, twin_valid = right.lens.project(right.T_device_camera.inv().apply(world * (-1, 1, 1)))
    np.testing.assert_array_equal(valid, twin_valid)
    np.testing.assert_allclose(twin, np.stack([399 - pixels[:, 0], pixels[:, 1]], axis=-1), atol=1e-9)
    np.testing.assert_allclose(headset.leds["eye_right_a"].position, headset.leds["eye_left_a"].position * (-1, 1, 1))


def test_cover_glasses_are_posed_and_mirrored() -> None:
    headset = read(changed("cover_glasses", value={"mouth_left": GLASS}))
    left, right = headset.cover_glasses["mouth_left"], headset.cover_glasses["mouth_right"]
    z = np.array([4, -70, 30.0]) - [30, -40, 45]
    np.testing.assert_allclose(left.T_device_glass.rotation.as_matrix()[:, 2], z / np.linalg.norm(z))
    corners = left.T_device_glass.apply(np.pad(np.asarray(left.aperture), ((0, 0), (0, 1))))
    twin = right.T_device_glass.apply(np.pad(np.asarray(right.aperture), ((0, 0), (0, 1))))
    np.testing.assert_allclose(twin[[1, 0, 3, 2]], corners * (-1, 1, 1), atol=1e-12)
    assert np.linalg.norm(corners[0] - corners[2]) == pytest.approx(1e-3 * np.hypot(14, 8))
    assert (left.thickness_m, right.mirror_of) == (0.7e-3, "mouth_left")
    assert left.surface_reflectance == pytest.approx((0.51 / 2.51) ** 2)
    disc = {k: v for k, v in GLASS.items() if k not in {"width_mm", "height_mm"}} | {"radius_mm": 5}
    assert read(changed("cover_glasses", value={"a": disc})).cover_glasses["a"].aperture == pytest.approx(5e-3)
    assert len(describe(headset)) == 5 + 8 + 2


def test_fov_sets_the_focal_length() -> None:
    for lens in (
        {"model": "pinhole"},
        {"model": "brown_conrady", "k": [-0.1, 0.02]},
        {"model": "kannala_brandt4", "k": [0.02, -0.004, 0, 0]},
        {"model": "double_sphere", "xi": -0.2, "alpha": 0.6},
    ):
        rest = {"width_px": 400, "height_px": 300, "fov_deg": 90, "f_number": 2, "focus_mm": 40, "transmission": 0.9}
        camera = read(changed("cameras", "glabella", "lens", value={**lens, **rest})).cameras["glabella"]
        edges = camera.lens.unproject([[-0.5, 149.5], [399.5, 149.5]])
        np.testing.assert_allclose(edges, np.array([[-1, 0, 1], [1, 0, 1]]) / np.sqrt(2), atol=1e-9)


def test_poses_in_three_forms_agree() -> None:
    T = read(BASE).cameras["glabella"].T_device_camera
    for key, value in (
        ("quaternion_wxyz", T.rotation.as_quat(scalar_first=True).tolist()),
        ("rotation_matrix", T.rotation.as_matrix().tolist()),
    ):
        data = changed("cameras", "glabella", key, value=value)
        del data["cameras"]["glabella"]["look_at_mm"]
        np.testing.assert_allclose(read(data).cameras["glabella"].T_device_camera.as_matrix(), T.as_matrix(), atol=1e-9)


@pytest.mark.parametrize("name", list_headsets())
def test_dumping_and_reading_back_changes_nothing(name: str) -> None:
    headset = load_headset(name)
    text = dump_headset(headset)
    again = parse_file(text, "again.yaml")
    assert again == headset.spec
    assert dump_headset(again) == text
    rebuilt = build_headset(again)  # elsewhere, the shipped shell is still found
    assert rebuilt.shell is not None
    for camera in headset.cameras.values():
        np.testing.assert_array_equal(
            rebuilt.cameras[camera.name].T_device_camera.as_matrix(), camera.T_device_camera.as_matrix()
        )


def test_a_changed_spec_builds() -> None:
    spec = read(BASE).spec
    assert spec is not None
    moved = spec.cameras["glabella"].model_copy(update={"position_mm": [0.0, 5.0, 42.0]})
    headset = build_headset(spec.model_copy(update={"cameras": {**spec.cameras, "glabella": moved}}))
    np.testing.assert_allclose(headset.cameras["glabella"].position, [0, 0.005, 0.042])


def test_yaml_is_read_as_engineers_write_it() -> None:
    text = yaml.safe_dump(BASE).replace("transmission: 0.85", "transmission: 85e-2")
    assert parse_file(text, "x").lenses["wide"].transmission == 0.85


@pytest.mark.parametrize("suffix", ["stl", "obj", "glb"])
def test_shell_meshes_in_three_formats_and_two_units(tmp_path: Path, suffix: str) -> None:
    box = trimesh.creation.box(extents=(100.0, 60.0, 40.0))
    for units, scale in (("mm", 1.0), ("m", 1e-3)):
        mesh = box.copy().apply_scale(scale)
        mesh.export(tmp_path / f"box.{suffix}")
        (tmp_path / "x.yaml").write_text(
            yaml.safe_dump(changed("shell", value={"mesh": f"box.{suffix}", "units": units, "reflectance": 0.3}))
        )
        shell = load_headset(tmp_path / "x.yaml").shell
        assert shell is not None
        np.testing.assert_allclose(np.ptp(shell.vertices, axis=0), [0.1, 0.06, 0.04], rtol=1e-6)
        assert shell.triangles.dtype == np.int32
        assert shell.reflectance == 0.3
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(changed("shell", "mesh", value=f"box.{suffix}")))
    with pytest.raises(HeadsetError, match="check `units`"):
        load_headset(tmp_path / "x.yaml")


def test_ies_profiles_are_found_beside_the_file(tmp_path: Path) -> None:
    emitter = {k: v for k, v in BASE["emitters"]["chip_850"].items() if k != "half_angle_deg"}
    data = changed("emitters", "chip_850", value={**emitter, "profile": "led.ies"})
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    with pytest.raises(HeadsetError, match=r"cannot read the IES file .*led.ies.*emitters.chip_850.profile"):
        load_headset(path)
    (tmp_path / "led.ies").write_text("TILT=NONE\n1 -1 1 3 1 1 1 0 0 0\n1 1 1\n0 30 60\n0\n8 4 0\n")
    led = load_headset(path).leds["eye_left_a"]
    assert np.rad2deg(half_angle(led.profile)) == pytest.approx(30)
    table = {"angle_deg": [0, 20, 40], "intensity": [3, 1.5, 0]}
    led = read(changed("emitters", "chip_850", value={**emitter, "profile": table})).leds["eye_left_a"]
    assert np.rad2deg(half_angle(led.profile)) == pytest.approx(20)


def test_describe_has_a_row_a_part() -> None:
    headset = read(BASE)
    rows = describe(headset)
    assert len(rows) == 5 + 8
    assert rows[0]["name"] == "eye_left"
    assert "130 x 130 deg" in rows[0]["what"]
    assert len({tuple(row) for row in rows}) == 1, "the same columns everywhere"
