"""`hmcsim generate` and `hmcsim dataset`, from a tiny set to its exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import sim.dataset
from tests.cli.conftest import Run
from tests.dataset.small import CONFIG, small_headset


def test_a_tiny_set_is_made_checked_described_shown_and_exported(run: Run, tmp_path: Path) -> None:
    headset = small_headset(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    data = tmp_path / "data"
    command = ("generate", headset.source, "--frames", "3", "--out", data, "--config", tmp_path / "config.yaml",
               "--workers", "1")  # fmt: skip
    made = run(*command)
    assert made.exit_code == 0, made.stderr
    assert "3 frames (train 3), 12 images" in made.stdout
    again = run(*command)
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "--resume" in again.stderr
    assert run(*command, "--resume").exit_code == 0
    assert run("dataset", "verify", data).exit_code == 0
    told = run("dataset", "info", data).stdout
    for words in ("3 frames of headset small", "eye 96x96 kannala_brandt4", "glasses: none 3", "train"):
        assert words in told
    shown = run("dataset", "show", data, "--samples", "2", "--out", tmp_path / "show")
    assert shown.exit_code == 0, shown.stderr
    picture = np.array(Image.open(tmp_path / "show" / "samples.png"))
    assert picture.shape[2] == 3
    assert (picture == (60, 255, 120)).all(axis=2).sum() > 50  # keypoints that are seen
    for form, file in (("coco", "annotations/train.json"), ("parquet", "data/train-00000-of-00001.parquet")):
        assert run("dataset", "export", data, "--form", form, "--out", tmp_path / form).exit_code == 0
        assert (tmp_path / form / file).is_file()
    shard = next(data.glob("*.tar"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    broken = run("dataset", "verify", data)
    assert broken.exit_code == 1
    assert "SHA-256" in broken.stdout


def test_keys_of_the_headset_can_be_set(run: Run, tmp_path: Path) -> None:
    """A set made with `--set` holds what the stream of the same headset shows, and resumes only with the same."""
    headset = small_headset(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    data, key = tmp_path / "data", "emitters.chip.radiant_intensity_mw_sr"
    command = ("generate", headset.source, "--frames", "2", "--out", data, "--config", tmp_path / "config.yaml",
               "--workers", "1")  # fmt: skip
    made = run(*command, "--set", f"{key}=4")
    assert made.exit_code == 0, made.stderr
    (first, *_) = sim.dataset.open(data)
    for setting, same in ((f":{key}=4", True), ("", False)):
        (shown, *_) = sim.dataset.stream(f"{headset.source}{setting}", tmp_path / "config.yaml", frames=2)
        assert np.array_equal(shown["images"]["eye"], first["images"]["eye"]) == same
    refused = run(*command, "--set", f"{key}=5", "--resume")
    assert refused.exit_code == 2
    assert "radiant_intensity_mw_sr: 4.0 -> 5.0" in refused.stderr
    wrong = run(*command, "--set", "emitters.chip.power=5", "--resume")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
    assert "unknown key 'power' in emitters.chip" in wrong.stderr
