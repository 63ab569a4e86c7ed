"""Stress against an encoder whose error is known at every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from encoders.errors import EncoderError
from encoders.frames import Frames
from encoders.model import CallableEncoder
from encoders.stress.factors import NOMINAL, factors_of
from encoders.stress.patches import merged
from encoders.stress.sweep import sweep
from encoders.stress.tolerance import crossing, crossings
from faces import load_head_model
from headsets.load import load_headset
from sim.seeding import generator
from tests.encoders.encoder_cases import CAMERAS, NAMES, label

HEAD = load_head_model()
HEADSET = load_headset("refa_green")
JAW = NAMES.index("jawOpen")


def _render(patch: Mapping[str, Any]) -> Frames:
    """Frames whose pixels say how far the jaw will be taken wrong: 0.02 a millimetre of depth."""
    depth = patch.get("donning", {}).get("depth_mm", {}).get("constant", 0.0)
    weights = np.zeros((4, 52), np.float32)
    weights[:, JAW] = [0.1, 0.2, 0.3, 0.2]
    seen = np.rint(255 * (weights[:, JAW] + 0.004 + 0.02 * abs(depth))).astype(np.uint8)
    shapes = [HEAD.sample_identity(generator(4, "identity", k)).describe() for k in (0, 1)]
    labels = tuple(label(shapes[k // 2], k // 2, key=str(k)) for k in range(4))
    images = {"mouth": np.broadcast_to(seen[:, None, None], (4, 40, 60)).copy()}
    return Frames(images, weights, np.zeros((4, 2, 2), np.float32), labels)


def _renders(patches: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Frames, ...]]:
    return ((_render(patch),) for patch in patches)


def _encode(images: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    weights = np.zeros((len(images["mouth"]), 52))
    weights[:, JAW] = images["mouth"].mean(axis=(1, 2))
    return weights, np.zeros((len(weights), 2, 2))


def test_a_sweep_finds_the_errors_that_are_there() -> None:
    factors = factors_of(HEADSET, ["depth", "roll"])
    encoder = CallableEncoder(_encode, "mine", CAMERAS[2:])
    done: list[tuple[float, float]] = []
    swept = sweep([encoder], HEAD, NAMES, factors, _renders, 0.5, pairs=0, progress=lambda *at: done.append(at))[0]
    found = swept.record()
    assert done[-1] == (9, 9)
    assert found["nominal"]["errors"]["mesh_mm"]["mean"] < 0.05  # 8 bits
    depth = found["factors"]["depth"]
    errors = [step["errors"]["mesh_mm"]["mean"] for step in depth["steps"]]
    far = [abs(step["severity"]) for step in depth["steps"]]
    # The jaw moves the mesh in proportion: twice the depth, twice the error, to either side.
    assert errors[0] == pytest.approx(errors[3], rel=1e-6)
    assert errors[0] / errors[1] == pytest.approx(far[0] / far[1], rel=0.08)
    assert depth["steps"][0]["increase_mm"]["mean"] == pytest.approx(
        errors[0] - found["nominal"]["errors"]["mesh_mm"]["mean"]
    )
    assert depth["fails"]
    low, high = depth["tolerance"]["absolute"]
    assert -low == pytest.approx(high)
    assert high == pytest.approx(0.5 / (errors[0] / far[0]), rel=0.1)
    roll = found["factors"]["roll"]
    assert (roll["fails"], roll["tolerance"]["absolute"]) == (False, [None, None])
    assert roll["steps"][0]["increase_mm"]["mean"] == 0
    # The mean predictor sees nothing, so that nothing makes it worse.
    assert len({step["mean_predictor"]["mesh_mm"] for step in (*depth["steps"], *roll["steps"])}) == 1
    assert found["pairs"]["found"] == []
    assert list(swept.failing()["donning"]) == ["depth_mm"]
    with pytest.raises(EncoderError, match="`limit > 0`"):
        sweep([encoder], HEAD, NAMES, factors, _renders, 0.0)


def test_crossings_are_linear_between_steps() -> None:
    assert crossing([0, 1, 3], [1, 2, 6], 4) == 2
    assert crossing([0, 1, 3], [1, 2, 6], 1) == 0
    assert crossing([0, 1, 3], [1, 2, 6], 7) is None
    assert crossings([0, -2, -1, 1, 2], [0, 4, 1, 2, 2], 2.5) == (-1.5, None)
    assert crossings([1, 0.25, 0.5, 2], [0, 4, 1, 8], 2) == (pytest.approx(0.5 - 0.25 / 3), 1.25)


def test_factors_are_those_of_the_headset() -> None:
    found = {factor.name: factor for factor in factors_of(HEADSET)}
    assert [point.label for point in found["led_failure"].points] == list(HEADSET.leds)
    spread = 1e3 * HEADSET.donning.up_m
    assert [p.severity for p in found["up"].points] == pytest.approx(
        [-3 * spread, -1.5 * spread, 1.5 * spread, 3 * spread]
    )
    assert found["pitch"].points[3].patch == {"donning": {"pitch_deg": {"constant": pytest.approx(9.0)}}}
    with pytest.raises(EncoderError, match=r"unknown factor 'wind'\. Factors of 'refa_green': lateral, up"):
        factors_of(HEADSET, ["wind"])


def test_merging_replaces_distributions_whole() -> None:
    patch = {"donning": {"slip_mm": {"normal": {"sd": 1.0}}}}
    assert merged(NOMINAL, patch)["donning"] == {**NOMINAL["donning"], **patch["donning"]}
