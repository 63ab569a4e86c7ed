"""Evaluation on the built-in head: what is right has no error, what is wrong by a known amount has that error."""

from __future__ import annotations

import numpy as np
import pytest

from encoders.errors import EncoderError
from encoders.evaluate import ERRORS, judge, mean_guess
from encoders.frames import Frames
from encoders.recordings import end_user_metrics, peak_of, recordings
from encoders.report import report
from faces import load_head_model
from sim.seeding import generator
from tests.encoders.encoder_cases import NAMES, label

HEAD = load_head_model()
WEARERS = [HEAD.sample_identity(generator(4, "identity", k)) for k in range(2)]
POSES = ({}, {"jawOpen": 0.6}, {"eyeBlinkLeft": 1.0}, {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8})
EXPRESSIONS = ("neutral", "peak:jaw_drop", "rare:wink_left", "peak:smile")


def _frames() -> Frames:
    weights = np.zeros((8, 52), np.float32)
    labels = []
    for k in range(8):
        who, pose = divmod(k, 4)
        for name, weight in POSES[pose].items():
            weights[k, NAMES.index(name)] = weight
        groups = {"sex": WEARERS[who].sex}
        labels.append(label(WEARERS[who].describe(), who, key=str(k), expression=EXPRESSIONS[pose], groups=groups))
    gaze = np.tile(np.float32([[0.1, -0.05], [-0.02, -0.05]]), (8, 1, 1))
    return Frames({}, weights, gaze, tuple(labels))


def test_a_described_wearer_is_the_same_to_the_last_bit() -> None:
    again = HEAD.described(WEARERS[0].describe())
    assert np.array_equal(HEAD.mesh(again).vertices, HEAD.mesh(WEARERS[0]).vertices)
    assert np.abs(HEAD.mesh(WEARERS[1]).vertices - HEAD.mesh(again).vertices).max() > 1e-3


def test_errors_are_of_meshes_of_the_true_wearer() -> None:
    frames = _frames()
    right = frames.weights.astype(float), frames.gaze.astype(float)
    off = frames.weights.astype(float)
    off[:, NAMES.index("jawOpen")] = 0.3
    judged = judge(HEAD, frames, {"right": right, "off": (off, right[1] + [np.radians(2.0), 0])})
    for name in ERRORS:
        assert np.abs(judged["right"].errors[name]).max() < 1e-9, name
    # Independently, frame by frame, by hand: the wearers' own meshes and plain keypoints.
    names = HEAD.topology.keypoint_names
    corner = names.index("lip_corner_left"), names.index("lip_corner_right")
    middle = names.index("lip_upper_inner_middle"), names.index("lip_lower_inner_middle")
    for k in (0, 5):
        true = HEAD.mesh(WEARERS[k // 4], frames.weights[k].astype(float), right[1][k]).keypoints
        guess = HEAD.mesh(WEARERS[k // 4], off[k], right[1][k]).keypoints
        expected = 0.0
        for one, other in (corner, middle):
            expected += 1e3 * abs(np.linalg.norm(guess[one] - guess[other]) - np.linalg.norm(true[one] - true[other]))
        assert judged["off"].errors["mouth_shape_mm"][k] == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(judged["off"].errors["gaze_deg"], 2.0, rtol=2e-3)
    assert (judged["off"].errors["lower_face_mm"] > judged["off"].errors["mesh_mm"]).all()  # the jaw is in it


def test_gaps_close_with_the_true_face() -> None:
    judged = judge(HEAD, _frames(), {})
    lids, lips = judged["truth"].lids_mm, judged["truth"].lips_mm
    assert (lids[[2, 6], 0] < 0.5).all()  # left eye winks
    assert (lids[[2, 6], 1] > 5).all()
    np.testing.assert_allclose(lips[[0, 4]], 0, atol=1e-6)  # neutral
    assert (lips[[1, 5]] > 5).all()


def test_end_user_metrics_of_the_truth_and_of_the_mean() -> None:
    frames = _frames()
    judged = judge(HEAD, frames, {"mean": mean_guess(frames, 8)})
    truth = judged["truth"]
    ideal = end_user_metrics(truth, truth, frames.labels, NAMES, HEAD.peaks, 30.0)
    for name in ("semantic_accuracy", "neutralness", "eye_closure", "mouth_closure"):
        assert ideal[name].dataset == 1.0, name
    assert ideal["smoothness"].dataset is None  # frames that stand by themselves
    poor = end_user_metrics(judged["mean"], truth, frames.labels, NAMES, HEAD.peaks, 30.0)
    assert poor["semantic_accuracy"].dataset == 0.0
    assert poor["eye_closure"].dataset == 0.0


def test_reports_split_errors_by_expression_wearer_and_group() -> None:
    frames = _frames()
    judged = judge(HEAD, frames, {"mean": mean_guess(frames, 8)})
    found = report(judged, frames, NAMES, HEAD.peaks, 30.0)["mean"]
    errors = judged["mean"].errors["mesh_mm"]
    assert found["by"]["expression"]["peak:smile"]["mesh_mm"] == pytest.approx(errors[[3, 7]].mean())
    assert found["by"]["identity"]["1"]["mesh_mm"] == pytest.approx(errors[4:].mean())
    assert sum(row["frames"] for row in found["by"]["sex"].values()) == 8
    low, high = found["errors"]["mesh_mm"]["interval95"]
    assert low <= errors.mean() <= high
    assert found["weights_l1"]["jawOpen"] == pytest.approx(np.mean([0.15] * 6 + [0.45] * 2), abs=1e-6)


def test_recordings_are_tasks_of_a_visit_in_time() -> None:
    sequence = {"kind": "expression", "task": "smile", "expression": "expression:smile"}
    labels = [label({}, 3, task_frame=k, **sequence) for k in (2, 0, 1)] + [label({}, 3, expression="peak:smile")]
    found = recordings(labels)
    assert [rows.tolist() for rows in found.values()] == [[1, 2, 0], [3]]
    assert peak_of(labels[0], {"smile": {"mouthSmileLeft": 1.0}}) == {"mouthSmileLeft": 1.0}
    mixed = label({}, expression="combination:smile+pucker+blink")
    peaks = {"smile": {"mouthSmileLeft": 1.0}, "pucker": {"mouthPucker": 1.0, "mouthSmileLeft": 0.2}}
    assert peak_of(mixed, peaks) == {"mouthSmileLeft": 1.0, "mouthPucker": 1.0}


def test_frames_without_labels_cannot_be_evaluated() -> None:
    frames = _frames()
    with pytest.raises(EncoderError, match="must have labels"):
        judge(HEAD, Frames({}, frames.weights, frames.gaze), {})
