"""REFA's network: what it shares, what it mirrors, and that it learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from encoders import checkpoint
from encoders.errors import EncoderError
from encoders.inputs import CameraInput, chosen, inputs_of
from encoders.log import read_log
from encoders.refa import PAPER, SMALL, Backbone, RefaConfig, RefaEncoder, eye_branches
from encoders.sources import MemorySource
from encoders.train import TrainConfig, estimate, train
from headsets.load import load_headset
from tests.encoders.encoder_cases import CAMERAS, NAMES, drawn_frames

TINY = RefaConfig(size_px=16, channels=(8, 12), hidden=64, grid=2)
SHORT = TrainConfig(steps=12, batch=4, save_every=5, report_every=4, seed=3)


def _net(cameras: tuple[CameraInput, ...] = CAMERAS) -> RefaEncoder:
    torch.manual_seed(1)
    return RefaEncoder(TINY, cameras, NAMES).eval()


def test_cameras_of_headsets_pair_up() -> None:
    inputs = inputs_of(load_headset("refa_green"))
    assert {c.name: c.mirror_of for c in inputs if c.mirror_of} == {
        "eye_right": "eye_left",
        "mouth_right": "mouth_left",
    }
    assert eye_branches(inputs)["right"] == ("shared", [1], True)
    net = RefaEncoder(TINY, inputs, NAMES)
    assert list(net.backbones) == ["eye_left", "mouth_left", "glabella"]
    assert list(net.eyes) == ["shared"]


def test_a_mirrored_face_gives_mirrored_eyes() -> None:
    """Swap both eyes' images, each flipped: left becomes right, and azimuth changes its sign."""
    net, rng = _net(), np.random.default_rng(0)
    left, right, mouth = (torch.from_numpy(rng.random((2, 1, 16, 16), np.float32)) for _ in range(3))
    weights, gaze = net(left, right, mouth)
    swapped, turned = net(torch.flip(right, [3]), torch.flip(left, [3]), mouth)
    for name in ("eyeBlink", "eyeLookIn", "eyeSquint", "eyeWide"):
        one, other = NAMES.index(f"{name}Left"), NAMES.index(f"{name}Right")
        assert torch.allclose(swapped[:, one], weights[:, other], atol=1e-6)
        assert not torch.allclose(weights[:, one], weights[:, other], atol=1e-4)
    sign = torch.tensor([-1.0, 1.0])
    assert torch.allclose(turned[:, 0], gaze[:, 1] * sign, atol=1e-6)


def test_an_eye_sees_its_own_cameras_alone() -> None:
    """REFA's reason for the branches: a wink must not close the other eye."""
    net = _net()
    images = [torch.rand(1, 1, 16, 16, requires_grad=True) for _ in CAMERAS]
    weights, gaze = net(*images)
    weights[0, NAMES.index("eyeBlinkLeft")].backward(retain_graph=True)
    gaze[0, 0].sum().backward(retain_graph=True)
    assert images[0].grad is not None
    assert images[0].grad.abs().sum() > 0
    assert all(i.grad is None or not i.grad.any() for i in images[1:])
    weights[0, NAMES.index("jawOpen")].backward()
    assert all(i.grad is not None and i.grad.abs().sum() > 0 for i in images)


def test_weights_come_in_the_labels_order() -> None:
    net = _net()
    with torch.no_grad():
        for mlp in (*net.eyes.values(), net.fused):
            mlp[-1].weight.zero_()
        net.eyes["shared"][-1].bias.copy_(torch.tensor([*range(100, 107), 0.0, 0.0]))
        net.fused[-1].bias.copy_(torch.arange(net.fused[-1].bias.numel()).float())
    weights, _ = net(*(torch.rand(1, 1, 16, 16) for _ in CAMERAS))
    eyes = {side: [n for n in NAMES if n.startswith("eye") and n.endswith(side)] for side in ("Left", "Right")}
    rest = [n for n in NAMES if n not in (*eyes["Left"], *eyes["Right"])]
    expected = {name: float(k) for k, name in enumerate(rest)}
    expected |= {name: 100.0 + k for side in eyes.values() for k, name in enumerate(side)}
    assert weights[0].tolist() == [expected[name] for name in NAMES]


def test_headsets_without_twins_or_eye_cameras_have_encoders_too() -> None:
    lone = tuple(replace(c, mirror_of=None) for c in CAMERAS)
    assert list(_net(lone).eyes) == ["left", "right"]
    net = _net((CAMERAS[2],))
    weights, gaze = net(torch.rand(2, 1, 16, 16))
    assert (weights.shape, gaze.shape) == ((2, 52), (2, 2, 2))
    one = _net(chosen(CAMERAS, ["eye_right", "mouth"], "x"))
    assert one(torch.rand(2, 1, 16, 16), torch.rand(2, 1, 16, 16))[1].shape == (2, 2, 2)
    with pytest.raises(EncoderError, match=r"unknown camera 'nose'\. Cameras of x: eye_left, eye_right, mouth"):
        chosen(CAMERAS, ["nose"], "x")


def test_the_papers_backbone_has_512_maps_of_7_by_7() -> None:
    backbone = Backbone(PAPER)
    before_pool = backbone.layers[:-2]
    assert before_pool(torch.zeros(2, 1, 224, 224)).shape == (2, 512, 7, 7)
    assert backbone.features == 512


