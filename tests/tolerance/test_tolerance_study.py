"""Tolerance studies: against headsets scored one by one, closed forms, and linear propagation of errors."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.spatial.transform import Rotation

from headsets import DonningDistribution, Headset, load_headset, parse_donning
from hmcsim.report.tolerance import tolerance_page
from sim.errors import SimError
from sim.metrics import ScoreConfig, score
from sim.metrics.score import score_rigs
from sim.metrics.surface import mean_normal
from sim.seeding import generator
from sim.tolerance.freedoms import PRIOR_PLACEMENT, geometric_freedoms, grid, led_freedoms
from sim.tolerance.result import ToleranceResult
from sim.tolerance.signal import signal_extra
from sim.tolerance.study import Extra, ToleranceConfig, study
from sim.tolerance.variants import built, drawn, nominal, swept, variant_rig
from sim.wearers import wearer_identity, wearer_look
from tests.faces.ellipsoid_head import EllipsoidHead

CONFIG = ToleranceConfig(
    draws=400, identities=1, expressions=("neutral", "smile"), points_per_region=64, signal_draws=2, signal_identities=1
)

_SIZES = {"width_px": 80, "height_px": 80, "fx_px": 34.6, "cx_px": 39.5, "cy_px": 39.5}
TINY = {f"lenses.wide.{key}": value for key, value in _SIZES.items()}
"""Settings that make a shipped headset's images small."""


@pytest.fixture(scope="module")
def green() -> Headset:
    return load_headset("refa_green")


@pytest.fixture(scope="module")
def result(green: Headset) -> ToleranceResult:
    return study(green, EllipsoidHead(), CONFIG, workers=1)


def _freedom(headset: Headset, key: str):
    return next(f for f in (*geometric_freedoms(headset), *led_freedoms(headset)) if f.key == key)


def test_variants_score_as_headsets_of_their_own_do() -> None:
    """The batch against the long way: each variant built as a headset and scored by itself."""
    green = load_headset("refa_green", TINY | {"name": "refa_green"})
    head, config = EllipsoidHead(), CONFIG.score(3)
    variants = drawn(green, 3, np.random.default_rng(7))
    batch = score_rigs((variant_rig(green, variants, config),), head, config, workers=1).headsets["refa_green"]
    for k in range(3):
        alone = score([built(green, variants, k, "one")], head, replace(config, donnings=1), workers=1).headsets["one"]
        for camera, regions in alone.samples.items():
            for region, metrics in regions.items():
                for metric, values in metrics.items():
                    # The lens's density is tabulated anew for another focal length.
                    near = 1e-3 if metric == "resolution_px_per_mm" else 1e-6
                    ours = batch.samples[camera][region][metric][..., k]
                    np.testing.assert_allclose(ours, values[..., 0], rtol=near, atol=1e-9, err_msg=metric)


def test_focal_length_scales_resolution_and_motion(result: ToleranceResult) -> None:
    """Both are proportional to it: 1 % costs 1 %, and 5 % may be off where nothing leaves the image."""
    for metric in ("resolution_px_per_mm", "range_of_motion"):
        found = result.costs["camera.focal"]["mouth"][metric]
        assert found.at_spread == pytest.approx(0.01, abs=1e-3)
        assert found.largest == pytest.approx(5.0, abs=0.3)


