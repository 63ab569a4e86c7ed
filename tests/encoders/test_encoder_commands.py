"""The commands on a data set of a few frames, rendered for the purpose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hmcsim.cli.main import main
from tests.encoders.encoder_cases import HEADSET

CONFIG = """\
hmcsim_dataset: 1
render: fast
wearers: {frames_each: 2, wearings_each: 1, splits: {train: 0.6, val: 0.2, test: 0.2}}
"""


def _run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("commands")
    (out / "config.yaml").write_text(CONFIG)
    (out / "mine.yaml").write_text(HEADSET)
    made = _run(
        "generate", out / "mine.yaml", "--frames", 10, "--config", out / "config.yaml", "--out", out / "data",
        "--workers", 1,
    )  # fmt: skip
    assert made.exit_code == 0, made.stderr
    trained = _run("train", "--data", out / "data", "--out", out / "encoder", "--steps", 4, "--batch", 4, "--size", 32)
    assert trained.exit_code == 0, trained.stderr
    return out


def test_train_and_evaluate(folder: Path) -> None:
    for model in ("encoder", "encoder/encoder.onnx"):
        done = _run("evaluate", "--encoder", folder / model, "--data", folder / "data", "--out", folder / "evaluation")
        assert done.exit_code == 0, done.stderr
        assert "mouth shape, mm" in done.stdout
        found = json.loads((folder / "evaluation" / "evaluation.json").read_text())
        if model == "encoder":
            expected = found["encoder"]["errors"]["mesh_mm"]["mean"]
        assert found["encoder"]["errors"]["mesh_mm"]["mean"] == pytest.approx(expected, rel=1e-4)
    assert found["mean_predictor_from"] == "train"
    rows = (folder / "evaluation" / "frames.csv").read_text().splitlines()
    assert len(rows) == 1 + found["frames"]


def test_a_second_run_is_refused_and_a_resume_ends_at_once(folder: Path) -> None:
    words = ("train", "--data", folder / "data", "--out", folder / "encoder", "--batch", 4, "--size", 32)
    again = _run(*words, "--steps", 4)
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "--resume" in again.stderr
    before = (folder / "encoder" / "encoder.onnx").read_bytes()
    assert _run(*words, "--steps", 4, "--resume").exit_code == 0
    assert (folder / "encoder" / "encoder.onnx").read_bytes() == before
    changed = _run(*words, "--steps", 5, "--resume")
    assert changed.exit_code == 2
    assert "train.steps: 4 -> 5" in changed.stderr


def test_stress_of_one_factor(folder: Path) -> None:
    words = ("stress", "--encoder", folder / "encoder", "--headset", folder / "mine.yaml",
             "--factors", "depth,identity", "--frames", 10, "--pairs", 2, "--limit", 99)  # fmt: skip
    done = _run(*words, "--out", folder / "stress", "--export", folder / "more.yaml", "--workers", 1)
    assert done.exit_code == 0, done.stderr
    text = (folder / "stress" / "stress.json").read_text()
    (found,) = json.loads(text)["runs"]
    steps = found["factors"]["depth"]["steps"]
    assert [step["severity"] for step in steps] == pytest.approx([-3, -1.5, 1.5, 3])
    others = found["factors"]["identity"]["steps"]
    assert [step["severity"] for step in others] == pytest.approx([0, 0.5, 1.25, 1.5])
    assert len({step["errors"]["mesh_mm"]["mean"] for step in others}) == 4
    # The same faces at every step, whatever the headset does.
    assert len({step["mean_predictor"]["mesh_mm"] for step in (found["nominal"], *steps)}) == 1
    assert len({step["errors"]["mesh_mm"]["mean"] for step in steps}) == 4
    page = (folder / "stress" / "stress.html").read_text()
    assert page.count('<polyline class="own"') == 2
    assert page.count('<circle class="dot"') == 10
    assert page.count('<figure class="bad-frame">') == len(found["worst"]) >= 3
    for frame in found["worst"]:
        assert (folder / "stress" / frame["file"]).stat().st_size > 1000
    assert (folder / "more.yaml").read_text().startswith("hmcsim_dataset: 1")
    again = _run(*words, "--out", folder / "by_two", "--workers", 2)
    assert again.exit_code == 0, again.stderr
    assert (folder / "by_two" / "stress.json").read_text() == text
    assert (folder / "by_two" / "stress.csv").read_bytes() == (folder / "stress" / "stress.csv").read_bytes()


def test_stress_of_two_encoders_on_two_headsets(folder: Path) -> None:
    (folder / "compared").mkdir()
    (folder / "compared" / "failing.yaml").write_text("of an earlier test")
    done = _run(
        "stress", "--encoder", folder / "encoder", "--encoder", folder / "encoder" / "encoder.onnx",
        "--headset", folder / "mine.yaml", "--headset", f"{folder / 'mine.yaml'}:name=other", "--factors", "glasses",
        "--frames", 5, "--pairs", 0, "--out", folder / "compared", "--workers", 1,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    one, two = json.loads((folder / "compared" / "stress.json").read_text())["runs"]
    assert (one["headset"], two["headset"]) == ("mine", "other")
    # The same network, once in torch and once in ONNX, on the same headset under another name.
    for name in ("mesh_mm", "gaze_deg"):
        assert one["nominal"]["errors"][name]["mean"] == pytest.approx(two["nominal"]["errors"][name]["mean"], rel=1e-3)
    page = (folder / "compared" / "stress.html").read_text()
    assert page.count('<div class="panel">') == 1
    assert page.count('<circle class="dot"') == 4
    rows = (folder / "compared" / "stress.csv").read_text().splitlines()
    assert [row.split(",")[1:4] for row in rows[1:]] == [
        [headset, *step] for headset in ("mine", "other") for step in (["nominal", "nominal"], ["glasses", "worn"])
    ]
    assert sorted(path.name for path in (folder / "compared").glob("failing*")) == [
        "failing_1_mine.yaml", "failing_2_other.yaml",
    ]  # fmt: skip


WRONG = """\
import numpy as np
def encode(images):
    frames = len(next(iter(images.values())))
    return np.zeros((frames, 3)), np.zeros((frames, 2, 2))
