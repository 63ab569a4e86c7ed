"""Scripts against the papers' figures, and the file of motion priors."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
import yaml

from faces.arkit import ARKIT_NAMES
from faces.distributions import Beta, LogNormal, Normal, Uniform
from faces.errors import FaceError
from faces.motion import KINDS, SCRIPTS, MotionPriors, ScriptSegment, draw_segment, script
from faces.motion.priors_file import load_motion_priors, parse_motion_priors


def test_ufe_capture_is_the_papers() -> None:
    capture = script("ufe_capture")
    asked = [segment for segment in capture.segments if segment.expression is not None]
    assert len(asked) == 43
    assert len({segment.name for segment in capture.segments}) == len(capture.segments)
    assert len({segment.expression for segment in asked}) == 43
    assert {segment.duration_s for segment in asked} == {8.0}
    talk = [segment for segment in capture.segments if segment.kind in ("sentence", "mixed")]
    assert len(talk) == 21
    assert sum(segment.duration_s for segment in talk) == pytest.approx(180.0)
    assert [s.duration_s for s in capture.segments if s.kind == "range_of_motion"] == [40.0]
    assert len(capture.anchors) == 6
    assert {"neutral", "jaw_drop", "wide_eyes", "closed_eyes"} <= {segment.expression for segment in capture.anchors}
    assert capture.duration_s * capture.rate_hz == pytest.approx(40_000, rel=0.02)  # "roughly 40K frames"


def test_the_other_presets_have_their_papers_figures() -> None:
    refa, again = script("refa_synthetic"), script("recapture")
    assert refa.duration_s * refa.rate_hz == pytest.approx(30_000)
    kinds = {segment.kind for segment in refa.segments}
    assert kinds == {"frames", "expression", "sentence", "range_of_motion", "gaze", "blink", "mixed"}
    counts = {
        kind: sum(s.kind == kind for s in again.segments) for kind in ("expression", "range_of_motion", "sentence")
    }
    assert counts == {"expression": 73, "range_of_motion": 2, "sentence": 50}
    assert 300 <= sum(s.duration_s for s in again.segments if s.kind == "mixed") <= 600
    assert again.duration_s < 45 * 60
    assert again.redrawn == ("donning", "headset", "light", "beard")
    assert len(again.anchors) == 13


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("seconds", [1.0, 7.0, 60.0, 300.0, 5000.0])
def test_scripts_are_sized_by_seconds(name: str, seconds: float) -> None:
    whole = script(name)
    sized = whole.sized(seconds)
    assert sized.duration_s == pytest.approx(seconds)
    assert min(segment.duration_s for segment in sized.segments) >= min(2.0, seconds) - 1e-9
    order = [segment.name for segment in whole.segments]
    places = [order.index(segment.name) for segment in sized.segments]
    assert places == sorted({*places})
    if len(sized.segments) < len(whole.segments):
        assert len(sized.anchors) == min(len(whole.anchors), len(sized.segments))


def test_anchors_are_shown_evenly_and_fully() -> None:
    closed = next(segment for segment in script("ufe_capture").segments if segment.name == "closed_eyes")
    for seed in range(8):
        shown = draw_segment(np.random.default_rng(seed), closed, 30.0)
        lids = shown.weights[:, [ARKIT_NAMES.index("eyeBlinkLeft"), ARKIT_NAMES.index("eyeBlinkRight")]]
        assert shown.weights.shape == (240, 52)
        assert np.mean(lids.min(axis=1) > 0.5) > 0.15  # of the time both eyes are shut or nearly so


def test_independent_frames_do_not_hang_together() -> None:
    segment = ScriptSegment("frames", "frames", 4.0)
    sequence = draw_segment(np.random.default_rng(3), segment, 25.0)
    assert sequence.weights.shape == (100, 52)
    assert sequence.gaze_rad.shape == (100, 2, 2)
    assert {part.name for part in sequence.segments} == {"peak", "combination", "sparse", "speech"}
    assert len(np.unique(sequence.weights, axis=0)) > 95
    longer = draw_segment(np.random.default_rng(3), ScriptSegment("frames", "frames", 8.0), 25.0)
    assert longer.weights[:100].tobytes() == sequence.weights.tobytes()
    steps = np.linalg.norm(np.diff(sequence.gaze_rad[:, 0], axis=0), axis=1)
    assert np.median(steps) > np.radians(8)


def test_wrong_scripts_are_refused() -> None:
    with pytest.raises(FaceError, match=r"unknown script 'ufe'.*Scripts: refa_synthetic, ufe_capture, recapture"):
        script("ufe")
    with pytest.raises(FaceError, match="`seconds > 0` must hold for script 'recapture', got -1"):
        script("recapture").sized(-1.0)
    with pytest.raises(FaceError, match="`rate_hz > 0` must hold for segment 'x', got 1 s at 0 Hz"):
        draw_segment(np.random.default_rng(0), ScriptSegment("x", "frames", 1.0), 0.0)


def ends(part: Any, end: str) -> Any:
    """Priors all of whose draws lie at one end of their range."""

    def one(value: Any) -> Any:
        if isinstance(value, Uniform | Beta):
            return replace(value, low=getattr(value, end), high=getattr(value, end))
        if isinstance(value, LogNormal):
            return replace(value, median=getattr(value, end), sigma=0.0)
        if isinstance(value, Normal):
            return replace(value, mean=getattr(value, end), sd=0.0)
        return ends(value, end) if is_dataclass(value) else value

    return replace(part, **{field.name: one(getattr(part, field.name)) for field in fields(part)})


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("kind", [*KINDS, "frames"])
def test_draws_stay_valid_at_both_ends_of_every_prior(kind: str, end: str) -> None:
    sequence = draw_segment(
        np.random.default_rng(1), ScriptSegment("x", kind, 20.0), 10.0, priors=ends(MotionPriors(), end)
    )
    assert np.isfinite(sequence.weights).all()
    assert sequence.weights.min() >= 0.0
    assert 0.0 < sequence.weights.max() <= 1.0
    assert np.abs(sequence.gaze_rad[..., 0]).max() <= np.radians(45.0)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [*value] if isinstance(value, tuple) else value


def test_a_file_of_every_prior_reads_back() -> None:
    text = yaml.safe_dump(plain(asdict(MotionPriors())), sort_keys=False)
    assert parse_motion_priors(text, "all") == MotionPriors()
    changed = parse_motion_priors("blinks: {rate_per_min: {high: 30}, wink_share: 0.2}", "some")
    assert (changed.blinks.rate_per_min.low, changed.blinks.rate_per_min.high) == (10.0, 30.0)
    assert changed.blinks.wink_share == 0.2
    assert changed.gaze == MotionPriors().gaze


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("blink: {}", "unknown key 'blink'; did you mean 'blinks'.*mine.yaml: blink"),
        ("blinks: {closing_s: {low: 0.2}}", "`low <= high` must hold, got low 0.2, high 0.1"),
        ("blinks: {wink_share: 1.5}", "`0 <= wink_share <= 1` must hold, got 1.5 .mine.yaml: blinks"),
        ("blinks: {wink_share: 0.6, voluntary_share: 0.6}", "`voluntary_share . wink_share <= 1`.*0.6 . 0.6"),
        ("gaze: {azimuth_deg: 44}", "`1 <= azimuth_deg <= 39` must hold, got 44 .mine.yaml: gaze"),
        ("speech: {syllables_per_s: {high: 20}}", "`0.5 <= syllables_per_s <= 10` must hold, got 3 to 20"),
        ("gestures: {rare_factor: .inf}", "`rare_factor` must be a finite number"),
        ("frames: {peak: 0, combination: 0, sparse: 0, speech: 0}", "one of peak, combination, sparse, speech > 0"),
        ("", "a file of motion priors must be a mapping, got nothing"),
    ],
)
def test_wrong_files_are_refused(text: str, says: str) -> None:
    with pytest.raises(FaceError, match=says):
        parse_motion_priors(text, "mine.yaml")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FaceError, match=r"cannot read the motion priors nowhere.yaml.*No such file"):
        load_motion_priors("nowhere.yaml")
