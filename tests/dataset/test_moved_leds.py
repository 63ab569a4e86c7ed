"""LEDs moved in stored frames against fresh renders with them there; irradiance against a closed form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform

from headsets.load import load_headset
from sim.dataset.frame import FrameMaker
from sim.dataset.items import item_from_frame
from sim.dataset.load_config import parse_config
from sim.dataset.moved_leds import irradiance, surface, with_led_moved
from sim.dataset.relight import LightChange, Relighter
from sim.dataset.run_record import run_record
from sim.errors import SimError
from sim.sensor import Exposure, Recorder

CONFIG = """\
render: fast
outputs: {lights: true, regions: true, depth: true, normals: true}
wearers: {frames_each: 2, wearings_each: 1}
hardware: {lens_sets: 1}
light: {ambient: {share: 0.0}}
"""
TAKEN = Exposure(300.0)


@pytest.mark.parametrize(("led", "shift_mm"), [("mouth_left_a", (1.0, 1.6, 0.7)), ("eye_left_b", (-1.2, 1.5, 0.5))])
def test_an_led_two_millimetres_away_is_within_two_percent_of_a_fresh_render(
    led: str, shift_mm: tuple[float, float, float], head: Any
) -> None:
    """Median of the pixels to which it gives a fifth of the light or more, and 95 of 100 pixels of the faces; left
    where it was, it would be ten times as far off."""
    headset = load_headset("refa_green")
    config = parse_config(CONFIG, "test")
    maker = FrameMaker(headset, head, config, 0)
    frame = maker.frame(2)
    sample = frame.sample
    item = item_from_frame(frame, config.outputs, whole=True)
    light = Relighter(run_record(headset, head, config, 0, 2, "cpu"))
    there = sample.headset.leds[led]
    T = RigidTransform.from_components(there.position + 1e-3 * np.array(shift_mm), there.T_device_led.rotation)
    recorder = Recorder(maker.renderer, sample.optics)
    for camera in sample.unit.cameras.values():
        recorder.running(camera).start(TAKEN)
        recorder.running(camera).automatic = None
    lit = replace(sample.headset, leds={**sample.headset.leds, led: replace(there, T_device_led=T)})
    true = recorder.expect(frame.mesh, sample.T_device_head, buffers=["region"], headset=lit)
    moved = with_led_moved(light, item, led, T)
    assert moved["label"]["illumination"]["leds"][led]["T_device_led"][0][3] == pytest.approx(T.translation[0])
    assert item["label"]["illumination"]["leds"][led]["T_device_led"][0][3] == pytest.approx(there.position[0])
    off: dict[str, list[np.ndarray]] = {"all": [], "own": [], "own, unmoved": []}
    new, old = (light(one, LightChange(exposure=TAKEN)) for one in (moved, item))
    for name, shot in true.items():
        face = shot.frame.region >= 0
        face &= shot.electrons > 1e-3 * np.percentile(shot.electrons[face], 99)
        total = sum(item["lights"][name][k] * one.radiant_intensity_w_sr for k, one in sample.headset.leds.items())
        own = face & (item["lights"][name][led] * there.radiant_intensity_w_sr > 0.2 * total)
        error, unmoved = (np.abs(shots[name].electrons / shot.electrons - 1) for shots in (new, old))
        off["all"].append(error[face])
        off["own"].append(error[own])
        off["own, unmoved"].append(unmoved[own])
    errors = {name: np.concatenate(parts) for name, parts in off.items()}
    assert len(errors["own"]) > 20_000
    assert np.median(errors["own"]) < 0.01
    assert np.percentile(errors["all"], 95) < 0.02
    assert np.median(errors["own, unmoved"]) > 5 * np.median(errors["own"])


def test_irradiance_on_a_plane_is_the_closed_form() -> None:
    """A Lambertian chip 20 mm over a plane, seen by a pinhole camera beside it: I cos^m θ cos θ / r²."""
    headset = load_headset("refa_green")
    led = headset.leds["mouth_left_a"]
    lens = replace(headset.cameras["glabella"].lens, width_px=40, height_px=30, cx_px=19.5, cy_px=14.5)
    y, x = np.mgrid[:30, :40].astype(float)
    rays = lens.unproject(np.stack([x, y], -1))
    depth = np.where(rays[..., 2] > 0.1, 0.02, np.nan).astype(np.float32)
    normals = np.broadcast_to(np.array([0.0, 0.0, -1.0]), (30, 40, 3))
    points, facing = surface(lens, depth, normals, RigidTransform.identity())
    T = RigidTransform.from_components([0.005, 0.0, 0.0], RigidTransform.identity().rotation)
    away = np.hypot(points[..., 0] - 0.005, points[..., 1])
    r2 = away**2 + 0.02**2
    cosine = 0.02 / np.sqrt(r2)
    m = -np.log(2) / np.log(np.cos(np.radians(65.0)))
    np.testing.assert_allclose(irradiance(led, T, points, facing), cosine**m * cosine / r2, rtol=1e-5)


def test_frames_without_geometry_are_refused(headset: Any, head: Any) -> None:
    config = parse_config(CONFIG, "test")
    light = Relighter(run_record(headset, head, config, 0, 2, "cpu"))
    pose = headset.leds["low"].T_device_led
    with pytest.raises(SimError, match="it lacks depth"):
        with_led_moved(light, {"key": "1", "lights": {}, "label": {}}, "low", pose)
    with pytest.raises(ValueError, match="'none'"):
        with_led_moved(light, {}, "none", pose)
