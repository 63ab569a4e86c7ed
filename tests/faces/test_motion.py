"""Motion measured on the sequences themselves, against the ranges of the literature, not on our own bookkeeping."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from faces.arkit import ARKIT_NAMES, other_side
from faces.builtin import AnnyHead
from faces.distributions import LogNormal
from faces.errors import FaceError
from faces.motion import KINDS, MotionPriors, draw_expression, draw_motion, draw_sequence
from faces.motion.blinks import KINDS as BLINKS

COLUMN = {name: k for k, name in enumerate(ARKIT_NAMES)}
LEFT = [k for k, name in enumerate(ARKIT_NAMES) if "Left" in name]
RIGHT = [COLUMN[other_side(ARKIT_NAMES[k])] for k in LEFT]
PLAIN = MotionPriors()
REFLEX = replace(PLAIN, blinks=replace(PLAIN.blinks, half_share=0.0, voluntary_share=0.0, wink_share=0.0))
STARING = replace(REFLEX, gaze=replace(PLAIN.gaze, fixation_s=LogNormal(30.0, 0.0, 30.0, 30.0)))
SACCADES = replace(PLAIN, gaze=replace(PLAIN.gaze, pursuit_share=0.0))


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last + 1 of each whole run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if a > 0 and b < len(mask)]


def test_spontaneous_blinks_close_in_75_to_100_ms_and_open_in_150_to_250_ms() -> None:
    closing, opening, halfway = [], [], []
    for seed in range(12):
        motion = draw_motion(rng(seed), "gaze", 30.0, REFLEX)
        lid = motion.weights(np.arange(0.0, 30.0, 0.0005))[:, COLUMN["eyeBlinkLeft"]]
        for a, b in runs(lid > 1e-6):
            shut = np.flatnonzero(lid[a:b] > 1 - 1e-6)
            closing.append(0.5 * shut[0])
            opening.append(0.5 * (b - a - shut[-1]))
            halfway.append(lid[(a + shut[-1] + b) // 2])
    assert len(closing) > 50
    # From a millionth on, minimum jerk shows 99 % of its time at each end, and the opening's tail 95 %.
    assert 73 <= min(closing) < 80
    assert 95 < max(closing) <= 101
    assert 140 <= min(opening) < 165
    assert 225 < max(opening) <= 251
    assert max(halfway) < 0.35  # fast first, then tailing off


def test_blinks_come_10_to_25_times_a_minute_at_irregular_intervals() -> None:
    rates, variation = [], []
    for seed in range(24):
        motion = draw_motion(rng(seed), "gaze", 900.0, STARING)
        lid = motion.weights(np.arange(0.0, 900.0, 0.05))[:, COLUMN["eyeBlinkLeft"]]
        starts = np.flatnonzero((lid[1:] > 0.02) & (lid[:-1] <= 0.02)) / 20.0
        rates.append(len(starts) / 15.0)
        variation.append(np.std(np.diff(starts)) / np.mean(np.diff(starts)))
    # 150 to 375 intervals of relative SD 0.8 each: a rate is known within 7 % (one sigma).
    assert 10 * 0.8 < min(rates) < 14
    assert 21 < max(rates) < 25 * 1.2
    assert 15.0 < np.mean(rates) < 20.0
    assert min(variation) > 0.5
    assert max(variation) < 1.1


def test_upper_lids_fall_as_fast_as_peoples(head: AnnyHead) -> None:
    poses = np.zeros((9, 52))
    poses[:, [COLUMN["eyeBlinkLeft"], COLUMN["eyeBlinkRight"]]] = np.linspace(0.0, 1.0, 9)[:, None]
    lid = head.topology.keypoint_names.index("eye_lid_upper_3_left")
    heights = np.asarray(head.mesh(head.neutral_identity(), poses).keypoints)[:, lid, 1]
    speeds = []
    for seed in range(6):
        motion = draw_motion(rng(seed), "gaze", 30.0, REFLEX)
        weight = motion.weights(np.arange(0.0, 30.0, 0.001))[:, COLUMN["eyeBlinkLeft"]]
        height = np.interp(weight, np.linspace(0.0, 1.0, 9), heights)
        speeds += [1e3 * -np.diff(height[a:b]).min() for a, b in runs(weight > 1e-6)]
    # "Generally 17 to 20 cm/s, occasionally over 40" (Doane 1980, Am. J. Ophthalmol. 89, 507).
    assert len(speeds) > 25
    assert min(speeds) > 0.13
    assert 0.15 < np.median(speeds) < 0.25
    assert max(speeds) < 0.4


def test_every_kind_of_blink_is_drilled_and_winks_close_one_eye() -> None:
    motion = draw_motion(rng(1), "blink", 120.0)
    assert {segment.kind for segment in motion.segments} >= {*BLINKS}
    lids = motion.weights(np.arange(0.0, 120.0, 0.01))[:, [COLUMN["eyeBlinkLeft"], COLUMN["eyeBlinkRight"]]]
    closed = lids > 0.99
    one = [lids[a:b].min() for a, b in runs(closed[:, 0] & ~closed[:, 1] & (lids[:, 1] < 0.3))]
    assert len(one) >= 3
    half = [lids[a:b, 0].max() for a, b in runs(lids[:, 0] > 0.01)]
    assert sum(0.24 < top < 0.91 for top in half) >= 3


def directions(gaze: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors of (..., 2) azimuth and elevation."""
    azimuth, elevation = gaze[..., 0], gaze[..., 1]
    return np.stack(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], axis=-1
    )


