"""`hmcsim gallery` and the looks that commands draw."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result
from PIL import Image

from faces import load_head_model
from headsets import load_headset
from hmcsim.wearer import drawn_look, drawn_wearer, dressed

Run = Callable[..., Result]


def test_gallery_shows_every_camera_and_says_what_it_shows(run: Run, tmp_path: Path) -> None:
    result = run("gallery", "refa_green", "--rows", 2, "--seed", 5, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    cameras = list(load_headset("refa_green").cameras)
    record = json.loads((tmp_path / "gallery.json").read_text())
    assert [set(row["exposures"]) for row in record["rows"]] == [set(cameras)] * 2
    assert record["rows"][1]["look"]["hair"]["beard"] == "full"
    assert record["rows"][1]["identity"]["sex"] == "male"
    for row in range(2):
        for name in cameras:
            with Image.open(tmp_path / f"{row:02d}_{name}.png") as picture:
                assert np.asarray(picture).std() > 5
    with Image.open(tmp_path / "gallery.png") as sheet:
        assert sheet.width > 5 * 400
        assert sheet.height > 2 * 400


def test_looks_follow_the_seed_and_what_was_asked_for() -> None:
    head = load_head_model()
    wearer = drawn_wearer(head, 0, "male", (60, 80))
    assert wearer.sex == "male"
    assert 60 <= wearer.age_years <= 80
    look = drawn_look(7, wearer)
    assert look == drawn_look(7, wearer) != drawn_look(8, wearer)
    assert dressed(look, "goatee", "round").hair.beard == "goatee"
    assert dressed(look, None, "round").glasses.shape == "round"
    assert dressed(dressed(look, None, "round"), None, "none").glasses is None


def test_looks_follow_a_file_and_the_record_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "looks.yaml").write_text(
        "eyes: {iris_albedo: {mean: 0.45, sd: 0, high: 0.5}}\nhair: {beard_length_mm: {full: 17}}\n"
    )
    options = ("--looks", tmp_path / "looks.yaml", "--out", tmp_path / "out")
    result = run("gallery", "refa_green", "--rows", 2, *options)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "out" / "gallery.json").read_text())
    assert [row["look"]["eyes"]["iris_albedo"] for row in record["rows"]] == [0.45] * 2
    assert record["rows"][1]["look"]["hair"]["beard_length_mm"] == 17.0
    assert record["look_priors"]["eyes"]["iris_albedo"]["mean"] == 0.45
    result = run("render", "refa_green", "--identity-seed", 3, "--preset", "fast", *options)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "out" / "frame.json").read_text())
    assert record["look"]["eyes"]["iris_albedo"] == 0.45
    assert record["look_priors"]["eyes"]["iris_albedo"]["mean"] == 0.45
