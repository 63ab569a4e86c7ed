"""Pictures of the worst frames against the labels of a data set."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from encoders.evaluate import judge
from encoders.frames import pack
from encoders.stress.frames import Conditions
from encoders.stress.steps import Step
from faces import load_head_model
from headsets.load import load_headset
from hmcsim.stress_pictures import CELL, CHAINS, ESTIMATE, LINE, MARGIN, TRUTH, WorstFrame, worst_frame
from sim.dataset.items import item_from_frame

HEAD = load_head_model()
HEADSET = load_headset("refa_green")
CONDITIONS = Conditions.of(HEADSET, [{}], 1, 1, 5)
JAW = HEAD.expression_names.index("jawOpen")


@pytest.fixture(scope="module")
def step() -> Step:
    """A frame that an encoder got right."""
    maker = CONDITIONS.maker({}, HEADSET, HEAD)
    frames = pack([item_from_frame(maker.frame(0), maker.config.outputs, True)], {})
    true = judge(HEAD, frames, {})["truth"]
    return Step("nominal", 0.0, {}, frames.labels, true, true)


def _face(shown: WorstFrame) -> np.ndarray:
    """The estimated face: (CELL, CELL, 3)."""
    top = 2 * MARGIN + 3 * LINE + CELL
    return np.asarray(shown.image)[top : top + CELL, -(CELL + MARGIN) : -MARGIN].astype(int)


def _near(image: np.ndarray, x: float, y: float, colour: tuple[int, int, int]) -> bool:
    part = image[max(0, round(y) - 2) : round(y) + 3, max(0, round(x) - 2) : round(x) + 3].astype(int)
    return bool((np.abs(part - colour).sum(axis=-1) < 160).any())


def test_a_right_estimate_is_drawn_over_the_truth(step: Step) -> None:
    shown = worst_frame("nominal", step, 0, CONDITIONS, HEAD)
    face = _face(shown)
    assert (face[..., 0] - face[..., 2]).max() < 12  # grey: nothing is off
    assert shown.weights == {}
    upper, lower = (np.asarray(shown.image)[t : t + CELL] for t in (MARGIN + 2 * LINE, 2 * MARGIN + 3 * LINE + CELL))
    cameras = (CELL + MARGIN) * len(HEADSET.cameras)
    # Drawn twice at the same place in the same scene: the rows differ by the truth's colour at most.
    assert np.abs(upper[:, :cameras].astype(int) - lower[:, :cameras]).mean() < 0.5


def test_a_wrong_jaw_is_red_at_the_chin_and_lines_follow_the_labels(step: Step) -> None:
    weights = step.own.weights.copy()
    weights[0, JAW] = 1.0 if weights[0, JAW] < 0.5 else 0.0
    own = replace(step.own, weights=weights, errors={**step.own.errors, "mesh_mm": np.array([4.0])})
    shown = worst_frame("depth", replace(step, own=own), 0, CONDITIONS, HEAD)
    face = _face(shown)
    red = face[..., 0] - face[..., 2] > 60
    rows = np.flatnonzero(red.any(axis=1))
    assert red.sum() > 1000
    assert rows.min() > 0.4 * CELL  # below the eyes
    assert shown.weights["jawOpen"] == pytest.approx((step.own.weights[0, JAW], weights[0, JAW]))
    label = CONDITIONS.maker({}, HEADSET, HEAD).frame(0).label
    names = list(HEAD.topology.keypoint_names)
    image = np.asarray(shown.image)
    found = []
    for k, camera in enumerate(HEADSET.cameras):
        own_label = label["cameras"][camera]
        scale = CELL / own_label["width_px"]
        for one, other in (pair for chain in CHAINS for pair in pairwise(chain)):
            ends = [names.index(one), names.index(other)]
            if all(own_label["visible"][at] for at in ends):
                x, y = (scale * (v + 0.5) for v in own_label["keypoints_px"][ends[0]])
                where = MARGIN + k * (CELL + MARGIN) + x, MARGIN + 2 * LINE + y
                found.append([_near(image, *where, colour) for colour in (TRUTH, ESTIMATE)])
    assert len(found) > 10
    assert all(any(colours) for colours in found)
    assert any(colours == [True, False] for colours in found)  # the jaw's, away from the estimate
    assert (np.abs(image.astype(int) - ESTIMATE).sum(axis=-1) < 60).sum() > 200