def test_camera_tilt_against_the_equation_of_visibility(green: Headset, result: ToleranceResult) -> None:
    """V = −(mean n)·z: the tilt that costs 5 % solves one equation, the mean over expressions included."""
    head = EllipsoidHead()
    identity = head.sample_identity(generator(0, "identity", 0))
    triangles = head.topology.triangles[head.topology.region_triangles("glabella")]
    normal = np.mean(
        [mean_normal(head.mesh(identity, e).vertices, triangles) for e in ({}, head.peaks["smile"])], axis=0
    )
    pose = green.cameras["glabella"].T_device_camera.rotation

    def lost(angle: float) -> float:
        axes = [(pose * Rotation.from_rotvec([a, 0.0, 0.0])).apply([0.0, 0.0, 1.0]) for a in (0.0, angle)]
        return 1.0 - (normal @ axes[1]) / (normal @ axes[0])

    sides = [brentq(lambda a, s=s: lost(s * a) - 0.05, 1e-6, 0.3) for s in (1, -1) if lost(s * 0.3) > 0.05]
    found = result.costs["camera.turn_x"]["glabella"]["visibility"]
    assert found.largest == pytest.approx(np.rad2deg(min(sides)), rel=0.03)
    assert found.at_spread == pytest.approx(max(lost(np.deg2rad(s * 0.5)) for s in (1, -1)), rel=0.03)


@pytest.mark.parametrize(("fx_px", "leaves"), [(173.0, False), (500.0, True)])
def test_a_turned_camera_costs_visible_share_only_as_its_region_leaves_the_image(fx_px: float, leaves: bool) -> None:
    """OpenCV's fisheye counts what is framed, area by area; the ellipsoid is convex and nothing else hides it."""
    open_air = {"lenses.wide.fx_px": fx_px, "shell": None, "search": None, "keep_out": {}, "name": "bare"}
    bare, head = load_headset("refa_green", open_air), EllipsoidHead()
    config = ToleranceConfig(
        draws=2, identities=1, expressions=("neutral",), points_per_region=4000, signal_draws=2, signal_identities=1
    )
    values = np.array([-10.0, -5.0, -0.5, 0.0, 0.5, 5.0, 10.0])
    variants = swept(bare, _freedom(bare, "camera.turn_x"), values, np.random.default_rng(0))
    score_config = config.score(len(variants))
    found = score_rigs((variant_rig(bare, variants, score_config),), head, score_config, workers=1)
    ours = found.headsets["bare"].samples["glabella"]["glabella"]["visible_fraction"][0, 0]
    camera = bare.cameras["glabella"]
    mesh = head.mesh(wearer_identity(head, 0, 0), look=wearer_look(0, 0, wearer_identity(head, 0, 0)))
    corners = mesh.vertices[mesh.triangles[head.topology.region_triangles("glabella")]]
    lens, size = camera.lens, np.array([camera.width_px, camera.height_px])
    K = np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1.0]])
    expected = []
    for value in np.deg2rad(values):
        # Turned by hand: a positive tilt looks up, against the camera's y.
        turn = np.array([[1, 0, 0], [0, np.cos(value), -np.sin(value)], [0, np.sin(value), np.cos(value)]])
        axes = camera.T_device_camera.rotation.as_matrix() @ turn
        share = total = 0.0
        for a in range(8):  # every triangle in 36 pieces, each by its middle
            for b in range(8 - a):
                weights = np.array([a + 1 / 3, b + 1 / 3, 8 - a - b - 2 / 3]) / 8
                points = np.einsum("tkc,k->tc", corners, weights)
                cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
                towards = ((camera.position - points) * cross).sum(-1) > 0
                seen = (points - camera.position) @ axes
                pixels, _ = cv2.fisheye.projectPoints(seen[:, None], np.zeros(3), np.zeros(3), K, np.array(lens.k))
                inside = ((pixels[:, 0] >= -0.5) & (pixels[:, 0] < size - 0.5)).all(-1) & (seen[:, 2] > 0)
                area = np.linalg.norm(cross, axis=-1)
                share, total = share + (area * (towards & inside)).sum(), total + area.sum()
        expected.append(share / total)
    np.testing.assert_allclose(ours, expected, atol=0.01)
    change = np.abs(ours - ours[3])
    assert (change.max() > 0.1) if leaves else (change.max() < 1e-12)


