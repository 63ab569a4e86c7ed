"""Shards read back: by plain tarfile and webdataset, by our reader, from the stream, and in other tools' forms."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import tarfile
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import sim.dataset
from sim.dataset.exporters.coco import export_coco
from sim.dataset.exporters.parquet import export_parquet
from sim.dataset.png import encode_image, encode_labels
from sim.dataset.storage import Storage
from sim.errors import SimError
from tests.dataset.small import FRAMES

CAMERAS = ("front", "mouth", "eye", "brow")
PLAIN = """
import glob, json, sys
import webdataset
frames = 0
for sample in webdataset.WebDataset(sorted(glob.glob(sys.argv[1] + "/*.tar")), shardshuffle=False).decode("l8"):
    label = sample["label.json"]
    assert label["key"] == sample["__key__"]
    for name, camera in label["cameras"].items():
        assert sample[name + ".png"].shape == (camera["height_px"], camera["width_px"])
        assert sample[name + ".depth.npy"].shape == sample[name + ".png"].shape
        assert len(camera["keypoints_px"]) == len(label["keypoints_m"]) == 100
    frames += 1
ours = {"faces", "headsets", "sim", "hmcsim"} & set(sys.modules)
print(frames, sorted(ours))
"""


def test_plain_webdataset_reads_shards_without_our_code(data: Path) -> None:
    result = subprocess.run([sys.executable, "-c", PLAIN, str(data)], capture_output=True, text=True)
    assert result.stdout.split("\n")[0] == f"{FRAMES} []", result.stderr


def test_files_of_a_frame_stand_together_in_a_plain_tar(data: Path) -> None:
    keys = []
    for path in sorted(data.glob("*.tar")):
        with tarfile.open(path) as tar:
            members = tar.getmembers()
        assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members} == {(0, 0, 0, "", 0o644)}
        order = list(dict.fromkeys(member.name.partition(".")[0] for member in members))
        grouped = [member.name.partition(".")[0] for member in members]
        assert grouped == sorted(grouped)
        keys += order
    assert sorted(keys) == [f"{k:09d}" for k in range(FRAMES)]


def test_identities_do_not_cross_splits_and_are_recorded(data: Path) -> None:
    record = json.loads((data / "dataset.json").read_text())
    people = {name: set(split["identities"]) for name, split in record["splits"].items()}
    assert sum(map(len, people.values())) == len(set().union(*people.values())) == FRAMES // 2
    assert set(people) == {"train", "val", "test"}
    for name in people:
        assert {item["label"]["wearer"]["identity"] for item in sim.dataset.open(data, name, whole=True)} == people[
            name
        ]


def test_frames_from_the_stream_are_those_of_the_shards(data: Path, headset: Any, config: Any) -> None:
    stream = sim.dataset.stream(headset.source, config, frames=FRAMES, whole=True)
    stored = {item["key"]: item for item in sim.dataset.open(data, whole=True)}
    assert len(stored) == FRAMES
    for index in (9, 2):
        same(stream[index], stored[f"{index:09d}"])
    with pytest.raises(IndexError):
        stream[FRAMES]
    assert [item["key"] for item in sim.dataset.stream(headset.source, config, frames=4, rank=1, world=2)] == [
        "000000002",
        "000000003",
    ]


def same(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other


def keys_of(reader: Any) -> list[str]:
    return [item["key"] for item in reader]


def test_ranks_and_workers_share_the_frames_out(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = sorted(keys_of(sim.dataset.open(data)))
    for world in (2, 3, 50):  # 50: more than there are shards
        parts = [keys_of(sim.dataset.open(data, shuffle=4, rank=rank, world=world)) for rank in range(world)]
        assert sorted(key for part in parts for key in part) == everything
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert keys_of(sim.dataset.open(data)) == keys_of(sim.dataset.open(data, rank=1, world=2))
    with pytest.raises(SimError, match="`0 <= rank < world` must hold"):
        sim.dataset.open(data, rank=2, world=2)
    with pytest.raises(SimError, match="unknown split 'dev'"):
        sim.dataset.open(data, "dev")


def test_workers_of_a_data_loader_are_heeded(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for PyTorch, which is not installed: the two names of it that are used."""

    class IterableDataset:
        pass

    place: dict[str, Any] = {"info": None}
    part = types.SimpleNamespace(IterableDataset=IterableDataset, get_worker_info=lambda: place["info"])
    torch = types.SimpleNamespace(utils=types.SimpleNamespace(data=part))
    monkeypatch.setitem(sys.modules, "torch", torch)
    reader = sim.dataset.open(data)
    assert isinstance(reader, IterableDataset)
    there = pickle.loads(pickle.dumps(reader))
    seen = []
    for worker in range(3):
        place["info"] = types.SimpleNamespace(id=worker, num_workers=3)
        seen += keys_of(there)
    place["info"] = None
    assert sorted(seen) == sorted(keys_of(reader))


