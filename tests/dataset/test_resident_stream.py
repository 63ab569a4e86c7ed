"""Frames that stay on their device: those of the host, and no image is read back on the way.

The same code runs on the CPU here and on a GPU; what Warp's arrays give to NumPy is what a GPU would have to send.
"""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import warp as wp

import sim.dataset
from faces import load_head_model
from headsets.headset import Headset
from headsets.load import load_headset
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import FrameMaker
from sim.dataset.labels import boxes_of
from sim.dataset.load_config import parse_config
from sim.dataset.resident import check_torch_has
from sim.dataset.seen_regions import boxes_on_device
from sim.errors import SimError
from sim.render.device import open_device
from tests.dataset.small import CONFIG, TEXT

torch = pytest.importorskip("torch")
IMAGES = ("images", "regions", "depth", "normals")
WIDE, HIGH = 640, 600
"""Of two cameras: an image has many times the vertices of a head, which labels need."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Headset:
    """The small headset's cameras `front` and `eye` with many pixels."""
    text = TEXT.replace("width_px: 96, height_px: 80", f"width_px: {WIDE}, height_px: {HIGH}")
    text = text.replace("width_px: 96, height_px: 96", f"width_px: {WIDE}, height_px: {HIGH}")
    text = text.replace("fx_px: 60, cx_px: 46, cy_px: 41", "fx_px: 420, cx_px: 310, cy_px: 300")
    text = text.replace("fx_px: 42, cx_px: 47.5, cy_px: 47.5", "fx_px: 270, cx_px: 320, cy_px: 300")
    text = re.sub(r"  (mouth|brow): \{lens.*\n", "", text)
    path = tmp_path_factory.mktemp("large") / "large.yaml"
    path.write_text(text)
    return load_headset(path)


PLACES = {"glasses": "glasses: {share: 0}", "ambient": "share: 0.0", "fast": "render: fast"}
RICH = {"glasses": "glasses: {share: 1}", "ambient": "share: 1.0"}


def config_of(**changes: str) -> DatasetConfig:
    text = CONFIG
    for place, new in changes.items():
        text = text.replace(PLACES[place], new)
    return parse_config(text, "test")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Numbers in each array that Warp gave to NumPy; a tensor's way to NumPy is barred."""
    sizes: list[int] = []
    plain = wp.array.numpy

    def watched(array: wp.array) -> Any:
        sizes.append(array.size * int(getattr(array.dtype, "_length_", 1)))
        return plain(array)

    with monkeypatch.context() as patch:
        patch.setattr(wp.array, "numpy", watched)
        patch.setattr(torch.Tensor, "numpy", lambda _: pytest.fail("a tensor went to the host"))
        patch.setattr(torch.Tensor, "cpu", lambda _: pytest.fail("a tensor went to the host"))
        yield sizes


def test_no_image_is_read_back(large: Headset, reads: list[int]) -> None:
    """Two frames of a wearer with glasses in ambient light; a lens's table of rays is read once, for the first."""
    stream = sim.dataset.stream(large.source, config_of(**RICH), whole=True, resident=True)
    stream[2]
    reads.clear()
    item = stream[3]
    assert set(item["images"]) == {"front", "eye"}
    assert all(isinstance(image, torch.Tensor) for image in item["images"].values())
    assert reads
    assert max(reads) < WIDE * HIGH / 4
    plain = sim.dataset.stream(large.source, config_of(**RICH), whole=True)
    plain[2]
    reads.clear()
    plain[3]
    assert sum(size >= WIDE * HIGH for size in reads) >= 4 * 2  # the check can fail: images of radiance and the rest


@pytest.mark.parametrize(
    "changes",
    [{}, RICH, {"fast": "render: full\nimages: {bits: 16}\nexposure: {mode: fixed, us: 300}"}],
    ids=["plain", "ambient light and glasses", "full, 16 bits, fixed exposure"],
)
def test_frames_are_those_of_the_host(headset: Headset, changes: dict[str, str]) -> None:
    """Digital numbers but for what rounding decides (one in ten thousand, by one); labels but for the exposures' last
    digits; all else exactly."""
    config = config_of(**changes)
    host, device = (sim.dataset.stream(headset.source, config, whole=True, resident=r) for r in (False, True))
    for index in (9, 2):
        one, other = host[index], device[index]
        assert set(one) == set(other)
        for name, image in one["images"].items():
            got = np.asarray(other["images"][name])
            assert got.dtype == image.dtype
            assert got.shape == image.shape
            off = np.abs(got.astype(int) - image.astype(int))
            assert off.max() <= 1
            assert (off > 0).mean() <= 1e-4
        for kind in IMAGES[1:]:
            for name, array in one[kind].items():
                assert isinstance(other[kind][name], torch.Tensor)
                got = np.asarray(other[kind][name])
                assert got.dtype == array.dtype
                np.testing.assert_array_equal(got, array)
        for key in one.keys() - {*IMAGES, "label"}:
            np.testing.assert_equal(other[key], one[key])
        for name, camera in one["label"]["cameras"].items():
            got = other["label"]["cameras"][name]
            for key in ("exposure_us", "gain", "gain_dn_per_e"):
                assert got[key] == pytest.approx(camera[key], rel=1e-5)
            exposed = {"exposure_us", "gain", "gain_dn_per_e"}
            assert {k: v for k, v in got.items() if k not in exposed} == {
                k: v for k, v in camera.items() if k not in exposed
            }
        for key in one["label"].keys() - {"cameras"}:
            assert one["label"][key] == other["label"][key]