def saccades(seed: int, seconds: float) -> tuple[NDArray[np.float64], list[float]]:
    """(N, 3) amplitude in degrees, duration in ms and peak speed in degrees a second; fixations between, in ms."""
    motion = draw_motion(rng(seed), "gaze", seconds, SACCADES)
    rate = 4000.0
    axes = directions(motion.gaze_rad(np.arange(0.0, seconds, 1 / rate)).mean(axis=1))  # vergence cancels in the mean
    speed = np.degrees(np.linalg.norm(np.diff(axes, axis=0), axis=1)) * rate
    moves = runs(speed > 2.0)
    rows = [
        (np.degrees(np.arccos(np.clip(axes[a] @ axes[b], -1, 1))), 1e3 * (b - a) / rate, speed[a:b].max())
        for a, b in moves
    ]
    rests = [1e3 * (after[0] - before[1]) / rate for before, after in itertools.pairwise(moves)]
    return np.array(rows), rests


def test_saccades_lie_on_the_main_sequence() -> None:
    measured = [saccades(seed, 25.0) for seed in range(8)]
    rows = np.concatenate([part for part, _ in measured])
    rests = np.concatenate([part for _, part in measured])
    amplitude, duration, peak = rows.T
    assert len(rows) > 300
    large = amplitude > 2.0
    slope, intercept = np.polyfit(amplitude[large], duration[large], 1)
    assert 1.9 < slope < 2.7  # 2.2 ms a degree + 21 ms, Carpenter
    assert 17.0 < intercept < 25.0
    assert np.abs(duration[large] - (21.0 + 2.2 * amplitude[large])).max() < 12.0
    # Peak speeds of healthy adults, Leigh and Zee: 300–500 °/s at 10°, 400–650 °/s at 20°, below 800 °/s at all.
    for slow, fast, band in ((300, 500, (9, 11)), (400, 650, (18, 22)), (150, 350, (4, 6))):
        some = peak[np.abs(amplitude - sum(band) / 2) < (band[1] - band[0]) / 2]
        assert len(some) >= 5
        assert slow < some.min()
        assert some.max() < fast
    assert peak.max() < 800.0
    assert 0.78 < np.mean(amplitude <= 15.0) < 0.95  # 86 %, Bahill, Adler and Stark
    assert rests.min() > 148
    assert rests.max() < 605


def test_pursuit_is_smooth_and_slow() -> None:
    priors = replace(PLAIN, gaze=replace(PLAIN.gaze, pursuit_share=1.0))
    gaze = draw_motion(rng(2), "gaze", 40.0, priors).gaze_rad(np.arange(0.0, 40.0, 0.002)).mean(axis=1)
    speed = np.degrees(np.linalg.norm(np.diff(gaze, axis=0), axis=1)) / 0.002
    assert 15.0 < speed.max() < 30.0


def test_visual_axes_meet_where_the_wearer_looks() -> None:
    near = replace(PLAIN.gaze.distance_m, median=0.5, sigma=0.0)
    priors = replace(PLAIN, gaze=replace(PLAIN.gaze, distance_m=near, vergence_share=0.0))
    gaze = draw_motion(rng(3), "gaze", 20.0, priors).gaze_rad(np.arange(0.0, 20.0, 0.05))
    visual = gaze + np.radians([[[-5.45, 2.5], [5.45, 2.5]]])  # towards the nose, and up
    ahead = visual[np.abs(visual.mean(axis=1)).max(axis=1) < np.radians(6)]
    assert len(ahead) > 10
    left, right = np.moveaxis(directions(ahead), 1, 0)
    # Of eyes at x = ±31.5 mm, in the plane of azimuths: 0.0315 + s lx/lz = -0.0315 + s rx/rz.
    depth = 0.063 / (right[:, 0] / right[:, 2] - left[:, 0] / left[:, 2])
    np.testing.assert_allclose(depth, 0.5, rtol=0.03)


