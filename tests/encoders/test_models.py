"""Encoders of any make behind one contract: ONNX equals torch, and what does not fit is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from encoders import checkpoint
from encoders.errors import EncoderError
from encoders.evaluate import latency_ms, run
from encoders.model import CallableEncoder, checked, load_encoder
from encoders.refa import RefaConfig, RefaEncoder
from encoders.trained import export_onnx
from tests.encoders.encoder_cases import CAMERAS, NAMES, drawn_frames

TINY = RefaConfig(size_px=16, channels=(8, 12), hidden=16, grid=2)


@pytest.fixture(scope="module")
def net() -> RefaEncoder:
    torch.manual_seed(2)
    return RefaEncoder(TINY, CAMERAS, NAMES).eval()


@pytest.fixture(scope="module")
def folder(net: RefaEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("encoder")
    contents = {"network": TINY.record(), "cameras": [c.record() for c in CAMERAS], "expression_names": list(NAMES)}
    checkpoint.save(out / "encoder.pt", {**contents, "weights": net.state_dict()})
    export_onnx(net, out / "encoder.onnx")
    return out


def test_onnx_equals_torch(folder: Path) -> None:
    frames = drawn_frames(70, 16)  # more than a batch
    for where in (folder, folder / "encoder.pt", folder / "encoder.onnx"):
        encoder = load_encoder(str(where), CAMERAS)
        assert encoder.sizes == {c.name: (16, 16) for c in CAMERAS}
        assert encoder.expression_names == NAMES
        weights, gaze = run(encoder, frames, NAMES)
        if where == folder:
            expected = weights, gaze
        np.testing.assert_allclose(weights, expected[0], atol=2e-6)
        np.testing.assert_allclose(gaze, expected[1], atol=2e-6)
    assert 0 < expected[0].max() <= 1
    assert expected[0].min() == 0


def test_cameras_that_the_headset_lacks_are_named(folder: Path) -> None:
    other = (replace(CAMERAS[0], name="brow"), *CAMERAS[1:])
    for name in ("encoder.pt", "encoder.onnx"):
        with pytest.raises(EncoderError, match=r"'eye_left'.*Cameras: brow, eye_right, mouth.*encoder"):
            load_encoder(str(folder / name), other)
    lone = (CAMERAS[0], replace(CAMERAS[1], mirror_of=None), CAMERAS[2])
    with pytest.raises(EncoderError, match=r"'eye_right' must be the mirror twin of 'eye_left'.*got no twin"):
        load_encoder(str(folder), lone)


def _onnx(path: Path, shape: list[object], outputs: tuple[str, ...] = ("weights", "gaze"), name: str = "mouth") -> str:
    given = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    made = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None) for output in outputs]
    nodes = [helper.make_node("Identity", [name], [output]) for output in outputs]
    graph = helper.make_graph(nodes, "graph", [given], made)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))
    return str(path)


def test_onnx_files_that_do_not_fit_say_why(tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    free = load_encoder(_onnx(path, ["n", 1, "h", "w"]), CAMERAS)
    assert free.sizes == {"mouth": (40, 60)}  # the camera's own
    with pytest.raises(EncoderError, match=r"`weights` of mine must have shape \(3, 52\), got \(3, 1, 40, 60\)"):
        checked(*free({"mouth": np.zeros((3, 40, 60), np.float32)}), 3, NAMES, free)
    for shape in (["n", 3, 16, 16], [1, 1, 16, 16], ["n", 16, 16]):
        with pytest.raises(EncoderError, match=r"'mouth' must be float32 of shape \(any number, 1, height, width\)"):
            load_encoder(_onnx(path, shape), CAMERAS)
    with pytest.raises(EncoderError, match=r"got 'nose'\. Cameras: eye_left, eye_right, mouth"):
        load_encoder(_onnx(path, ["n", 1, 16, 16], name="nose"), CAMERAS)
    with pytest.raises(EncoderError, match="output must be called 'gaze', got weights, look"):
        load_encoder(_onnx(path, ["n", 1, 16, 16], ("weights", "look")), CAMERAS)
    path.write_bytes(b"nothing")
    with pytest.raises(EncoderError, match=r"a model that onnxruntime runs.*mine\.onnx"):
        load_encoder(str(path), CAMERAS)
    with pytest.raises(EncoderError, match=r"got none at nowhere\.onnx"):
        load_encoder("nowhere.onnx", CAMERAS)


MINE = """
import numpy as np

def encode(images):
    assert images["mouth"].dtype == np.float32 and images["mouth"].max() <= 1
    count = len(images["mouth"])
    return {"weights": np.full((count, 1), 0.5), "gaze": np.zeros((count, 2, 2))}

encode.cameras = ("mouth",)
encode.size = (12, 16)
encode.expression_names = ("jawOpen",)

def wrong(images):
    return {"weights": np.zeros((1, 52))}

def fails(images):
    return {}["mouth"]

def sized(images):
    return None

sized.size = "big"
"""


def test_a_callable_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    encoder = load_encoder(f"{path}:encode", CAMERAS)
    assert encoder.sizes == {"mouth": (12, 16)}
    frames = drawn_frames(3, 16)
    weights, _ = run(encoder, frames, NAMES)
    assert weights[:, NAMES.index("jawOpen")].tolist() == [0.5] * 3
    assert weights.sum() == 1.5
    assert latency_ms(encoder, frames, calls=3)["median"] > 0
    with pytest.raises(EncoderError, match="must return 'gaze', got weights"):
        run(load_encoder(f"{path}:wrong", CAMERAS), frames, NAMES)
    with pytest.raises(EncoderError, match=r"fails failed with KeyError: 'mouth' \(.*mine\.py:\d+\)"):
        run(load_encoder(f"{path}:fails", CAMERAS), frames, NAMES)
    with pytest.raises(EncoderError, match=r"`size` height and width, got .*'b'"):
        load_encoder(f"{path}:sized", CAMERAS)
    with pytest.raises(EncoderError, match=r"unknown callable 'decode'. Callables of .*: encode, wrong"):
        load_encoder(f"{path}:decode", CAMERAS)
    with pytest.raises(EncoderError, match=r"'mouth'\. Cameras: eye_left, eye_right"):
        load_encoder(f"{path}:encode", CAMERAS[:2])
    for where in ("no_such_module:encode", f"{tmp_path / 'none.py'}:encode"):
        with pytest.raises(EncoderError, match="can be imported"):
            load_encoder(where, CAMERAS)
    (tmp_path / "broken.py").write_text("raise KeyError('weights file')\n")
    with pytest.raises(EncoderError, match="can be imported, got KeyError: 'weights file'"):
        load_encoder(f"{tmp_path / 'broken.py'}:encode", CAMERAS)
    with pytest.raises(EncoderError, match=r"FILE\.onnx"):
        load_encoder("resnet", CAMERAS)


def test_what_is_not_finite_is_refused() -> None:
    encoder = CallableEncoder(lambda images: None, "mine", CAMERAS)
    weights = np.zeros((2, 52))
    weights[1, 3] = np.nan
    with pytest.raises(EncoderError, match="`weights` of mine must be finite, got nan"):
        checked(weights, np.zeros((2, 2, 2)), 2, NAMES, encoder)
    with pytest.raises(EncoderError, match=r"`gaze` of mine must have shape \(2, 2, 2\), got \(2, 2\)"):
        checked(np.zeros((2, 52)), np.zeros((2, 2)), 2, NAMES, encoder)
