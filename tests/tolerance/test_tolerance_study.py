"""Tolerance studies: against headsets scored one by one, closed forms, and linear propagation of errors."""

from __future__ import annotations

import json
from dataclasses import replace

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


def test_twins_move_as_mirror_images(green: Headset) -> None:
    """On a mirror-symmetric head a sweep leaves twins alike."""
    head = EllipsoidHead()
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
    page = tolerance_page(found, "snr", {"command": "hmcsim tolerance x", "software": {"hmcsim": "0"}})
    assert "LED power, all" in page
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
    plain = score([still], head, config, workers=1).headsets["refa_green"].wearers
    ours = score_rigs((variant_rig(green, nominal(green), config),), head, config, workers=1)
    for group, metrics in plain.items():
        for metric, values in metrics.items():
            np.testing.assert_allclose(ours.headsets["refa_green"].wearers[group][metric], values, rtol=1e-9)