def test_jaws_move_as_in_speech(head: AnnyHead) -> None:
    names = head.topology.keypoint_names
    chin, upper, lower = (names.index(n) for n in ("chin_lower", "lip_upper_inner_middle", "lip_lower_inner_middle"))
    identity = head.neutral_identity()
    poses = np.zeros((2, 52))
    poses[1, COLUMN["jawOpen"]] = 1.0
    rest, open_ = np.asarray(head.mesh(identity, poses).keypoints)
    mm = 1e3 * np.linalg.norm(open_[chin] - rest[chin])  # the head's actions are linear
    peaks, openings, cycles, closures, vowels = [], [], [], [], []
    for seed in range(16):
        motion = draw_motion(rng(seed), "sentence", 10.0)
        for phrase in motion.phrases:
            times = np.arange(phrase.start_s, phrase.end_s, 0.002)
            weights = phrase.weights(times, PLAIN.speech)
            jaw = mm * weights[:, COLUMN["jawOpen"]]
            peaks.append(np.abs(np.diff(jaw)).max() / 0.002)
            openings.append(jaw.max())
            tops = (jaw[1:-1] > jaw[:-2]) & (jaw[1:-1] > jaw[2:])
            cycles.append(tops.sum() / (phrase.end_s - phrase.start_s))
            for centre, viseme in zip(phrase.centres_s, phrase.visemes, strict=True):
                row = weights[np.searchsorted(times, centre) - 1]
                (closures if viseme == "pp" else vowels if viseme == "aa" else []).append(row)
    assert len(peaks) > 40
    assert np.percentile(peaks, 5) > 30.0  # mm/s; 50–200 are usual
    assert 50.0 < np.median(peaks) < 200.0
    assert max(peaks) < 250.0
    assert 5.0 < np.median(openings) < 15.0
    assert max(openings) < 22.0
    assert np.percentile(cycles, 10) > 2.0
    assert np.percentile(cycles, 95) < 7.0
    shown = np.array([*closures[:6], *vowels[:6], *closures[:6]])
    shown[12:, COLUMN["mouthClose"]] = 0.0
    points = np.asarray(head.mesh(identity, shown).keypoints)
    gaps = 1e3 * np.linalg.norm(points[:, upper] - points[:, lower], axis=1)
    assert gaps[:6].max() < 0.4 * gaps[6:12].min()
    assert gaps[:6].max() < gaps[12:].min() - 0.1  # and not without `mouthClose`


def test_asked_expressions_rise_within_their_times_and_are_shown_fully() -> None:
    onsets, tops = [], []
    for seed in range(12):
        motion = draw_motion(rng(seed), "expression", 20.0, expression="jaw_drop")
        jaw = motion.weights(np.arange(0.0, 20.0, 0.002))[:, COLUMN["jawOpen"]]
        for a, b in runs(jaw > 1e-6):
            tops.append(jaw[a:b].max())
            onsets.append(0.002 * np.argmax(jaw[a:b] > tops[-1] - 1e-6))
    assert len(onsets) > 40
    assert 0.29 < min(onsets) < 0.4
    assert 0.85 < max(onsets) < 1.01
    assert 0.6 <= min(tops) < 0.8 < 0.95 < max(tops) <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_jumps_and_all_stays_in_range(kind: str) -> None:
    for seed in range(3):
        motion = draw_motion(rng(seed), kind, 12.0)
        times = np.arange(0.0, 12.0, 0.001)
        weights, gaze = motion.weights(times), motion.gaze_rad(times)
        assert weights.min() >= 0.0
        assert weights.max() <= 1.0
        assert weights[:, [k for k, name in enumerate(ARKIT_NAMES) if "Look" in name]].max() == 0.0
        assert (weights[:, COLUMN["mouthClose"]] <= weights[:, COLUMN["jawOpen"]] + 1e-12).all()
        change = np.abs(np.diff(weights, axis=0)).max(axis=0)
        assert change.max() < 0.03  # per ms; a lid's 1.875 / 75 ms is the fastest
        slow = [k for k, name in enumerate(ARKIT_NAMES) if not name.startswith("eyeBlink")]
        assert change[slow].max() < 0.015
        finer = np.arange(0.0, 12.0, 0.0002)
        assert np.abs(np.diff(motion.weights(finer), axis=0)).max() < 0.03 / 5 + 1e-9
        assert np.abs(np.degrees(gaze[..., 0])).max() <= 45.0 + 1e-9
        assert np.degrees(gaze[..., 1]).min() >= -40.0 - 1e-9
        assert np.degrees(gaze[..., 1]).max() <= 35.0 + 1e-9