def test_it_learns_eight_frames_by_heart(tmp_path: Path) -> None:
    frames = drawn_frames(8, 16)
    config = TrainConfig(steps=200, batch=8, learning_rate=1e-2, augment="none", seed=1)
    net = train(tmp_path, MemorySource(frames, NAMES), TINY, CAMERAS, config)
    weights, gaze = estimate(net, frames, "cpu")
    mean = np.abs(frames.weights - frames.weights.mean(axis=0)).mean()
    assert np.abs(weights - frames.weights).mean() < 0.1 * mean
    assert np.abs(gaze - frames.gaze).mean() < 0.1 * np.abs(frames.gaze - frames.gaze.mean(axis=0)).mean()


def test_hidden_units_outlive_the_first_steps(tmp_path: Path) -> None:
    """Features are positive and move together: without a norm the default learning rate kills nearly all of them."""
    source = MemorySource(drawn_frames(32, 64), NAMES)
    net = train(tmp_path, source, SMALL, CAMERAS, TrainConfig(steps=40, batch=16, seed=1))
    fired: list[torch.Tensor] = []
    for mlp in (net.fused, *net.eyes.values()):
        units = next(layer for layer in mlp.modules() if isinstance(layer, torch.nn.ReLU))
        units.register_forward_hook(lambda layer, given, out: fired.append((out > 0).any(dim=0)))
    estimate(net, source.frames, "cpu")
    assert len(fired) >= 2
    assert min(float(units.float().mean()) for units in fired) > 0.4  # without the norm 0.05


def _interrupt_at(step: int) -> object:
    def progress(done: float, total: float) -> None:
        if done == step:
            raise KeyboardInterrupt

    return progress


def test_interrupted_and_resumed_equals_straight(tmp_path: Path) -> None:
    source = MemorySource(drawn_frames(10, 16), NAMES)
    given = (source, TINY, CAMERAS, SHORT)
    straight = train(tmp_path / "straight", *given, validation=source.frames)
    for step in (7, 11):  # after the checkpoints of step 5 and 10
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "cut", *given, validation=source.frames, resume=step > 7, progress=_interrupt_at(step))  # type: ignore[arg-type]
    resumed = train(tmp_path / "cut", *given, validation=source.frames, resume=True)
    for name, value in straight.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    rows = [{k: v for k, v in row.items() if "val" in k} for row in read_log(tmp_path / "straight")]
    assert rows == [{k: v for k, v in row.items() if "val" in k} for row in read_log(tmp_path / "cut")]
    assert len(rows) == 3


def test_seeds_and_frames_decide_the_weights(tmp_path: Path) -> None:
    source = MemorySource(drawn_frames(10, 16), NAMES)
    short = replace(SHORT, steps=2)
    one, same, other = (
        train(tmp_path / f"{k}", source, TINY, CAMERAS, replace(short, seed=seed)).state_dict()
        for k, seed in enumerate((1, 1, 2))
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["fused.0.weight"], other["fused.0.weight"])


def test_each_epoch_shows_each_frame_once() -> None:
    frames = drawn_frames(10, 4)
    source = MemorySource(frames, NAMES)
    seen = np.concatenate([source.batch(step, 4, 7).weights[:, :8] for step in range(5)])
    for epoch in (seen[:10], seen[10:]):
        assert sorted(map(tuple, epoch)) == sorted(map(tuple, frames.weights[:, :8]))
    assert not np.array_equal(seen[:10], seen[10:])


def test_a_resume_must_be_of_the_same_run(tmp_path: Path) -> None:
    source = MemorySource(drawn_frames(10, 16), NAMES)
    short = replace(SHORT, steps=2)
    with pytest.raises(EncoderError, match="got none at"):
        train(tmp_path / "new", source, TINY, CAMERAS, short, resume=True)
    train(tmp_path, source, TINY, CAMERAS, short)
    with pytest.raises(EncoderError, match="--resume"):
        train(tmp_path, source, TINY, CAMERAS, short)
    with pytest.raises(EncoderError, match=r"train.batch: 4 -> 6.*encoder.pt"):
        train(tmp_path, source, TINY, CAMERAS, replace(short, batch=6), resume=True)
    (tmp_path / "encoder.pt").write_bytes(b"no checkpoint")
    with pytest.raises(EncoderError, match=r"checkpoint of hmcsim train.*encoder.pt"):
        checkpoint.load(tmp_path / "encoder.pt")


def test_training_logs_to_tensorboard_where_it_is_there(tmp_path: Path) -> None:
    source = MemorySource(drawn_frames(10, 16), NAMES)
    train(tmp_path, source, TINY, CAMERAS, SHORT)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    rows = read_log(tmp_path)
    assert [e.step for e in events.Scalars("loss")] == [int(row["step"]) for row in rows] == [4, 8, 12]
    np.testing.assert_allclose([e.value for e in events.Scalars("loss")], [float(r["loss"]) for r in rows], rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "`steps >= 1`"),
        ({"batch": 1}, "`batch >= 2`"),
        ({"learning_rate": 2.0}, "learning_rate"),
        ({"seed": -1}, "`seed >= 0`"),
    ],
)
def test_settings_out_of_range_are_named(changes: dict[str, float], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        TrainConfig(**changes)  # type: ignore[arg-type]


def test_the_loss_turns_from_squares_to_l1() -> None:
    config = TrainConfig(steps=100)
    assert [config.beta(step) for step in (0, 30, 60, 99)] == pytest.approx([1.0, 0.5, 0.0, 0.0])
    assert TrainConfig(rounding=0.0).beta(0) == 0
    with pytest.raises(EncoderError, match="rounding"):
        TrainConfig(rounding=-1.0)
