"""Frames in files train as frames in memory do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from encoders import cache
from encoders.cache import bytes_of, mapped
from encoders.errors import EncoderError
from encoders.refa import RefaConfig
from encoders.sources import MemorySource
from encoders.train import TrainConfig, train
from tests.encoders.encoder_cases import CAMERAS, NAMES, drawn_frames

SIZES = {camera.name: (16, 16) for camera in CAMERAS}
FRAMES = drawn_frames(30, 16)


def items() -> Iterator[dict[str, Any]]:
    for k in range(len(FRAMES)):
        yield {
            "key": str(k),
            "images": {name: images[k] for name, images in FRAMES.images.items()},
            "bits": dict.fromkeys(FRAMES.images, 8),
            "weights": FRAMES.weights[k],
            "gaze": FRAMES.gaze[k],
        }


def test_training_from_files_interrupted_and_resumed_gives_the_weights_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "BLOCK", 7)
    network = RefaConfig(size_px=16, channels=(8, 12), hidden=64, grid=2)
    config = TrainConfig(steps=12, batch=4, save_every=5, report_every=4, seed=3)
    frames = mapped(tmp_path / "frames", {"of": "test"}, items, SIZES, len(FRAMES))
    assert all(isinstance(images, np.memmap) for images in frames.images.values())
    straight = train(tmp_path / "memory", MemorySource(FRAMES, NAMES), network, CAMERAS, config)

    class StoppedError(Exception):
        pass

    def stop(done: float, _: float) -> None:
        if done == 8:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(tmp_path / "files", MemorySource(frames, NAMES), network, CAMERAS, config, progress=stop)

    def never() -> Iterator[dict[str, Any]]:
        raise AssertionError("frames that are there are not read again")

    again = mapped(tmp_path / "frames", {"of": "test"}, never, SIZES, len(FRAMES))
    resumed = train(tmp_path / "files", MemorySource(again, NAMES), network, CAMERAS, config, resume=True)
    for one, other in zip(straight.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_files_are_whole_or_not_there_and_made_anew_for_others(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        for k, item in enumerate(items()):
            if k == 20:
                raise OSError("gone")
            yield item

    with pytest.raises(OSError, match="gone"):
        mapped(tmp_path / "frames", {"of": 1}, broken, SIZES, 30)
    assert list(tmp_path.iterdir()) == []
    mapped(tmp_path / "frames", {"of": 1}, items, SIZES, 30)
    with pytest.raises(EncoderError, match="must be there to read"):
        mapped(tmp_path / "frames", {"of": 2}, lambda: iter(()), SIZES, 30)
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]
    fewer = mapped(tmp_path / "frames", {"of": 2}, items, SIZES, 10)
    np.testing.assert_array_equal(fewer.images["mouth"], FRAMES.images["mouth"][:10])
    np.testing.assert_array_equal(fewer.gaze, FRAMES.gaze[:10])


def test_too_little_room_is_noticed_first(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="are needed for 1000000000000 frames' images"):
        mapped(tmp_path / "frames", {}, items, SIZES, 10**12)
    assert list(tmp_path.iterdir()) == []
    assert bytes_of({"a": (4, 5), "b": (2, 2)}, 3) == 72