def test_range_of_motion_reaches_the_ends() -> None:
    sequence = draw_sequence(rng(0), "range_of_motion", 240.0, 30.0)
    reached = sequence.weights.max(axis=0)
    moving = [k for k, n in enumerate(ARKIT_NAMES) if "Look" not in n and n != "mouthClose"]
    assert np.mean(reached[moving] > 0.95) > 0.8
    gaze = np.degrees(sequence.gaze_rad)
    assert gaze[..., 0].min() < -33
    assert gaze[..., 0].max() > 33
    assert gaze[..., 1].min() < -30
    assert gaze[..., 1].max() > 24


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_generator_gives_the_same_bytes_at_any_rate(kind: str) -> None:
    slow, again, fast = (draw_sequence(rng(5), kind, 7.0, rate) for rate in (30.0, 30.0, 90.0))
    assert slow.weights.tobytes() == again.weights.tobytes()
    assert slow.segments == again.segments == fast.segments
    assert slow.weights.shape == (210, 52)
    assert fast.gaze_rad.shape == (630, 2, 2)
    assert slow.weights.tobytes() == fast.weights[::3].tobytes()
    assert slow.gaze_rad.tobytes() == fast.gaze_rad[::3].tobytes()
    assert draw_sequence(rng(6), kind, 7.0, 30.0).weights.tobytes() != slow.weights.tobytes()
    generator = rng(5)
    assert draw_sequence(generator, kind, 7.0, 30.0).segments != draw_sequence(generator, kind, 7.0, 30.0).segments


def test_a_prior_of_one_layer_leaves_the_others_alone() -> None:
    other = replace(PLAIN, blinks=replace(PLAIN.blinks, interval_shape=3.0))
    a, b = (draw_sequence(rng(5), "mixed", 20.0, 30.0, priors=priors) for priors in (PLAIN, other))
    assert a.gaze_rad.tobytes() == b.gaze_rad.tobytes()
    assert (a.weights[:, COLUMN["jawOpen"]] == b.weights[:, COLUMN["jawOpen"]]).all()
    assert (a.weights[:, COLUMN["eyeBlinkLeft"]] != b.weights[:, COLUMN["eyeBlinkLeft"]]).any()


def test_left_and_right_are_exchangeable() -> None:
    frames = [draw_expression(generator) for generator in [rng(9)] for _ in range(3000)]
    weights = np.array([frame.weights for frame in frames])
    assert weights.min() >= 0.0
    assert weights.max() <= 1.0
    assert (weights[:, COLUMN["mouthClose"]] <= weights[:, COLUMN["jawOpen"]] + 1e-6).all()
    difference = weights[:, LEFT] - weights[:, RIGHT]
    error = difference.std(axis=0) / np.sqrt(len(frames))
    assert (np.abs(difference.mean(axis=0)) <= 4.5 * error).all()
    assert (np.abs(difference) > 0.05).any(axis=1).mean() > 0.2  # and often unlike
    gaze = np.array([frame.gaze_rad for frame in frames])
    sideways = gaze[:, 0, 0] + gaze[:, 1, 0]
    assert abs(sideways.mean()) < 4.5 * sideways.std() / np.sqrt(len(frames))
    winks = replace(PLAIN, blinks=replace(PLAIN.blinks, wink_share=0.9))
    sequences = [
        draw_sequence(rng(4 * k + n), kind, 20.0, 10.0, priors=priors)
        for k in range(40)
        for n, (kind, priors) in enumerate((("expression", PLAIN), ("blink", PLAIN), ("mixed", PLAIN), ("gaze", winks)))
    ]
    means = np.array([sequence.weights.mean(axis=0) for sequence in sequences])
    difference = means[:, LEFT] - means[:, RIGHT]
    error = difference.std(axis=0) / np.sqrt(len(sequences))
    assert (np.abs(difference.mean(axis=0)) <= 4.5 * error).all()


