"""Pairs of factors against jaws that are known to be taken wrong by so much."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from encoders.errors import EncoderError
from encoders.evaluate import ERRORS, Estimates
from encoders.frames import Frames
from encoders.model import CallableEncoder
from encoders.stress.factors import factors_of
from encoders.stress.steps import Step
from encoders.stress.sweep import Sweep, sweep
from faces import load_head_model
from headsets.load import load_headset
from sim.seeding import generator
from tests.encoders.encoder_cases import CAMERAS, NAMES, label

HEAD = load_head_model()
HEADSET = load_headset("refa_green")
JAW = NAMES.index("jawOpen")
NOMINAL = 30
"""By so many grey levels the jaw is taken wrong nominally; a level is 1/255 of its weight, and so many mm."""
Levels = Callable[[float, float], float]
"""Depth in mm and roll in deg, from nominal -> grey levels more."""


def _sweep(levels: Levels, names: Sequence[str] = ("depth", "roll"), pairs: int = 4) -> Sweep:
    def render(patches: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Frames, ...]]:
        for patch in patches:
            donning = patch.get("donning", {})
            depth, roll = (donning.get(key, {}).get("constant", 0.0) for key in ("depth_mm", "roll_deg"))
            weights = np.zeros((4, 52), np.float32)
            weights[:, JAW] = np.array([26, 51, 77, 51]) / 255
            seen = np.rint(255 * weights[:, JAW] + NOMINAL + levels(abs(depth), abs(roll))).astype(np.uint8)
            labels = tuple(label(SHAPES[k // 2], k // 2, key=str(k)) for k in range(4))
            images = {"mouth": np.broadcast_to(seen[:, None, None], (4, 40, 60)).copy()}
            yield (Frames(images, weights, np.zeros((4, 2, 2), np.float32), labels),)

    encoder = CallableEncoder(_encode, "mine", CAMERAS[2:])
    return sweep([encoder], HEAD, NAMES, factors_of(HEADSET, names), render, 99.0, pairs=pairs)[0]


def _encode(images: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    weights = np.zeros((len(images["mouth"]), 52))
    weights[:, JAW] = images["mouth"].mean(axis=(1, 2))
    return weights, np.zeros((len(weights), 2, 2))


SHAPES = [HEAD.sample_identity(generator(4, "identity", k)).describe() for k in (0, 1)]


def test_a_pair_that_costs_more_than_its_sum() -> None:
    # Depths are ±3 and ±6 mm, rolls ±2.25° and ±4.5°: 12 and 10 levels at most, of 15 that are borne.
    swept = _sweep(lambda depth, roll: 2 * depth + roll / 0.45 + depth * roll / 2.25)
    found = swept.record()
    level = found["nominal"]["errors"]["mesh_mm"]["mean"] / NOMINAL
    assert {name: part["step"] for name, part in found["pairs"]["factors"].items()} == {
        "depth": "-6 mm", "roll": "-4.5 deg",
    }  # fmt: skip
    (pair,) = found["pairs"]["found"]
    assert pair["factors"] == ["depth", "roll"]
    assert [alone / level for alone in pair["alone_mm"]] == pytest.approx([12, 10], rel=0.02)
    assert pair["sum_mm"] / level == pytest.approx(22, rel=0.02)
    assert pair["increase_mm"]["mean"] / level == pytest.approx(34, rel=0.02)
    assert pair["excess_mm"]["mean"] / level == pytest.approx(12, rel=0.02)
    assert pair["verdict"] == "more than their sum"
    assert pair["fails"]
    assert not found["factors"]["depth"]["fails"]
    assert not found["factors"]["roll"]["fails"]
    # What is borne alone and not together is asked for in the next training set.
    assert set(swept.failing()["donning"]) == {"depth_mm", "roll_deg"}
    (what, step, _), *_ = swept.worst(3)
    assert (what, step.label) == ("pair", "depth -6 mm, roll -4.5 deg")


@pytest.mark.parametrize(("both", "verdict"), [(0, "about their sum"), (-8, "less than their sum")])
def test_a_pair_that_does_not(both: float, verdict: str) -> None:
    swept = _sweep(lambda depth, roll: 2 * depth + roll / 0.45 + (both if depth and roll else 0))
    (pair,) = swept.record()["pairs"]["found"]
    assert pair["verdict"] == verdict


def test_a_factor_that_is_not_borne_at_any_step_is_paired_half_way() -> None:
    # 20 levels at 3 mm: 15 are reached at 2.25 mm, half of which is rendered for the purpose.
    swept = _sweep(lambda depth, roll: depth * 20 / 3 + roll / 0.45)
    assert swept.chosen["depth"].severity == pytest.approx(1.125, rel=0.02)
    assert swept.chosen["depth"].error / swept.nominal.error == pytest.approx(37.5 / 30, rel=0.03)
    assert [pair.names for pair in swept.pairs] == [("roll", "depth")]


def test_what_costs_nothing_is_not_paired_and_the_number_is_kept() -> None:
    factors = ("depth", "roll", "up", "yaw")
    assert _sweep(lambda depth, roll: depth, factors).pairs == ()
    assert _sweep(lambda depth, roll: depth + roll, factors, pairs=1).pairs == ()


def test_faces_must_stay_as_they_are() -> None:
    turns = iter([0.0, 0.1])

    def render(patches: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Frames, ...]]:
        for _ in patches:
            weights = np.full((2, 52), next(turns, 0.1), np.float32)
            labels = tuple(label(SHAPES[0], 0, key=str(k)) for k in range(2))
            images = {"mouth": np.full((2, 40, 60), 60, np.uint8)}
            yield (Frames(images, weights, np.zeros((2, 2, 2), np.float32), labels),)

    encoder = CallableEncoder(_encode, "mine", CAMERAS[2:])
    with pytest.raises(EncoderError, match="must leave wearers' faces as they are"):
        sweep([encoder], HEAD, NAMES, factors_of(HEADSET, ["up"]), render, 2.0)


def test_differences_are_paired_by_frame_and_resampled_by_wearer() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(1, 9, 40)  # frames differ far more than the factor does
    by_wearer = np.repeat([0.0, 2.0], 20)

    def step(errors: np.ndarray) -> Step:
        own = Estimates(np.zeros((40, 1)), np.zeros((40, 2, 2)), dict.fromkeys(ERRORS, errors), base, base)
        return Step("one", 1.0, {}, tuple(label({}, int(k >= 20), key=str(k)) for k in range(40)), own, own)

    even = step(base + 1.0).record(step(base))["increase_mm"]
    assert even["mean"] == pytest.approx(1.0)
    assert even["interval95"] == pytest.approx([1.0, 1.0])
    # Two wearers, one hit and one not: drawing them gives 0, 1 and 2; forty frames drawn singly would give 0.7 to 1.3.
    uneven = step(base + by_wearer).record(step(base))["increase_mm"]
    assert uneven["interval95"] == pytest.approx([0.0, 2.0])