"""
BAD = {
    "no data set": (("train", "--data", "nowhere"), "nowhere"),
    "unknown encoder": (("train", "--data", "{data}", "--encoder", "vgg"), "'vgg'. Encoders: refa, refa_paper"),
    "unknown camera": (("train", "--data", "{data}", "--cameras", "nose"), "'nose'. Cameras"),
    "memory NaN": (("train", "--data", "{data}", "--memory", "nan"), "'--memory': nan is not a number"),
    "copies of no light": (("train", "--data", "{data}", "--relit", "1"), "outputs.lights"),
    "copies of a stream": (("train", "--data", "stream:refa_green", "--views", "1"), "--views"),
    "unknown device": (("train", "--data", "{data}", "--device", "tpu"), "'tpu'"),
    "unknown split": (("evaluate", "--encoder", "{data}", "--data", "{data}", "--split", "all"), "'all'. Splits"),
    "no encoder": (("evaluate", "--encoder", "nowhere.pt", "--data", "{data}"), "nowhere.pt"),
    "unknown factor": (("stress", "--encoder", "x.pt", "--headset", "refa_green", "--factors", "wind"), "'wind'"),
    "factor twice": (
        ("stress", "--encoder", "x.pt", "--headset", "refa_green", "--factors", "up,up"),
        "once, got 'up' 2 times",
    ),
    "unknown setting": (
        ("stress", "--encoder", "x.pt", "--headset", "refa_green:lenses.wide.f_numbr=2"),
        "unknown key 'f_numbr'",
    ),
    "unknown setting of all": (
        ("stress", "--encoder", "x.pt", "--headset", "refa_green", "--set", "lens.f=2"),
        "unknown key 'lens'",
    ),
    "unknown setting of a stream": (
        ("train", "--data", "stream:refa_green:lenses.wide.f_numbr=2"),
        "unknown key 'f_numbr'",
    ),
    "numbers do not pair": (
        ("stress", "--encoder", "x.pt", "--encoder", "y.pt", *3 * ("--headset", "ufe")),
        "as many of both, got 2 and 3",
    ),
    "twice the same": (("stress", *2 * ("--encoder", "x.pt", "--headset", "ufe")), "once, got x.pt on ufe twice"),
    "export of two": (
        ("stress", "--encoder", "x.pt", "--headset", "ufe", "--headset", "refa_red", "--export", "more.yaml"),
        "`--export` goes with one headset",
    ),
    "export nowhere": (
        ("stress", "--encoder", "x.pt", "--headset", "ufe", "--export", "nowhere/more.yaml"),
        "nowhere/more.yaml",
    ),
    "second does not fit": (
        ("stress", "--encoder", "{encoder}", "--headset", "{data}/../mine.yaml", "--headset", "refa_green"),
        "'mouth'",
    ),
    "wrong output": (
        ("stress", "--encoder", "{data}/../wrong.py:encode", "--headset", "ufe"),
        "shape (2, 52), got (2, 3)",
    ),
    "wrong headset": (("stress", "--encoder", "{encoder}", "--headset", "refa_green"), "'mouth'"),
}


@pytest.mark.parametrize("case", BAD)
def test_mistakes_are_one_line(case: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_work(*_: object, **__: object) -> None:
        pytest.fail("something was rendered")

    monkeypatch.setattr("sim.dataset.frame.FrameMaker.frame", no_work)
    (folder / "wrong.py").write_text(WRONG)
    words, told = BAD[case]
    filled = [word.format(data=folder / "data", encoder=folder / "encoder") for word in words]
    done = _run(*filled, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert done.stderr.startswith("hmcsim: error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