@pytest.mark.parametrize(
    ("key", "axis", "towards"),
    [
        ("turn_x", [0, 0, 1], [0, -1, 0]),  # looks higher: y is down in the image
        ("turn_y", [0, 0, 1], [1, 0, 0]),  # looks farther right
        ("turn_z", [1, 0, 0], [0, 1, 0]),  # right goes down: clockwise, seen from behind
    ],
)
def test_cameras_turn_the_way_their_names_say(green: Headset, key: str, axis: list, towards: list) -> None:
    freedom = _freedom(green, f"camera.{key}")
    moved = built(green, swept(green, freedom, np.array([5.0]), np.random.default_rng(0)), 0, "moved")
    for name, sign in (("mouth_left", 1), ("mouth_right", 1 if key == "turn_x" else -1)):
        before, after = green.cameras[name].T_device_camera.rotation, moved.cameras[name].T_device_camera.rotation
        turned = (before.inv() * after).apply(axis)
        assert turned @ np.array(towards) == pytest.approx(sign * np.sin(np.deg2rad(5.0)))
    assert {"turn_x": "higher", "turn_y": "right", "turn_z": "clockwise"}[key] in freedom.direction
    assert freedom.name.endswith(f"(about {key[-1]})")


@pytest.mark.parametrize(
    ("key", "axis", "towards", "word"),
    [
        ("pitch", [0, 0, 1], [0, -1, 0], "nods down"),
        ("yaw", [0, 0, 1], [1, 0, 0], "left"),
        ("roll", [0, 1, 0], [-1, 0, 0], "leans to the wearer's right"),
    ],
)
def test_heads_turn_the_way_their_names_say(green: Headset, key: str, axis: list, towards: list, word: str) -> None:
    freedom = _freedom(green, f"donning.{key}")
    found = swept(green, freedom, np.array([5.0]), np.random.default_rng(0)).T_device_head[0]
    assert found.rotation.apply(axis) @ np.array(towards) == pytest.approx(np.sin(np.deg2rad(5.0)))
    assert word in freedom.direction


def test_the_spread_is_what_errors_propagate_to(green: Headset, result: ToleranceResult) -> None:
    """Var V = Σ (∂V/∂x σ)², derivatives from the sweeps' smallest steps; V is nearly linear in all of them."""
    total = 0.0
    for freedom in result.freedoms:
        curve = result.costs[freedom.key]["glabella"]["visibility"]
        x, loss = np.array(curve.values), np.array(curve.losses)
        middle = int(np.flatnonzero(x == 0.0)[0])
        slope = (loss[middle + 1] - loss[middle - 1]) / (x[middle + 1] - x[middle - 1])
        total += (slope * freedom.spread) ** 2
    one = result.spread["glabella"]["visibility"]
    assert one.n == 400
    assert one.sd == pytest.approx(np.sqrt(total) * one.nominal, rel=0.12)
    assert one.p5 < one.mean < one.p95
    assert one.p95 - one.p5 == pytest.approx(2 * 1.645 * one.sd, rel=0.15)


def test_ranking_starts_with_the_costliest(result: ToleranceResult) -> None:
    costs = [result.worst(f.key, "visible_fraction") for f in result.ranked("visible_fraction")]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 13


@pytest.mark.parametrize("named", [True, False])
def test_twins_move_as_mirror_images(green: Headset, named: bool) -> None:
    """On a mirror-symmetric head a sweep leaves twins alike, whether the file calls them so or has them one by one."""
    head = EllipsoidHead()
    if not named:
        green = replace(green, cameras={n: replace(c, mirror_of=None) for n, c in green.cameras.items()})
    config = replace(CONFIG.score(1), identities=1)
    for key in ("camera.x", "camera.turn_y", "camera.turn_z", "camera.y"):
        values = np.array([3.0])
        variants = swept(green, _freedom(green, key), values, np.random.default_rng(0))
        samples = score_rigs((variant_rig(green, variants, config),), head, config, workers=1)
        own = samples.headsets["refa_green"].samples
        for left, right in (("eye_left", "eye_right"), ("mouth_left", "mouth_right")):
            a = own[left][green.cameras[left].sees[0]]["visibility"]
            b = own[right][green.cameras[right].sees[0]]["visibility"]
            np.testing.assert_allclose(a, b, atol=1e-9, err_msg=key)


