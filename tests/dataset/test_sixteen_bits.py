"""Data sets of 16-bit images and of lights: every reader, exporter and check knows them."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import sim.dataset
from encoders.frames import pack
from hmcsim.dataset_info import info_lines
from hmcsim.dataset_pictures import sample_sheet
from sim.dataset.exporters.coco import export_coco
from sim.dataset.exporters.parquet import export_parquet
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import parse_config
from sim.dataset.png import encode_image, png_form
from sim.dataset.verify import verify
from sim.errors import SimError
from tests.dataset.small import CONFIG
from tests.dataset.test_read import same

FRAMES = 6
SIXTEEN = CONFIG.replace("mesh: true", "mesh: true, lights: true") + "images: {bits: 16}\n"
PLAIN = """
import glob, json, sys
import cv2, numpy, webdataset
for sample in webdataset.WebDataset(sorted(glob.glob(sys.argv[1] + "/*.tar")), shardshuffle=False):
    for name in json.loads(sample["label.json"])["cameras"]:
        image = cv2.imdecode(numpy.frombuffer(sample[name + ".png"], numpy.uint8), cv2.IMREAD_UNCHANGED)
        print(sample["__key__"], name, image.max())
"""


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory, headset: Any, head: Any) -> Path:
    out = tmp_path_factory.mktemp("deep") / "set"
    generate(headset, head, parse_config(SIXTEEN, "test"), FRAMES, out, engine=Engine(workers=1))
    return out


def files_in(data: Path) -> dict[str, bytes]:
    out = {}
    for path in sorted(data.glob("*.tar")):
        with tarfile.open(path) as tar:
            out.update({member.name: tar.extractfile(member).read() for member in tar})
    return out


def test_numbers_are_the_sensors_and_their_upper_bits_the_8_bit_images(deep: Path, data: Path) -> None:
    """OpenCV reads them; the same frames with 8-bit images are those numbers, two bits shorter."""
    low = files_in(data)
    most = 0
    for name, content in files_in(deep).items():
        if name.endswith((".lights.png", ".seg.png")) or not name.endswith(".png"):
            continue
        numbers = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
        assert numbers.dtype == np.uint16
        most = max(most, int(numbers.max()))
        short = cv2.imdecode(np.frombuffer(low[name], np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(numbers >> 2, short)
        with Image.open(io.BytesIO(content)) as opened:
            np.testing.assert_array_equal(np.array(opened, np.uint16), numbers)
    assert 255 < most <= 1023


def test_two_workers_and_the_stream_give_the_same(deep: Path, headset: Any, head: Any, tmp_path: Path) -> None:
    config = parse_config(SIXTEEN, "test")
    generate(headset, head, config, FRAMES, tmp_path / "two", engine=Engine(workers=2))
    assert {p.name: p.read_bytes() for p in (tmp_path / "two").iterdir()} == {
        p.name: p.read_bytes() for p in deep.iterdir()
    }
    stream = sim.dataset.stream(headset.source, config, frames=FRAMES, whole=True)
    stored = {item["key"]: item for item in sim.dataset.open(deep, whole=True)}
    same(stream[4], stored["000000004"])
    same(stream[1], stored["000000001"])
    assert set(stored["000000001"]["lights"]["eye"]) == {"low", "side", "high", "ambient:even"}


def test_encoders_see_the_same_images_in_either_form(deep: Path, data: Path) -> None:
    sizes = {"eye": (24, 24), "mouth": (20, 24)}
    one, other = (pack(sim.dataset.open(path, "train"), sizes, total=2) for path in (deep, data))
    for name in sizes:
        np.testing.assert_array_equal(one.images[name], other.images[name])


def test_webdataset_and_exporters_keep_the_numbers(deep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {item["key"]: item for item in sim.dataset.open(deep)}
    result = subprocess.run([sys.executable, "-c", PLAIN, str(deep)], capture_output=True, text=True)
    rows = [line.split() for line in result.stdout.splitlines()]
    assert len(rows) == FRAMES * 4, result.stderr
    (tmp_path / "coco").mkdir()
    export_coco(deep, tmp_path / "coco")
    pictures = {path.name: np.array(Image.open(path)) for path in (tmp_path / "coco").rglob("*.png")}
    assert len(pictures) == FRAMES * 4
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    (tmp_path / "parquet").mkdir()
    export_parquet(deep, tmp_path / "parquet")
    loaded = load_dataset(str(tmp_path / "parquet"), cache_dir=str(tmp_path / "cache"))
    exported = {row["key"]: row for split in loaded.values() for row in split}
    for key, name, most in rows:
        image = stored[key]["images"][name]
        assert int(most) == image.max()
        np.testing.assert_array_equal(pictures[f"{key}.{name}.png"], image)
        np.testing.assert_array_equal(np.array(exported[key][f"image_{name}"]), image)


def test_info_and_show_know_them(deep: Path) -> None:
    assert "images: 16 bits; besides: regions, depth, normals, mesh, lights" in "\n".join(info_lines(deep))
    sheet = np.array(sample_sheet(deep, 2, None, 0))
    assert sheet[40:300, 10:290].mean() > 40  # as bright as 8-bit ones are drawn


def test_verify_finds_pictures_that_are_not_as_configured(deep: Path, tmp_path: Path) -> None:
    assert verify(deep) == []
    copy = tmp_path / "copy"
    shutil.copytree(deep, copy)
    name = sorted(path.name for path in copy.glob("*.tar"))[0]
    lost = []
    with tarfile.open(deep / name) as source, tarfile.open(copy / name, "w", format=tarfile.USTAR_FORMAT) as target:
        for member in source:
            content = source.extractfile(member).read()
            if member.name.endswith(".eye.png"):
                content = encode_image(np.zeros((96, 96), np.uint8))
            elif member.name.endswith(".brow.lights.png"):
                content = encode_image(np.zeros((80, 96), np.uint16))
            elif member.name.endswith(".front.lights.png"):
                lost.append(member.name)
                continue
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
    record = json.loads((copy / "dataset.json").read_text())
    (own,) = [shard for shard in record["shards"] if shard["name"] == name]
    own["sha256"] = hashlib.sha256((copy / name).read_bytes()).hexdigest()
    (copy / "dataset.json").write_text(json.dumps(record))
    wrong = verify(copy)
    assert len(wrong) == 3 * len(lost)
    assert any("eye.png: width, height and bits must be (96, 96, 16), got (96, 96, 8)" in line for line in wrong)
    assert any("brow.lights.png: width, height and bits must be (96, 320, 16), got (96, 80" in line for line in wrong)
    assert any("front.lights.png: is no PNG or missing" in line for line in wrong)


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (60, 41)])
def test_16_bit_pngs_decode_to_what_was_encoded(shape: tuple[int, int]) -> None:
    for image in (
        np.random.default_rng(0).integers(0, 65536, shape, np.uint16),
        np.full(shape, 65535, np.uint16),
    ):
        data = encode_image(image)
        assert png_form(data) == (shape[1], shape[0], 16)
        np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), image)


def test_the_guess_of_room_is_enough(headset: Any, deep: Path) -> None:
    from sim.dataset.disk import bytes_per_frame

    used = sum(path.stat().st_size for path in deep.glob("*.tar")) / FRAMES
    assert used < bytes_per_frame(headset, parse_config(SIXTEEN, "test")) < 1.6 * used


def test_other_depths_are_refused() -> None:
    with pytest.raises(SimError, match=r"images\.bits"):
        parse_config("images: {bits: 12}", "test")
