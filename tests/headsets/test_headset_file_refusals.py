"""The headset file: what it refuses, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headsets import (
    HeadsetError,
    UnknownHeadsetError,
    UnknownPartError,
    load_headset,
    validate,
)
from headsets.build import SHIPPED
from headsets.load import parse_file
from headsets.place import display_path
from tests.headsets.headset_file_cases import BASE, BESIDE, DELETE, GLASS, changed, read


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