def test_a_swept_donning_is_the_command_lines(green: Headset) -> None:
    for k, key in enumerate(("lateral", "up", "depth", "pitch", "yaw", "roll")):
        numbers = ["0"] * 6
        numbers[k] = "4"
        found = swept(green, _freedom(green, f"donning.{key}"), np.array([4.0]), np.random.default_rng(0))
        np.testing.assert_allclose(
            found.T_device_head[0].as_matrix(), parse_donning(",".join(numbers)).as_matrix(), atol=1e-12
        )


def test_draws_have_the_spreads_asked_for(green: Headset) -> None:
    loose = replace(green, donning=DonningDistribution(up_m=0.002, yaw_rad=0.03))
    found = drawn(loose, 4000, np.random.default_rng(1))
    np.testing.assert_allclose(found.donning.std(axis=0), [0, 0.002, 0, 0, 0.03, 0], rtol=0.05)
    np.testing.assert_allclose(found.cameras[..., :3].std(axis=0), 0.15e-3, rtol=0.06)
    np.testing.assert_allclose(found.cameras[..., 3:].std(axis=0), np.deg2rad(0.5), rtol=0.06)
    np.testing.assert_allclose(found.focal.std(axis=0), 0.01, rtol=0.06)
    logs = np.log2(found.leds)
    np.testing.assert_allclose(logs.std(axis=0), np.hypot(1 / np.sqrt(12), 0.05 / np.log(2)), rtol=0.05)
    assert abs(np.corrcoef(found.focal[:, 0], found.focal[:, 1])[0, 1]) < 0.06


def test_what_the_file_leaves_out_is_a_prior(green: Headset) -> None:
    bare = replace(green, cameras={n: replace(c, tolerance=None) for n, c in green.cameras.items()})
    sources = {f.key: f.source for f in geometric_freedoms(bare)}
    assert (sources["donning.up"], sources["camera.x"], sources["camera.focal"]) == ("file", "prior", "prior")
    assert _freedom(bare, "camera.y").spread == pytest.approx(1e3 * PRIOR_PLACEMENT.position_m)


def test_sweeps_hold_the_spread_and_both_sides(green: Headset) -> None:
    values = grid(_freedom(green, "donning.up"), 6)
    assert 3.0 in values
    np.testing.assert_array_equal(values, -values[::-1])
    assert (grid(_freedom(green, "led.bin"), 3) > 1).all()