def test_items_own_their_memory_and_order_changes_nothing(headset: Headset) -> None:
    stream = sim.dataset.stream(headset.source, config_of(), frames=4, resident=True)
    first = stream[2]
    kept = {kind: {name: tensor.clone() for name, tensor in first[kind].items()} for kind in IMAGES}
    stream[1]
    again = stream[2]
    for kind, own in kept.items():
        for name, tensor in own.items():
            for now in (first[kind][name], again[kind][name]):
                torch.testing.assert_close(now, tensor, rtol=0, atol=0, equal_nan=True)
    with pytest.raises(IndexError):
        stream[4]
    part = sim.dataset.stream(headset.source, config_of(), frames=4, rank=1, world=2, resident=True)
    items = list(pickle.loads(pickle.dumps(part)))
    assert [item["key"] for item in items] == ["000000002", "000000003"]
    torch.testing.assert_close(items[0]["images"], first["images"], rtol=0, atol=0)


def test_boxes_of_regions_are_those_of_the_host() -> None:
    topology = load_head_model().topology
    count = len(topology.region_labels)
    rng = np.random.default_rng(1)
    for shape in ((1, 1), (3, 200), (90, 70)):
        region = rng.integers(-2, count, shape).astype(np.int32)
        region[rng.random(shape) < 0.9] = -1  # so that many boxes do not fill the image, and some are empty
        boxes, pixels = boxes_on_device(wp.array(region, dtype=int, device=open_device("cpu")), count)
        for label in range(count):
            y, x = np.nonzero(region == label)
            assert pixels[label] == len(y)
            assert boxes[label] == ([x.min(), y.min(), x.max(), y.max()] if len(y) else None)
    assert boxes_of(np.full((4, 5), -2, np.int32), topology)[0] == {}


def test_what_cannot_be_is_refused(headset: Headset, monkeypatch: pytest.MonkeyPatch) -> None:
    lights = parse_config(CONFIG.replace("mesh: true", "mesh: true, lights: true"), "test")
    told = r"`outputs\.lights` must be false where images stay on the device, or `resident=False`, got true"
    with pytest.raises(SimError, match=told):
        sim.dataset.stream(headset.source, lights, resident=True)
    with pytest.raises(SimError, match=told):
        FrameMaker(headset, load_head_model(), lights, 0).resident_frame(0)
    with pytest.raises(SimError, match="`resident` must be True, False or None for a stream, got 'yes'"):
        sim.dataset.stream(headset.source, config_of(), resident="yes")  # type: ignore[arg-type]
    assert sim.dataset.stream(headset.source, lights)._options["resident"] is False
    assert sim.dataset.stream(headset.source, config_of(), device="cuda:0")._options["resident"] is True
    assert sim.dataset.stream(headset.source, config_of(), device="cuda", resident=False)._options["resident"] is False
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SimError, match=r"this build of torch has no CUDA for the images on cuda:0; `resident=False`"):
        check_torch_has(SimpleNamespace(is_cuda=True, alias="cuda:0"))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SimError, match=r"torch is not installed \(pip install torch\); `resident=False` gives arrays"):
        sim.dataset.stream(headset.source, config_of(), resident=True)


@pytest.mark.gpu
def test_on_a_gpu_no_image_is_read_back_and_frames_are_the_hosts(large: Headset, reads: list[int]) -> None:
    """Against the same GPU's frames by way of the host: the same kernels, so that only rounding differs."""
    assert wp.is_cuda_available()  # who asks for GPU tests (-m gpu) has one
    assert torch.cuda.is_available()
    config = config_of(**RICH)
    host = sim.dataset.stream(large.source, config, device="cuda", resident=False, whole=True)
    device = sim.dataset.stream(large.source, config, device="cuda", whole=True)
    device[2]
    one = host[3]
    reads.clear()
    other = device[3]
    assert max(reads) < WIDE * HIGH / 4
    for kind in IMAGES:
        for name, array in one[kind].items():
            tensor = other[kind][name]
            assert tensor.is_cuda
            assert tuple(tensor.shape) == array.shape
            there = torch.from_numpy(array).to(tensor.device)
            if kind == "images":
                off = (tensor.int() - there.int()).abs()
                assert int(off.max()) <= 1
                assert float((off > 0).double().mean()) < 1e-3
            else:
                torch.testing.assert_close(tensor, there, rtol=0, atol=0, equal_nan=True)
    for name, camera in one["label"]["cameras"].items():
        got = other["label"]["cameras"][name]
        assert (got["boxes"], got["pixels"]) == (camera["boxes"], camera["pixels"])
