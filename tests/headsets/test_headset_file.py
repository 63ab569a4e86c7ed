"""The headset file: what it means, what it refuses and in which words."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from headsets import (
    Headset,
    HeadsetError,
    UnknownHeadsetError,
    UnknownPartError,
    build_headset,
    describe,
    dump_headset,
    list_headsets,
    load_headset,
    validate,
)
from headsets.build import SHIPPED
from headsets.leds import half_angle
from headsets.load import parse_file
from headsets.place import display_path

BASE: dict[str, Any] = yaml.safe_load((SHIPPED / "refa_green.yaml").read_text())
del BASE["search"]  # it has tests of its own
BESIDE = SHIPPED / "x.yaml"
DELETE = object()


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """A copy of a valid file with one value replaced, added or (DELETE) removed."""
    data = copy.deepcopy(BASE)
    part: Any = data
    for key in path[:-1]:
        part = part[key]
    if value is DELETE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return data


def read(data: object) -> Headset:
    return build_headset(parse_file(yaml.safe_dump(data, sort_keys=False), display_path(BESIDE)), BESIDE)


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


GLASS: dict[str, Any] = {
    "position_mm": [30, -40, 45], "look_at_mm": [4, -70, 30], "width_mm": 14, "height_mm": 8, "thickness_mm": 0.7,
    "index": 1.51, "mirror": "mouth_right",
}  # fmt: skip


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


def inline_lens(**more: object) -> dict[str, object]:
    lens = {k: v for k, v in BASE["lenses"]["wide"].items() if k != "fx_px"}
    return {**lens, **more}


M = ("cameras", "mouth_left")
BAD: list[tuple[dict[str, Any], str]] = [
    (
        changed("cover_glasses", value={"a": {**GLASS, "radius_mm": 4}}),
        "either radius_mm, or both width_mm and height_mm, must be given for cover glass 'a', got radius_mm and "
        "width_mm and height_mm ({file}: cover_glasses.a)",
    ),
    (
        changed("cover_glasses", value={"a": {**GLASS, "thickness_mm": 0}}),
        "`0 < thickness_mm <= 20` must hold for cover glass 'a', got 0 ({file}: cover_glasses.a.thickness_mm)",
    ),
    (
        changed("cover_glasses", value={"a": {**GLASS, "mirror": "a"}}),
        "`mirror` must be a new name for cover glass 'a', got 'a' ({file}: cover_glasses.a.mirror)",
    ),
    (
        changed("cover_glasses", value={"a": {**GLASS, "thickness": 1}}),
        "unknown key 'thickness' for cover glass 'a'; did you mean 'thickness_mm'? ({file}: cover_glasses.a.thickness)",
    ),
    (
        changed(*M, "lens", value=inline_lens(fov_deg=240)),
        "`0 < fov_deg < 220` must hold for camera 'mouth_left', got 240 ({file}: cameras.mouth_left.lens.fov_deg)",
    ),
    (
        changed("lenses", "wide", "model", value="fisheye"),
        "`model` must be one of 'pinhole', 'brown_conrady', 'kannala_brandt4', 'double_sphere' for lens 'wide', "
        "got 'fisheye' ({file}: lenses.wide)",
    ),
    (
        changed("lenses", "wide", "fov_deg", value=100),
        "exactly one of fx_px and fov_deg must be given for lens 'wide', got both ({file}: lenses.wide)",
    ),
    (
        changed("lenses", "wide", "k", value=[-0.3, 0, 0, 0]),
        "the polynomial must grow up to the image corners for lens 'wide', got one that folds back 60.4 deg off the "
        "axis, before pixel (-0.5, -0.5) ({file}: lenses.wide.k)",
    ),
    (
        changed("lenses", "wide", "k", value=[0, 0]),
        "`len(k) = 4` must hold for lens 'wide', got 2 ({file}: lenses.wide.k)",
    ),
    (
        changed("lenses", "wide", "fx_px", value="182"),
        "`fx_px` must be a number for lens 'wide', got '182' ({file}: lenses.wide.fx_px)",
    ),
    (
        changed("lenses", "wide", "fx_px", value=True),
        "`fx_px` must be a number for lens 'wide', got True ({file}: lenses.wide.fx_px)",
    ),
    (
        changed(*M, "len", value="wide"),
        "unknown key 'len' for camera 'mouth_left'; did you mean 'lens'? ({file}: cameras.mouth_left.len)",
    ),
    (
        changed(*M, "lens", value=DELETE),
        "key 'lens' is missing for camera 'mouth_left' ({file}: cameras.mouth_left.lens)",
    ),
    (
        changed(*M, "lens", value="narrow"),
        "`lens` must be defined under lenses (valid: wide) for camera 'mouth_left', got 'narrow' "
        "({file}: cameras.mouth_left.lens)",
    ),
    (
        changed("leds", "eye_left_a", "emitter", value="chip_950"),
        "`emitter` must be defined under emitters (did you mean 'chip_850'?) for LED 'eye_left_a', got 'chip_950' "
        "({file}: leds.eye_left_a.emitter)",
    ),
    (
        changed(*M, "position_mm", value=[30, float("nan"), 40]),
        "`position_mm[1]` must be finite for camera 'mouth_left', got nan ({file}: cameras.mouth_left.position_mm[1])",
    ),
    (
        changed(*M, "position_mm", value=[30, float("inf"), 40]),
        "`position_mm[1]` must be finite for camera 'mouth_left', got inf ({file}: cameras.mouth_left.position_mm[1])",
    ),
    (
        changed(*M, "position_mm", value=[30, 0, 4]),
        "`position_mm` must lie outside the head for camera 'mouth_left', got [30.0, 0.0, 4.0] "
        "({file}: cameras.mouth_left.position_mm)",
    ),
    (
        changed(*M, "look_at_mm", value=BASE["cameras"]["mouth_left"]["position_mm"]),
        "`look_at_mm != position_mm` must hold for camera 'mouth_left' ({file}: cameras.mouth_left.look_at_mm)",
    ),
    (
        changed(*M, "quaternion_wxyz", value=[1, 0, 0, 0]),
        "exactly one of look_at_mm, quaternion_wxyz, rotation_matrix must be given for camera 'mouth_left', "
        "got look_at_mm and quaternion_wxyz ({file}: cameras.mouth_left)",
    ),
    (
        changed(*M, "mirror", value="glabella"),
        "`mirror` must be a new name for camera 'mouth_left', got 'glabella' ({file}: cameras.mouth_left.mirror)",
    ),
    (
        changed("cameras", "glabella", "mirror", value="glabella_too"),
        "`position_mm[0] != 0` must hold (its mirror twin would be in it) for camera 'glabella', got 0 "
        "({file}: cameras.glabella.position_mm)",
    ),
    (
        changed("shell", "mesh", value="shells/nothing.stl"),
        "cannot read the mesh file {folder}/shells/nothing.stl: no such file ({file}: shell.mesh)",
    ),
    (
        changed("shell", "mesh", value="shells/visor.step"),
        "a mesh file must end in one of .stl, .obj, .glb, got 'visor.step' ({file}: shell.mesh)",
    ),
    (changed("shell", "units", value="inch"), "`units` must be one of 'mm' or 'm', got 'inch' ({file}: shell.units)"),
    (
        changed("fit", "ipd_mm", value=[72, 58]),
        "`low <= high` must hold, got 72 > 58 ({file}: fit.ipd_mm)",
    ),
    (
        changed("emitters", "chip_850", "profile", value="led.ies"),
        "exactly one of half_angle_deg, lambertian_order, profile must be given for emitter 'chip_850', "
        "got half_angle_deg and profile ({file}: emitters.chip_850)",
    ),
    (
        changed("keep_out", "glasses", "width_mm", value=80),
        "`2 lens_width_mm + bridge_mm <= width_mm` must hold for glasses, got 118 > 80 ({file}: keep_out.glasses)",
    ),
    (changed("cameras", value={}), "`len(cameras) >= 1` must hold, got 0 ({file}: cameras)"),
    (changed("hmcsim", value=2), "`hmcsim` must be 1, got 2 ({file}: hmcsim)"),
    (changed("note", value=DELETE), "key 'note' is missing ({file}: note)"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=[message[:50] for _, message in BAD])
def test_bad_files_get_one_line_with_rule_value_and_place(data: dict[str, Any], message: str) -> None:
    with pytest.raises(HeadsetError) as caught:
        read(data)
    file, folder = display_path(BESIDE), display_path(SHIPPED) if SHIPPED.is_relative_to(Path.cwd()) else SHIPPED
    expected = message.replace("{file}", file).replace("{folder}", str(folder))
    if "{folder}" in message:  # the mesh is named by its full path
        assert str(caught.value).endswith(f"shells/nothing.stl: no such file ({file}: shell.mesh)")
    else:
        assert str(caught.value) == expected
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pose", "message"),
    [
        ({"quaternion_wxyz": [1, 1, 0, 0]}, "`|quaternion_wxyz| = 1` must hold within 0.0001 (a rigid pose)"),
        ({"rotation_matrix": [[1, 0, 0.1], [0, 1, 0], [0, 0, 1]]}, "`max|R^T R - 1| <= 0.0001` must hold"),
        ({"rotation_matrix": [[1, 0, 0], [0, 1, 0], [0, 0, -1]]}, "`det(rotation_matrix) = +1` must hold"),
        ({"quaternion_wxyz": [1, 0, 0, 0], "roll_deg": 5}, "`roll_deg` goes with look_at_mm only"),
    ],
)
def test_poses_that_are_not_rigid(pose: dict[str, Any], message: str) -> None:
    camera = {k: v for k, v in BASE["cameras"]["mouth_left"].items() if k != "look_at_mm"}
    with pytest.raises(HeadsetError) as caught:
        read(changed(*M, value={**camera, **pose}))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "wrong YAML: expected the node content, but found '<stream end>' (x.yaml: line 1, column 5)"),
        ("a: 1\nb: 2\na: 3", "wrong YAML: duplicate key 'a' (x.yaml: line 3, column 1)"),
        ("lenses: {a: 1, a: 2}", "wrong YAML: duplicate key 'a' (x.yaml: line 1, column 16)"),
        ("- 1", "a headset file must be a mapping, got [1] (x.yaml)"),
        ("", "a headset file must be a mapping, got None (x.yaml)"),
        ("[" * 3000, "wrong YAML: nested too deeply (x.yaml)"),
        ("a: !!python/object:os.system x", "wrong YAML: could not determine a constructor for the tag"),
        ("--- 1\n--- 2", "wrong YAML: but found another document"),
        ("a: !!int x", "wrong YAML: invalid literal for int()"),
    ],
)
def test_what_is_not_a_yaml_mapping(text: str, message: str) -> None:
    with pytest.raises(HeadsetError) as caught:
        parse_file(text, "x.yaml")
    assert str(caught.value).startswith(message)


def test_unknown_names_list_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownHeadsetError, match=r"'refa_gren'; did you mean 'refa_green'\?.*Shipped headsets: .*ufe"):
        load_headset("refa_gren")
    with pytest.raises(UnknownHeadsetError, match=r"no such headset file.*Shipped headsets: refa_green"):
        load_headset(tmp_path / "nothing.yaml")
    for name in ("\0", "x" * 5000, "", "."):
        with pytest.raises(UnknownHeadsetError):
            load_headset(name)
    headset = read(BASE)
    with pytest.raises(UnknownPartError, match=r"'mouth'\. Cameras of 'refa_green': eye_left"):
        headset.camera("mouth")
    with pytest.raises(UnknownPartError, match=r"'x'\. LEDs of 'refa_green': mouth_left_a"):
        headset.led("x")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(HeadsetError, match="not UTF-8 text"):
        validate(tmp_path / "binary.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(HeadsetError):
        validate(tmp_path / "folder.yaml")


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


@pytest.mark.parametrize("suffix", ["stl", "obj", "glb"])
@settings(deadline=None, max_examples=25)
@given(cut=st.integers(0, 600), noise=st.binary(max_size=40))
def test_broken_meshes_fail_in_one_way_only(
    suffix: str, cut: int, noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = trimesh.creation.box(extents=(0.1, 0.1, 0.1)).export(file_type=suffix)
    whole = whole.encode() if isinstance(whole, str) else whole
    (folder / f"broken.{suffix}").write_bytes(whole[:cut] + noise + whole[cut + len(noise) : -7])
    (folder / "x.yaml").write_text(yaml.safe_dump(changed("shell", value={"mesh": f"broken.{suffix}", "units": "m"})))
    with contextlib.suppress(HeadsetError):
        load_headset(folder / "x.yaml")


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


PATHS: list[tuple[str | int, ...]] = []


def _collect(part: Any, path: tuple[str | int, ...]) -> None:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        PATHS.append((*path, key))
        _collect(value, (*path, key))


_collect(BASE, ())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["wide", "eye_right", "chip_850", "shells/visor.stl", "pinhole", "double_sphere", 0, -1, 1e-320])
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=4), v, max_size=3))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES | st.just(DELETE)), min_size=1, max_size=3))
def test_mutated_files_raise_nothing_but_headset_errors(mutations: list[tuple[tuple[str | int, ...], Any]]) -> None:
    data = copy.deepcopy(BASE)
    for path, value in mutations:
        part: Any = data
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier mutation took that branch away
            for key in path[:-1]:
                part = part[key]
            if value is DELETE:
                del part[path[-1]]
            else:
                part[path[-1]] = value
    try:
        read(data)
    except HeadsetError as error:
        assert "\n" not in str(error), "one line"  # noqa: PT017  (most mutations raise, some are valid)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 4000), st.text(max_size=6), st.integers(0, 6))
def test_mutated_text_raises_nothing_but_headset_errors(at: int, insert: str, drop: int) -> None:
    text = (SHIPPED / "refa_green.yaml").read_text()
    with contextlib.suppress(HeadsetError):
        build_headset(parse_file(text[:at] + insert + text[at + drop :], "x.yaml"), BESIDE)