def balance(signs: NDArray[np.float64]) -> float:
    """How many standard deviations a count of signs lies off even."""
    return float(abs(signs.sum()) / np.sqrt(np.count_nonzero(signs)))


def test_neither_side_is_the_weaker_or_the_winking_one() -> None:
    peaks = replace(PLAIN.frames, combination=0.0, sparse=0.0, speech=0.0, closed_share=0.0)
    gestures = replace(PLAIN.gestures, rare_factor=0.0, asymmetric_share=1.0)  # two-sided ones, all of them weakened
    weakened = replace(PLAIN, frames=peaks, gestures=gestures)
    weights = np.array([draw_expression(g, weakened).weights for g in [rng(4)] for _ in range(600)])
    signs = np.sign((weights[:, LEFT] - weights[:, RIGHT]).sum(axis=1).round(4))
    assert np.count_nonzero(signs) > 400
    assert balance(signs) < 4.0
    winking = replace(STARING, blinks=replace(PLAIN.blinks, wink_share=0.95))
    winks = []
    for seed in range(6):
        lids = draw_motion(rng(seed), "gaze", 120.0, winking).weights(np.arange(0.0, 120.0, 0.02))
        side = lids[:, COLUMN["eyeBlinkLeft"]] - lids[:, COLUMN["eyeBlinkRight"]]
        winks += [np.sign(side[a]) for a, _ in runs(np.abs(side) > 0.5)]
    assert len(winks) > 100
    assert balance(np.array(winks)) < 4.0


def test_rare_expressions_are_over_sampled_as_asked() -> None:
    def winks(factor: float) -> float:
        frames = replace(PLAIN.frames, combination=0.0, sparse=0.0, speech=0.0, closed_share=0.0)
        priors = replace(PLAIN, frames=frames, gestures=replace(PLAIN.gestures, rare_factor=factor))
        priors = replace(priors, gestures=replace(priors.gestures, asymmetric_share=0.0))
        poses = np.array([draw_expression(g, priors).weights for g in [rng(1)] for _ in range(1500)])
        return float(np.mean((poses[:, COLUMN["eyeBlinkLeft"]] > 0) != (poses[:, COLUMN["eyeBlinkRight"]] > 0)))

    # Two winks among 58 expressions, 25 of which are rare: 2/58 at factor 1, 2·5/(33 + 25·5) at 5, none at 0.
    assert winks(1.0) == pytest.approx(2 / 58, abs=4 * np.sqrt(2 / 58 / 1500))
    assert winks(5.0) == pytest.approx(10 / 158, abs=4 * np.sqrt(10 / 158 / 1500))
    assert winks(0.0) == 0.0


def test_columns_follow_the_model() -> None:
    names = ("browInnerUp", "noSuchAction", "jawOpen")
    sequence, whole = (draw_sequence(rng(1), "mixed", 5.0, 30.0, n) for n in (names, ARKIT_NAMES))
    assert (sequence.weights[:, 2] == whole.weights[:, COLUMN["jawOpen"]]).all()
    assert not sequence.weights[:, 1].any()
    assert draw_expression(rng(1), expression_names=names).weights.shape == (3,)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("speech", 1.0, 30.0), "`kind` must be one of expression, sentence, .* got 'speech'"),
        (("gaze", 0.0, 30.0), "`0 < duration_s <= 86400` must hold for a sequence, got 0"),
        (("gaze", float("nan"), 30.0), "duration_s.*got nan"),
        (("gaze", 1.0, 0.0), "`rate_hz > 0` must hold for a sequence, got 0"),
        (("gaze", 1.0, float("inf")), "rate_hz.*got inf"),
        (("gaze", 80_000.0, 1e6), "`frames <= 10000000`.*80000 s at 1e\\+06 Hz"),
    ],
)
def test_wrong_requests_are_refused(arguments: tuple[str, float, float], says: str) -> None:
    with pytest.raises(FaceError, match=says):
        draw_sequence(rng(1), *arguments)


def test_wrong_expressions_are_refused() -> None:
    with pytest.raises(FaceError, match=r"unknown expression 'smlie'.*Did you mean smile"):
        draw_sequence(rng(1), "expression", 1.0, 30.0, expression="smlie")
    with pytest.raises(FaceError, match="goes with kind 'expression' only, got 'smile' with 'gaze'"):
        draw_sequence(rng(1), "gaze", 1.0, 30.0, expression="smile")