def test_shuffling_is_of_seed_and_epoch(data: Path) -> None:
    reader = sim.dataset.open(data, shuffle=8, seed=3)
    first, again = keys_of(reader), keys_of(sim.dataset.open(data, shuffle=8, seed=3))
    assert first == again != sorted(first)
    reader.set_epoch(1)
    assert sorted(keys_of(reader)) == sorted(first) != keys_of(reader)
    assert len(reader) == FRAMES


def test_coco_reads_its_export(data: Path, tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    export_coco(data, tmp_path)
    stored = {item["key"]: item for item in sim.dataset.open(data, whole=True)}
    count = 0
    for split in ("train", "val", "test"):
        coco = COCO(str(tmp_path / "annotations" / f"{split}.json"))
        assert len(coco.cats[1]["keypoints"]) == 100
        for number, image in coco.imgs.items():
            (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=number))
            label = stored[image["key"]]["label"]
            assert label["split"] == split
            points = np.array(annotation["keypoints"]).reshape(-1, 3)
            seen = label["cameras"][image["camera"]]
            np.testing.assert_array_equal(points[:, 2] == 2, np.array(seen["visible"], bool))
            for k in np.flatnonzero(points[:, 2]):
                assert seen["keypoints_px"][k] == points[k, :2].tolist()
            pixels = np.array(Image.open(tmp_path / "images" / split / image["file_name"]))
            np.testing.assert_array_equal(pixels, stored[image["key"]]["images"][image["camera"]])
            count += 1
    assert count == FRAMES * len(CAMERAS)


def test_hugging_faces_datasets_reads_its_export(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    from datasets import load_dataset

    out = tmp_path / "export"
    out.mkdir()
    export_parquet(data, out)
    loaded = load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == {"train", "validation", "test"}
    stored = {item["key"]: item for item in sim.dataset.open(data)}
    count = 0
    for split in loaded.values():
        for row in split:
            item = stored[row["key"]]
            np.testing.assert_array_equal(np.array(row["image_eye"]), item["images"]["eye"])
            np.testing.assert_array_equal(np.array(row["weights"], np.float32), item["weights"])
            np.testing.assert_array_equal(row["visible_brow"], item["visible"]["brow"])
            pixels = np.array(row["keypoints_px_mouth"], np.float32).reshape(-1, 2)
            np.testing.assert_array_equal(pixels, item["keypoints_px"]["mouth"])
            count += 1
    assert count == FRAMES


@pytest.mark.parametrize("encode", [encode_image, encode_labels])
@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (60, 41)])
def test_pngs_decode_to_what_was_encoded(encode: Any, shape: tuple[int, int]) -> None:
    for image in (
        np.random.default_rng(0).integers(0, 256, shape, np.uint8),
        np.arange(shape[0] * shape[1]).reshape(shape).astype(np.uint8),
        np.full(shape, 255, np.uint8),
    ):
        with Image.open(io.BytesIO(encode(image))) as opened:
            assert opened.mode == "L"
            np.testing.assert_array_equal(np.array(opened), image)


def test_data_sets_go_to_any_url(headset: Any, head: Any, config: Any, data: Path) -> None:
    from sim.dataset.generate import Engine, generate

    url = "memory://hmcsim-test/set"
    generate(headset, head, config, 2, url, engine=Engine(workers=1))
    there = Storage(url)
    assert there.names() == ["dataset.json", "index.parquet", "train-000000.tar"]
    assert [item["key"] for item in sim.dataset.open(url)] == ["000000000", "000000001"]
    assert there.read("train-000000.tar")[:100_000] == (data / "train-000000.tar").read_bytes()[:100_000]
    with pytest.raises(SimError, match="cannot write to 'nowhere://x'"):
        Storage("nowhere://x")