def test_signal_is_studied_on_leds_too(green: Headset) -> None:
    """At a fixed exposure half the power is half the electrons; a spread of bins of 1 changes nothing."""
    tiny = load_headset("refa_green", TINY | {"sensors.vga_nir.auto_exposure": None, "shell": None, "search": None})
    half = replace(nominal(tiny), leds=np.full((1, len(tiny.leds)), 0.5))
    led = built(tiny, half, 0, "half").leds["eye_left_a"]
    assert led.radiant_intensity_w_sr == pytest.approx(0.5 * tiny.leds["eye_left_a"].radiant_intensity_w_sr)
    config = replace(CONFIG, draws=2, points_per_region=16, expressions=("neutral",))
    found = study(tiny, EllipsoidHead(), config, (signal_extra("fast"),), workers=1)
    curve = found.costs["led.power"]["mouth"]["snr"]
    at = dict(zip(curve.values, curve.losses, strict=True))
    assert at[0.0] == 0.0
    assert at[-20.0] > at[-5.0] > 0.0 > at[20.0]
    assert 0.10 < at[-20.0] < 0.20, "between the square root's loss and that of light against constant noise"
    assert found.spread["eye"]["snr"].n == 2
    near = found.costs["donning.depth"]["eye"]["snr"]
    assert near.values[0] == -8.0
    assert max(map(abs, near.losses)) > 0.01, "eight millimetres nearer to the LEDs change the light"
    assert {f.key for f in found.freedoms} == {key for key, own in found.costs.items() if "snr" in own["mouth"]}
    longer = found.costs["camera.focal"]["mouth"]["snr"]
    # The pupil stays: 20 % more focal length is 20 % more f-number, and so much less light on a pixel.
    n = tiny.cameras["mouth_left"].optics.f_number
    light = (1 + 4 * n**2) / (1 + 4 * (1.2 * n) ** 2)
    lost = dict(zip(longer.values, longer.losses, strict=True))[20.0]
    assert 1 - np.sqrt(light) < lost < 1 - light, "between the square root's loss and that of light"
    for key in ("camera.x", "camera.z", "camera.turn_x", "camera.turn_y"):
        curve = found.costs[key]["mouth"]["snr"]
        assert max(map(abs, curve.losses)) > 1e-3, f"{key}: the mouth lies elsewhere in the image, or farther off"
    page = tolerance_page(found, "snr", {"command": "hmcsim tolerance x", "software": {"hmcsim": "0"}})
    assert "LED power, all" in page
    for text in ("Camera tilt (about x)", "+: the camera looks higher in its own image", "entrance pupils"):
        assert text in page
    assert "Signal to noise" in page
    json.dumps(found.to_json(), allow_nan=False)


def test_a_score_of_another_kind_joins_in_one_place(green: Headset) -> None:
    """Any score of variants, better low: what observability will be."""

    def scores(headset, head, config, variants, progress, workers):
        return {"mouth": {"observability_mm": 1.0 + np.abs(variants.donning[:, 1]) * 50.0}}

    extra = Extra("observability", geometric_freedoms, 6, scores)
    config = replace(CONFIG, draws=8, expressions=("neutral",), points_per_region=8)
    found = study(green, EllipsoidHead(), config, (extra,), workers=1)
    assert len(found.freedoms) == 13
    up = found.costs["donning.up"]["mouth"]["observability_mm"]
    assert up.at_spread == pytest.approx(0.15)
    assert up.largest == pytest.approx(1.0)
    assert found.costs["donning.up"]["mouth"]["visible_fraction"].values == up.values
    assert found.ranked("observability_mm")[0].key == "donning.up"
    assert found.spread["mouth"]["observability_mm"].mean > 1.0


def test_the_page_and_the_figures_are_plain(result: ToleranceResult) -> None:
    plain = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert {f["key"] for f in plain["freedoms"]} >= {"donning.pitch", "camera.focal"}
    page = tolerance_page(result, "visible_fraction", {"command": "hmcsim tolerance x", "software": {"hmcsim": "0"}})
    assert page.count("<polyline") > 30
    assert "costs most" in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"draws": 1}, "2 <= draws"),
        ({"allowed": 0.0}, "0 < allowed"),
        ({"signal_draws": 500}, "signal_draws <= draws"),
    ],
)
def test_bad_configurations_are_named(values: dict, words: str) -> None:
    with pytest.raises(SimError, match=words):
        ToleranceConfig(**values)


def test_a_score_of_one_headset_is_unchanged_by_all_this(green: Headset) -> None:
    """A nominal variant is the headset as it is."""
    head, config = EllipsoidHead(), ScoreConfig(1, ("neutral",), 1, 0, (), 64, heat_map_samples=0)
    still = replace(green, donning=DonningDistribution())
    plain = score([still], head, config, workers=1).headsets["refa_green"].group_samples
    ours = score_rigs((variant_rig(green, nominal(green), config),), head, config, workers=1)
    for group, metrics in plain.items():
        for metric, values in metrics.items():
            same = ours.headsets["refa_green"].group_samples[group][metric]
            np.testing.assert_allclose(same, values, rtol=1e-9)
