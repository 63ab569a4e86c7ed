"""What varies: read strictly, drawn as stated, and a function of configuration, seed and index alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.dataset.config import DatasetConfig
from sim.dataset.expressions import RARE, draw_gaze
from sim.dataset.load_config import check_against, load_config, parse_config
from sim.dataset.plan import plan_shards
from sim.dataset.sample import Sampler, split_of
from sim.dataset.sizing import sized
from sim.errors import SimError

BAD = {
    "not YAML": ("wearers: [", "wrong YAML"),
    "no mapping": ("- 1", "must be a mapping, got list"),
    "unknown key": ("wearers: {frame_each: 3}", "unknown key 'frame_each'; did you mean 'frames_each'?"),
    "nested": ("light: {ambient: {shar: 1}}", "unknown key 'shar'"),
    "share": ("light: {ambient: {share: 1.5}}", "`0 <= share <= 1` must hold, got 1.5"),
    "text": ("donning: {scale: 'two'}", "`scale` must be a number, got 'two'"),
    "two distributions": (
        "gaze: {azimuth_deg: {constant: 1, uniform: {low: 0, high: 1}}}",
        "exactly one of normal, log_normal, uniform, constant must be given",
    ),
    "range": ("gaze: {azimuth_deg: {uniform: {low: -80, high: 0}}}", "every draw must lie from -40 to 40"),
    "order": ("light: {warming_k: {uniform: {low: 5, high: 1}}}", "`low <= high` must hold, got 5 > 1"),
    "looks": ("wearers: {looks: {glasses: {shar: 1}}}", "unknown key 'shar'"),
    "spread": ("wearers: {spread: {constant: -1}}", "every draw must lie from 0 to 2"),
    "exposure": ("exposure: {mode: fixed}", "`us` goes with mode 'fixed'"),
    "mix": (
        "expression: {mix: {neutral: 0, peak: 0, combination: 0, action: 0, rare: 0}}",
        "at least one weight must be above 0",
    ),
    "wearings": ("wearers: {frames_each: 2, wearings_each: 3}", "`wearings_each <= frames_each` must hold"),
    "NaN": ("donning: {scale: .nan}", "scale"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_files_are_refused_in_one_line_with_their_place(case: str) -> None:
    text, message = BAD[case]
    with pytest.raises(SimError) as caught:
        parse_config(text, "mine.yaml")
    assert message in str(caught.value)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_lie_over_presets_and_distributions_are_replaced_whole() -> None:
    config = parse_config(
        "wearers: {captures: 3}\ngaze: {azimuth_deg: {constant: 5}}", "f", {"wearers": {"captures": 2, "script": "x"}}
    )
    assert (config.wearers.captures, config.wearers.script) == (3, "x")
    assert config.gaze.azimuth_deg.support == (5.0, 5.0)
    assert DatasetConfig.model_validate(config.record()) == config
    with pytest.raises(SimError, match=r"unknown preset 'refa'\. Presets of data sets: independent"):
        load_config(None, "refa")
    with pytest.raises(SimError, match=r"cannot read the data-set configuration nowhere\.yaml: No such file"):
        load_config(Path("nowhere.yaml"))


def test_an_led_that_fails_must_be_one(headset: Any) -> None:
    check_against(parse_config("light: {failed: [low]}", "f"), headset)
    with pytest.raises(ValueError, match="'lowe'"):
        check_against(parse_config("light: {failed: [lowe]}", "f"), headset)


def sampler(headset: Any, head: Any, text: str = "{}", seed: int = 0) -> Sampler:
    return Sampler(headset, head, parse_config(text, "test"), seed)


def test_draws_are_of_the_distributions_stated(headset: Any, head: Any) -> None:
    """Kolmogorov and Smirnov on values that labels record; at 1e-4 no honest seed fails."""
    text = (
        "wearers: {frames_each: 1, wearings_each: 1}\nhardware: {lens_sets: 0}\n"
        "donning: {slip_mm: {constant: 0}, slip_deg: {constant: 0}, up_mm: {uniform: {low: -2, high: 6}}}\n"
        "light: {current: {log_normal: {median: 2, sigma: 0.3}}, failure_share: 0.2}\n"
        "exposure: {bias_stops: {uniform: {low: -1, high: 1}}}"
    )
    draws = sampler(headset, head, text)
    draws._wearer = lambda *_: None  # type: ignore[assignment,method-assign,return-value]  # who it is takes long
    samples = [draws.sample(k) for k in range(400)]
    poses = np.array([s.T_device_head.translation for s in samples])
    checks = [
        (1e3 * poses[:, 1], stats.uniform(-2, 8)),
        (1e3 * poses[:, 0], stats.norm(0, 1.5)),  # the headset's own spread
        (np.log([s.drive.current for s in samples]), stats.norm(np.log(2), 0.3)),
        ([np.log2(s.bias) for s in samples], stats.uniform(-1, 2)),
        ([s.drive.bins["low"] for s in samples], stats.loguniform(2**-0.5, 2**0.5)),
    ]
    for values, distribution in checks:
        assert stats.kstest(values, distribution.cdf).pvalue > 1e-4
    failed = sum(len(s.drive.currents) for s in samples)
    assert abs(failed - 0.2 * 3 * 400) < 4 * np.sqrt(3 * 400 * 0.2 * 0.8)
    moved = [s.unit.cameras["eye"].position - headset.cameras["eye"].position for s in samples]
    assert np.std(moved) == pytest.approx(0.3e-3, rel=0.1)  # the file's own tolerance
    moved = [s.unit.cameras["front"].position - headset.cameras["front"].position for s in samples]
    assert np.std(moved) == pytest.approx(0.15e-3, rel=0.1)  # the configuration's


def test_what_is_switched_off_does_not_vary(headset: Any, head: Any) -> None:
    text = (
        "wearers: {frames_each: 4, wearings_each: 2}\n"
        "hardware: {scale: 0, lens_sets: 0, led_bins: false}\n"
        "donning: {scale: 0, slip_mm: {constant: 0}, slip_deg: {constant: 0}}\n"
        "light: {current: {constant: 1}, warming_k: {constant: 0}, failure_share: 0, ambient: {share: 0}}\n"
        "exposure: {bias_stops: {constant: 0}}\n"
        "expression: {mix: {neutral: 1, peak: 0, combination: 0, action: 0, rare: 0}, background_actions: 0, "
        "blink_share: 0}"
    )
    draws = sampler(headset, head, text)
    for index in (0, 3, 9):
        sample = draws.sample(index)
        np.testing.assert_array_equal(sample.T_device_head.as_matrix(), np.eye(4))
        assert not sample.weights.any()
        assert sample.ambient is None
        assert sample.bias == 1.0
        for name, camera in sample.unit.cameras.items():
            assert camera.lens == headset.cameras[name].lens
            np.testing.assert_allclose(
                camera.T_device_camera.as_matrix(), headset.cameras[name].T_device_camera.as_matrix(), atol=1e-15
            )
        for name, led in sample.headset.leds.items():
            assert led.radiant_intensity_w_sr == pytest.approx(headset.leds[name].radiant_intensity_w_sr)


def test_spread_stretches_wearers_about_the_mean_one(headset: Any, head: Any) -> None:
    def shapes(text: str) -> list[np.ndarray]:
        draws = sampler(headset, head, "wearers: {frames_each: 1, wearings_each: 1" + text + "}")
        return [head.mesh(draws.sample(k).wearer.identity).vertices for k in range(3)]

    def from_mean(meshes: list[np.ndarray]) -> np.ndarray:
        middle = head.mesh(head.neutral_identity()).vertices
        return np.array([np.sqrt(((mesh - middle) ** 2).sum(-1).mean()) for mesh in meshes])

    drawn, stretched = shapes(""), shapes(", spread: {uniform: {low: 0.5, high: 2}}")
    assert (from_mean(shapes(", spread: {constant: 0}")) < 1e-9).all()
    # Lids and the fit to the eyes do not scale with the shape, hence the margin.
    np.testing.assert_allclose(from_mean(shapes(", spread: {constant: 2}")) / from_mean(drawn), 2.0, rtol=0.1)
    share = from_mean(stretched) / from_mean(drawn)
    assert ((share > 0.45) & (share < 2.2)).all()
    assert len(set(share.round(3))) == 3  # drawn for each


def test_rare_expressions_are_as_frequent_as_asked(headset: Any, head: Any) -> None:
    text = "wearers: {frames_each: 1000, wearings_each: 1}\nexpression: {background_actions: 0, blink_share: 0}"
    draws = sampler(headset, head, text)
    shown = [draws._pose(k, 0, 0, k)[0] for k in range(1000)]
    share = np.mean([what.startswith("rare:") for what in shown])
    assert abs(share - 0.15) < 4 * np.sqrt(0.15 * 0.85 / 1000)
    assert {what.removeprefix("rare:") for what in shown if what.startswith("rare:")} == set(RARE)


def test_a_sample_is_a_function_of_its_index_and_neighbours_share_the_wearer(headset: Any, head: Any) -> None:
    one, other = sampler(headset, head), sampler(headset, head)
    forward = [one.sample(k) for k in range(45)]
    for index in (44, 3, 20, 19):
        again = other.sample(index)
        np.testing.assert_array_equal(again.weights, forward[index].weights)
        np.testing.assert_array_equal(again.T_device_head.as_matrix(), forward[index].T_device_head.as_matrix())
        assert again.wearer.look == forward[index].wearer.look
        assert again.wearer.identity == forward[index].wearer.identity
        assert again.drive == forward[index].drive
    assert forward[0].wearer.identity == forward[19].wearer.identity != forward[20].wearer.identity
    worn = [s.T_device_head_worn.translation[0] for s in forward[:20]]
    assert len(set(worn)) == 4  # wearings
    assert len({s.T_device_head.translation[0] for s in forward[:20]}) == 20  # slip
    assert not np.array_equal(sampler(headset, head, seed=1).sample(3).weights, forward[3].weights)


def test_both_eyes_look_at_one_point() -> None:
    part = parse_config("gaze: {distance_m: {uniform: {low: 0.2, high: 0.5}}}", "f").gaze
    for seed in range(50):
        rng = np.random.default_rng(seed)
        azimuth, elevation = np.radians(part.azimuth_deg.draw(rng)), np.radians(part.elevation_deg.draw(rng))
        distance = part.distance_m.draw(rng)
        target = distance * np.array(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
        )
        for (az, el), x in zip(draw_gaze(np.random.default_rng(seed), part), (0.0315, -0.0315), strict=True):
            way = np.array([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)])
            off = np.linalg.norm(np.cross(target - np.array([x, 0, 0]), way))
            assert off < 1e-5 or abs(az) > np.radians(44.9)


def test_splits_keep_their_shares_from_the_first_identities_on() -> None:
    config = load_config()
    for count in (20, 200, 2000):
        splits = [split_of(k, config) for k in range(count)]
        for name, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
            assert abs(splits.count(name) / count - share) < 1.5 / count + 0.02


def test_the_plan_holds_every_frame_once_and_no_shard_two_splits() -> None:
    for text, frames in (("{}", 1), ("{}", 777), ("wearers: {frames_each: 1000, captures: 2}", 4100)):
        config = parse_config(text, "f")
        shards = plan_shards(config, frames)
        assert sorted(k for shard in shards for k in shard.indices) == list(range(frames))
        each = config.wearers.frames_each * config.wearers.captures
        for shard in shards:
            assert {split_of(k // each, config) for k in shard.indices} == {shard.split}
            assert shard.frames <= 400
    assert len(plan_shards(load_config(), 100)) >= 4  # work for several
    with pytest.raises(SimError, match="`1 <= frames <= 1000000000` must hold"):
        plan_shards(load_config(), 0)


def test_sizes_follow_from_each_other() -> None:
    config = load_config()
    assert sized(config, 30.0, 100, None, None)[1] == 100
    assert sized(config, 30.0, None, 7, None)[1] == 140
    longer, frames = sized(config, 30.0, None, 3, 10.0)
    assert (longer.wearers.frames_each, frames) == (300, 900)
    shared, frames = sized(config, 30.0, 100, 8, None)
    assert (shared.wearers.frames_each, frames) == (13, 100)
    with pytest.raises(SimError, match="got neither"):
        sized(config, 30.0, None, None, 5.0)
    with pytest.raises(SimError, match="got all three"):
        sized(config, 30.0, 1, 1, 1.0)
    with pytest.raises(SimError, match="`0 < seconds` must hold, got nan"):
        sized(config, 30.0, None, 1, float("nan"))


@pytest.mark.parametrize("name", ["refa_synthetic", "ufe_capture", "recapture"])
def test_presets_follow_their_scripts(name: str, headset: Any, head: Any) -> None:
    config, frames = sized(load_config(None, name), 30.0, None, 2, 240.0)
    draws = Sampler(headset, head, config, 0)
    visits = 2 * config.wearers.captures
    assert frames == visits * 240 * 30
    assert draws.tasks[-1].start + draws.tasks[-1].count == config.wearers.frames_each
    sequence = next(task for task in draws.tasks if task.kind != "frames")
    inside = [draws.sample(sequence.start + k) for k in range(20, 40)]
    assert np.abs(np.diff([s.T_device_head.translation for s in inside], axis=0)).max() < 0.3e-3  # slip drifts
    assert len({s.time_s for s in inside}) == 20
    if name == "recapture":
        first, again = draws.sample(3), draws.sample(config.wearers.frames_each + 3)
        assert first.wearer.identity == again.wearer.identity
        assert (first.capture, again.capture) == (0, 1)
        assert first.drive != again.drive
        assert first.split == again.split
    if name == "ufe_capture":
        assert sum(task.anchor for task in draws.tasks) == 6
