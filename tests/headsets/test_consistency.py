"""Parts that are right one by one and wrong together: cover glasses about cameras, LEDs about sensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headsets import load_headset
from headsets.errors import HeadsetError, UnfitPartsError
from optimize.constraints.candidate import candidate
from optimize.space.space import space_of
from tests.cli.test_bad_input import HEADSET

AXIS = [0.0, 0.0, -1.0]
"""The camera at (0, −30, 90) looks along it; so does a glass that looks out."""


def _headset(tmp_path: Path, **sections: Any) -> Path:
    data = yaml.safe_load(HEADSET) | sections
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


def _glass(z_mm: float, x_mm: float = 0.0, looks_out: bool = True, **keys: Any) -> dict[str, Any]:
    outline = {} if "width_mm" in keys else {"radius_mm": 5}
    return {
        "window": {
            "position_mm": [x_mm, -30, z_mm], "look_at_mm": [x_mm, -30, z_mm - 10 if looks_out else z_mm + 10],
            "thickness_mm": 0.7, **outline, **keys,
        }
    }  # fmt: skip


def _led(wavelength_nm: float, **keys: Any) -> dict[str, Any]:
    emitter = {
        "wavelength_nm": wavelength_nm, "fwhm_nm": 20, "radiant_intensity_mw_sr": 5, "half_angle_deg": 60,
        "source_mm": 0.3, "pulse_us": 500, "rate_hz": 30,
    }  # fmt: skip
    return {"one": {"position_mm": [9, 20, 50], "look_at_mm": [0, 0, 0], "emitter": emitter, **keys}}


@pytest.mark.parametrize("glass", [_glass(88.0), _glass(89.2), _glass(88.0, width_mm=4, height_mm=3)])
def test_a_glass_before_its_camera_is_right(glass: dict[str, Any], tmp_path: Path) -> None:
    assert load_headset(_headset(tmp_path, cover_glasses=glass)).cover_glasses["window"]


@pytest.mark.parametrize(
    ("glass", "rule", "got"),
    [
        (_glass(90.0), "leave camera 'front' behind the glass, which is 0.7 mm thick", "0 mm behind"),
        (_glass(89.5), "leave camera 'front' behind the glass", "0.5 mm behind the outer surface"),
        (_glass(90.4, looks_out=False), "leave camera 'front' behind the glass", "0.4 mm behind"),
        (_glass(92.0), "lie before the cameras and LEDs that the glass covers", "2 mm behind camera 'front'"),
        (_glass(88.0, looks_out=False), "lie before the cameras and LEDs", "2 mm behind camera 'front'"),
    ],
)
def test_a_glass_about_or_behind_a_camera_is_refused(
    glass: dict[str, Any], rule: str, got: str, tmp_path: Path
) -> None:
    with pytest.raises(UnfitPartsError) as error:
        load_headset(_headset(tmp_path, cover_glasses=glass))
    text = str(error.value)
    assert rule in text
    assert f", got one {'with it inside, ' if 'outer' in text else ''}" in text
    assert got in text
    assert text.endswith("mine.yaml: cover_glasses.window.position_mm)")


def test_a_glass_aside_and_one_before_an_led_alone_are_right(tmp_path: Path) -> None:
    load_headset(_headset(tmp_path, cover_glasses=_glass(95.0, x_mm=30.0)))  # nothing is near it
    led = {**_led(850), "two": {**_led(850)["one"], "position_mm": [0, -30, 99], "look_at_mm": [0, -30, 0]}}
    load_headset(_headset(tmp_path, leds=led, cover_glasses=_glass(95.0)))  # a camera before it, an LED behind it


def test_a_twin_s_glass_is_held_against_the_parts_on_its_side(tmp_path: Path) -> None:
    sides = {"mirror": "other"}
    glass = {"window": _glass(90.0, x_mm=-30.0)["window"] | sides}
    front = yaml.safe_load(HEADSET)["cameras"]["front"]
    camera = {"front": front, "left": {**front, "position_mm": [30, -30, 90], "look_at_mm": [30, -30, 0]}}
    with pytest.raises(UnfitPartsError, match=r"camera 'left'.*cover_glasses\.window"):
        load_headset(_headset(tmp_path, cameras=camera, cover_glasses=glass))


@pytest.mark.parametrize(("wavelength", "fits"), [(850, True), (800, True), (900, True), (790, False), (940, False)])
def test_leds_far_from_what_the_sensor_states_are_refused(wavelength: float, fits: bool, tmp_path: Path) -> None:
    path = _headset(tmp_path, leds=_led(wavelength))
    if fits:
        load_headset(path)
        return
    with pytest.raises(UnfitPartsError) as error:
        load_headset(path)
    text = str(error.value)
    for part in ("within 50 nm of LED 'one'", f"{wavelength:g} nm", "camera 'front'", "got 850 ("):
        assert part in text
    assert text.endswith("mine.yaml: sensors.chip.quantum_efficiency)")


def test_leds_that_the_filter_keeps_out_do_not_matter(tmp_path: Path) -> None:
    lenses = yaml.safe_load(HEADSET)["lenses"]
    lenses["one"]["band_pass_nm"] = [835, 865]
    load_headset(_headset(tmp_path, lenses=lenses, leds=_led(650)))


def test_setting_a_wavelength_names_the_setting() -> None:
    settings = {"emitters.chip_850.wavelength_nm": 1050, "lenses.wide.band_pass_nm": None}
    with pytest.raises(HeadsetError, match=r"within 50 nm of LED .*got 850, 940 .*--set emitters.chip_850"):
        load_headset("refa_green", settings)


def test_a_layout_that_moves_a_camera_into_its_window_is_no_headset(tmp_path: Path) -> None:
    search = {
        "mounts": {"line": {"box": {"low_mm": [0, -30, 85], "high_mm": [0, -30, 95]}}},
        "cameras": {"front": {"mount": "line"}},
    }
    space = space_of(load_headset(_headset(tmp_path, cover_glasses=_glass(88.0), search=search)))
    params, _ = space.existing()
    (key,) = [name for name in params if name.endswith("z_mm")]
    assert candidate(space, space.layout(params)).headset is not None
    assert candidate(space, space.layout({**params, key: 88.3})).headset is None
    assert candidate(space, space.layout({**params, key: 86.0})).headset is None
