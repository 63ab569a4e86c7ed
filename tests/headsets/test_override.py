"""Settings from outside (`--set`): the oracle is the same change typed into the file's text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headsets import HeadsetError, dump_headset, load_headset
from headsets.build import SHIPPED
from headsets.override import parse_override, parse_overrides
from hmcsim.cli.headset_argument import load_argument

CHANGES = {
    "lenses.wide.f_number=2.0": ("f_number: 2.4", "f_number: 2.0"),
    "lenses.wide.k[1]=-0.003": ("k: [0.02, -0.004,", "k: [0.02, -0.003,"),
    "lenses.wide.psf_sigma_px=0.9": ("f_number: 2.4,", "f_number: 2.4, psf_sigma_px: 0.9,"),
    "sensors.vga_nir.quantum_efficiency.850=0.4": ("{850: 0.25,", "{850: 0.4,"),
    "sensors.vga_nir.quantum_efficiency.905=0.2": ("940: 0.12}", "940: 0.12, 905: 0.2}"),
    "sensors.vga_nir.auto_exposure=null": ("auto_exposure: {target: 0.18, min_us: 20, max_us: 500, max_gain: 8}",
                                           "auto_exposure: null"),
    "emitters.chip_850.wavelength_nm=940": ("wavelength_nm: 850", "wavelength_nm: 940"),
    "cameras.mouth_left.position_mm=[30, -40, 43]": ("[29.3, -39.1, 43.3]", "[30, -40, 43]"),
    "cameras.mouth_left.position_mm.2=44": ("[29.3, -39.1, 43.3]", "[29.3, -39.1, 44]"),
    "leds.eye_left_a.current=0.5": (
        "  eye_left_a: {emitter: chip_850,",
        "  eye_left_a: {emitter: chip_850, current: 0.5,",
    ),
    "keep_out.glasses.worn=true": ("glasses: {width_mm: 142,", "glasses: {width_mm: 142, worn: true,"),
}  # fmt: skip


@pytest.mark.parametrize("setting", CHANGES)
def test_a_setting_is_the_same_as_typing_it_into_the_file(setting: str, tmp_path: Path) -> None:
    before, after = CHANGES[setting]
    text = (SHIPPED / "refa_green.yaml").read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / "typed.yaml").write_text(text.replace(before, after), encoding="utf-8")
    typed, ours = load_headset(tmp_path / "typed.yaml"), load_argument("refa_green", [setting])
    assert dict(ours.spec.model_dump()) == dict(typed.spec.model_dump())  # type: ignore[union-attr]
    assert list(ours.cameras) == list(typed.cameras)
    for name, camera in ours.cameras.items():
        np.testing.assert_array_equal(
            camera.T_device_camera.as_matrix(), typed.cameras[name].T_device_camera.as_matrix()
        )
        assert (camera.lens, camera.optics, camera.sensor) == (
            typed.cameras[name].lens,
            typed.cameras[name].optics,
            typed.cameras[name].sensor,
        )


def test_the_file_itself_stays_as_it_is() -> None:
    before = dump_headset(load_headset("refa_green"))
    load_headset("refa_green", {"cameras.mouth_left.position_mm[0]": 31.0, "lenses.wide.k": [0.0, 0.0, 0.0, 0.0]})
    assert dump_headset(load_headset("refa_green")) == before


def test_a_key_below_a_name_changes_a_copy_for_that_camera_and_its_twin_alone() -> None:
    headset = load_headset("refa_green", {"cameras.mouth_left.lens.f_number": 1.4})
    stops = {name: camera.optics.f_number for name, camera in headset.cameras.items()}
    assert stops == {"eye_left": 2.4, "eye_right": 2.4, "mouth_left": 1.4, "mouth_right": 1.4, "glabella": 2.4}


def test_twins_follow_their_definition() -> None:
    headset = load_headset("refa_green", {"cameras.mouth_left.position_mm[1]": -42.0})
    left, right = headset.cameras["mouth_left"].position, headset.cameras["mouth_right"].position
    np.testing.assert_allclose(right, left * [-1, 1, 1])
    assert left[1] == pytest.approx(-0.042)


def test_a_new_lens_can_be_defined_and_used_in_one_go() -> None:
    narrow = {"model": "pinhole", "width_px": 64, "height_px": 64, "fov_deg": 60, "f_number": 2, "focus_mm": 40,
              "transmission": 0.9}  # fmt: skip
    headset = load_headset("refa_green", {"lenses.narrow": narrow, "cameras.glabella.lens": "narrow"})
    assert headset.cameras["glabella"].width_px == 64
    assert headset.cameras["mouth_left"].width_px == 400


def test_names_tell_settings_apart_unless_a_name_is_set() -> None:
    assert load_headset("refa_green").name == "refa_green"
    one = load_argument("refa_green:lenses.wide.f_number=2.0:sensors.vga_nir.exposure_us=300")
    assert one.name == "refa_green+lenses.wide.f_number=2.0+sensors.vga_nir.exposure_us=300"
    assert load_argument("refa_green", ["lenses.wide.f_number=2.0", "name=fast"]).name == "fast"
    assert load_headset("refa_green", {"lenses.wide.f_number": 2.0}).spec.name == "refa_green"  # type: ignore[union-attr]


def test_settings_are_split_at_colons_before_a_key_alone() -> None:
    both = load_argument("refa_green:sensors.vga_nir.quantum_efficiency={850: 0.3, 940: 0.1}:lenses.wide.f_number=2")
    camera = both.cameras["glabella"]
    assert dict(camera.sensor.quantum_efficiency) == {850: 0.3, 940: 0.1}
    assert camera.optics.f_number == 2


def test_a_fault_of_the_file_is_not_blamed_on_the_settings(tmp_path: Path) -> None:
    text = (SHIPPED / "refa_green.yaml").read_text(encoding="utf-8").replace("f_number: 2.4", "f_number: -1")
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(HeadsetError) as error:
        load_headset(tmp_path / "broken.yaml", {"fit.eye_relief_mm": 17})
    assert "--set" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=2.0", ("a.b", 2.0)),
        ("a[0].c=x", ("a[0].c", "x")),
        ("a=[1, 2]", ("a", [1, 2])),
        ("a=", ("a", None)),
        ("a={b: c=d}", ("a", {"b": "c=d"})),
    ],
)
def test_texts_are_keys_and_yaml(text: str, expected: tuple[str, object]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize("text", ["", "a", "=1", "a..b=1", "a[x]=1", "a b=1", "a.=1"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(HeadsetError, match=r"KEY=VALUE.*--set"):
        parse_override(text)


def test_order_is_kept() -> None:
    assert list(parse_overrides(["b=1", "a=2"])) == ["b", "a"]
