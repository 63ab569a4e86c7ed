"""Copies of stored frames for training: seeded, of the size and kind that was asked for, with their frames' labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim.dataset
from encoders.copies import Copier, CopyConfig
from encoders.data import inputs_of_data, training_source
from encoders.errors import EncoderError
from faces import load_head_model
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import parse_config
from tests.dataset.small import small_headset

CONFIG = """\
render: fast
outputs: {mesh: true, lights: true}
wearers: {frames_each: 1, wearings_each: 1, splits: {train: 1, val: 0, test: 0}}
hardware: {lens_sets: 1}
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    out = folder / "set"
    headset = small_headset(folder)
    generate(headset, load_head_model(), parse_config(CONFIG, "test"), 2, out, engine=Engine(workers=1))
    return out


def copies(data: Path, seed: int, **config: Any) -> list[dict[str, Any]]:
    reader = sim.dataset.open(data, whole=True)
    return list(Copier(reader.record, load_head_model().topology, CopyConfig(**config), seed)(reader))


def test_each_frame_is_followed_by_its_copies_which_seed_and_frame_decide(stored: Path) -> None:
    one, again, other = (copies(stored, seed, views=1, relit=1) for seed in (3, 3, 4))
    assert [item["key"] for item in one] == [key for key in ("000000000", "000000001") for _ in range(3)]
    for k, (a, b, c) in enumerate(zip(one, again, other, strict=True)):
        np.testing.assert_array_equal(a["weights"], one[3 * (k // 3)]["weights"])
        for name in a["images"]:
            np.testing.assert_array_equal(a["images"][name], b["images"][name])
            assert a["images"][name].dtype == np.uint8
            assert a["images"][name].shape == one[3 * (k // 3)]["images"][name].shape
            if k % 3:
                assert not np.array_equal(a["images"][name], one[3 * (k // 3)]["images"][name])
                assert not np.array_equal(a["images"][name], c["images"][name])


def test_a_view_that_is_not_changed_keeps_the_face(stored: Path) -> None:
    plain, view = copies(stored, 0, views=1, rotation_deg=0.0, shift_mm=0.0, focal_percent=0.0)[:2]
    for name in plain["images"]:
        same = plain["images"][name] == view["images"][name]
        assert same.mean() > 0.4  # the face; the rest is another background
        assert not same.all()


def test_training_reads_copies_into_memory_or_files_alike(stored: Path, tmp_path: Path) -> None:
    inputs = inputs_of_data(str(stored))
    config = CopyConfig(views=1, relit=1)
    memory, _ = training_source(str(stored), inputs, 16, 5, "cpu", copies=config)
    files, _ = training_source(
        str(stored), inputs, 16, 5, "cpu", copies=config, memory_bytes=100.0, cache=tmp_path / "frames"
    )
    for step in range(3):
        one, other = (source.batch(step, 4, 5) for source in (memory, files))
        np.testing.assert_array_equal(one.weights, other.weights)
        for name in one.images:
            np.testing.assert_array_equal(one.images[name], other.images[name])
    assert (tmp_path / "frames" / "weights.npy").exists()
    with pytest.raises(EncoderError, match="copies are made of stored frames"):
        training_source("stream:refa_green", inputs, 16, 5, "cpu", copies=config)


def test_what_copies_need_must_be_stored(stored: Path) -> None:
    record = dict(sim.dataset.open(stored).record)
    record["config"] = {**record["config"], "outputs": {}}
    with pytest.raises(EncoderError, match=r"`outputs\.mesh` must be true"):
        Copier(record, load_head_model().topology, CopyConfig(views=1), 0)
    with pytest.raises(EncoderError, match=r"`outputs\.lights` must be true"):
        Copier(record, load_head_model().topology, CopyConfig(relit=1), 0)
    with pytest.raises(EncoderError, match=r"`0 <= shift_mm <= 100` must hold for copies, got -1"):
        CopyConfig(shift_mm=-1)
