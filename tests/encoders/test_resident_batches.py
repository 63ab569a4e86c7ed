"""Batches from a stream whose frames stay on their device, against those that came by way of the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import warp as wp

import encoders.data
from encoders.data import inputs_of_data, training_source
from encoders.frames import Frames
from encoders.refa import CONFIGS
from encoders.shrink import shrink
from encoders.sources import MemorySource
from encoders.tensors import shrink_tensor, upper_bits
from encoders.train import TrainConfig, levels_of, to_tensors, train
from sim.errors import SimError
from sim.sensor.eight_bits import eight_bits
from tests.encoders.encoder_cases import CAMERAS, HEADSET, NAMES, drawn_frames

AUTOMATIC = HEADSET.replace("width_px: 48", "width_px: 60").replace(
    "frame_rate_hz: 30}", "frame_rate_hz: 30, auto_exposure: {target: 0.2, min_us: 20, max_us: 500, max_gain: 40}}"
)
"""The encoders' headset with images that are not square, and with a loop that has to converge."""


@pytest.fixture
def data(tmp_path: Path) -> str:
    (tmp_path / "mine.yaml").write_text(AUTOMATIC)
    return f"stream:{tmp_path / 'mine.yaml'}"


def off_by(one: np.ndarray, other: torch.Tensor) -> np.ndarray:
    assert other.dtype == torch.uint8
    assert tuple(other.shape) == one.shape
    return np.abs(np.asarray(other).astype(int) - one)


@pytest.mark.parametrize(("size", "new"), [((400, 400), 64), ((300, 480), 64), ((97, 61), 40), ((40, 40), 40)])
def test_shrinking_a_tensor_is_shrinking_the_array(size: tuple[int, int], new: int) -> None:
    """One step apart where the mean is a tie to within float32's rounding: a few pixels of those of whole ratios."""
    image = np.random.default_rng(2).integers(0, 256, size, dtype=np.uint8)
    off = off_by(shrink(image, new, new), shrink_tensor(torch.from_numpy(image), 8, new, new))
    assert off.max() <= 1
    assert (off > 0).mean() < 1e-3


@pytest.mark.parametrize("bits", [6, 8, 10, 12, 16])
def test_upper_bits_are_those_of_arrays(bits: int) -> None:
    dn = np.arange(2**bits).reshape(8, -1).astype(np.uint16)
    np.testing.assert_array_equal(np.asarray(upper_bits(torch.from_numpy(dn), bits)), eight_bits(dn, bits))


def test_batches_of_a_stream_are_those_by_way_of_the_host(data: str) -> None:
    """Shrunk images differ by one at ties, and where digital numbers do (`tests/dataset/test_resident_stream.py`)."""
    inputs = inputs_of_data(data)
    (host, _), (device, _) = (training_source(data, inputs, 20, 0, "cpu", resident=r) for r in (False, True))
    one, other = host.batch(1, 3, 0), device.batch(1, 3, 0)
    assert set(one.images) == set(other.images) == {camera.name for camera in inputs}
    for name, images in one.images.items():
        assert images.std() > 3.0
        off = off_by(images, other.images[name])
        assert off.max() <= 1
        assert (off > 0).mean() < 1e-2
    np.testing.assert_array_equal(one.weights, other.weights)
    np.testing.assert_array_equal(one.gaze, other.gaze)
    some = other.rows([2, 0])
    np.testing.assert_array_equal(np.asarray(some.images["mouth"]), np.asarray(other.images["mouth"])[[2, 0]])


def test_a_stream_is_told_the_device_and_where_images_stay(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[object, object]] = []
    plain = encoders.data.dataset.stream

    def stream(*args: object, **options: object) -> object:
        told.append((options["device"], options["resident"]))
        made = plain(*args, **options)  # type: ignore[arg-type]
        told.append((made._options["device"], made._options["resident"]))
        return made

    monkeypatch.setattr(encoders.data.dataset, "stream", stream)
    for device in ("cpu", "cuda"):
        training_source(data, inputs_of_data(data), 20, 0, device)
    assert told == [("cpu", None), ("cpu", False), ("cuda", None), ("cuda", True)]
    with pytest.raises(SimError, match="`resident` must be True, False or None"):
        training_source(data, inputs_of_data(data), 20, 0, "cpu", resident=3)  # type: ignore[arg-type]


class TensorSource(MemorySource):
    """Batches as tensors."""

    def batch(self, step: int, size: int, seed: int) -> Frames:
        own = super().batch(step, size, seed)
        return Frames({name: torch.from_numpy(i) for name, i in own.images.items()}, own.weights, own.gaze)


def test_training_on_tensors_is_training_on_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same images, same weights to the last bit; no tensor goes to NumPy on the way."""
    frames, size = drawn_frames(12, 32), 32
    network = replace(CONFIGS["refa"], size_px=size)
    config = TrainConfig(steps=3, batch=4, report_every=3, save_every=3)
    one = train(tmp_path / "arrays", MemorySource(frames, NAMES), network, CAMERAS, config)
    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "numpy", lambda _: pytest.fail("a tensor went to NumPy"))
        other = train(tmp_path / "tensors", TensorSource(frames, NAMES), network, CAMERAS, config)
    for name, weights in one.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], weights, rtol=0, atol=0)


def test_levels_and_inputs_of_tensors_are_those_of_arrays() -> None:
    frames = drawn_frames(5, 24)
    tensors = Frames({n: torch.from_numpy(i) for n, i in frames.images.items()}, frames.weights, frames.gaze)
    for name, (mean, spread) in levels_of(frames).items():
        assert levels_of(tensors)[name] == pytest.approx((mean, spread), rel=1e-12)
    for name, batch in to_tensors(frames.images, "cpu").items():
        torch.testing.assert_close(to_tensors(tensors.images, "cpu")[name], batch, rtol=0, atol=0)


@pytest.mark.gpu
def test_on_a_gpu_training_reads_no_image_back(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wp.is_cuda_available()  # who asks for GPU tests (-m gpu) has one
    assert torch.cuda.is_available()
    inputs = inputs_of_data(data)
    network = replace(CONFIGS["refa"], size_px=32)
    source, _ = training_source(data, inputs, network.size_px, 0, "cuda")
    first = source.batch(0, 2, 0)
    assert all(images.is_cuda and images.dtype == torch.uint8 for images in first.images.values())
    monkeypatch.setattr(torch.Tensor, "numpy", lambda _: pytest.fail("a tensor went to NumPy"))
    config = TrainConfig(steps=2, batch=2, report_every=2, save_every=2)
    net = train(tmp_path / "out", source, network, inputs, config, device="cuda")
    assert all(torch.isfinite(weights).all() for weights in net.parameters())
