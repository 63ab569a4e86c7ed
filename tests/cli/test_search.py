"""`hmcsim search` at a tiny size, on an ellipsoid for a head."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headsets import load_headset, validate
from tests.cli.conftest import Run
from tests.faces.ellipsoid_head import EllipsoidHead

SPACE = """\
mounts: {above: {box: {low_mm: [0, 30, 38], high_mm: [0, 44, 50]}}}
cameras: {glabella: {mount: above, tilt_deg: [-20, 20]}}
constraints: {ignore: [glasses]}
"""
TINY = ("--identities", 1, "--donnings", 1, "--expressions", "neutral,smile")


@pytest.fixture(autouse=True)
def ellipsoid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmcsim.cli.run_search.load_head", EllipsoidHead)


def test_search_resume_and_analyse(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)
    out = tmp_path / "out"
    command = (
        "search", "refa_green", "--space", tmp_path / "space.yaml", "--objective", "glabella.visible_fraction",
        "--objective", "glabella.resolution_px_per_mm:p5", *TINY, "--out", out,
    )  # fmt: skip
    first = run(*command, "--trials", 3)
    assert first.exit_code == 0, first.output
    assert "3 layouts:" in first.stdout
    summary = json.loads((out / "search.json").read_text())
    assert summary["command"].startswith("hmcsim search refa_green --objective=glabella.visible_fraction")
    assert summary["trials"]["finished"] == 3
    for layout in summary["pareto"]:
        assert layout["file"] in first.stdout
        validate(out / layout["file"])

    again = run(*command, "--trials", 6)
    assert again.exit_code == 2
    assert "--resume" in again.stderr
    wider = SPACE.replace("[-20, 20]", "[-30, 20]")
    (tmp_path / "space.yaml").write_text(wider)
    changed = run(*command, "--trials", 6, "--resume")
    assert changed.exit_code == 2
    assert "search.cameras.glabella.tilt_deg: [-20.0, 20.0] then, [-30.0, 20.0] now" in changed.stderr
    assert changed.stderr.count("\n") == 1
    assert json.loads((out / "search.json").read_text()) == summary

    (tmp_path / "space.yaml").write_text(SPACE)
    resumed = run(*command, "--trials", 6, "--resume")
    assert resumed.exit_code == 0, resumed.output
    written = {path.relative_to(out): path.read_bytes() for path in out.rglob("*.*") if "study" not in path.name}
    fronted = json.loads((out / "search.json").read_text())["pareto"]
    assert {path.stem for path in (out / "pareto").iterdir()} == {Path(layout["file"]).stem for layout in fronted}

    def no_work(*_: object, **__: object) -> None:
        pytest.fail("something was scored or posed again")

    monkeypatch.setattr("hmcsim.cli.run_search.load_head", no_work)
    monkeypatch.setattr("optimize.study.evaluate.score", no_work)
    for path in (out / "pareto").iterdir():
        path.unlink()
    (out / "trials.csv").unlink()
    analysed = run("search", "--analyse", out)
    assert analysed.exit_code == 0, analysed.output
    for path, data in written.items():
        assert (out / path).read_bytes() == data, path


def test_a_search_of_leds_alone_pictures_the_cameras_and_says_what_it_moved(run: Run, tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text("leds: {eye_left_b: {current: [1.5, 2]}}")
    out = tmp_path / "out"
    given = ("--space", tmp_path / "space.yaml", "--objective", "power_mw", *TINY, "--trials", 2, "--out", out)
    result = run("search", "refa_green", *given)
    assert result.exit_code == 0, result.output
    moved = "leds.eye_left_b.current = 1 outside [1.5, 2]"
    assert f"existing layout: {moved}" in result.stdout
    assert json.loads((out / "search.json").read_text())["existing_layout_moved"] == [moved]
    page = (out / "search.html").read_text()
    assert moved in page
    assert "existing layout, moved in" in page
    assert page.count("data:image/jpeg") >= len(load_headset("refa_green").spec.cameras)
    assert f"existing layout: {moved}" in run("search", "--analyse", out).stdout
    refused = run("search", "--analyse", out, "--trials", 30, "--out", tmp_path / "elsewhere")
    assert refused.exit_code == 2
    assert "got --trials, --out as well" in " ".join(refused.stderr.split())


def test_an_interrupted_search_says_how_to_go_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hmcsim.searching.run", interrupt)
    out = tmp_path / "out"
    result = run("search", "refa_green", "--space", tmp_path / "space.yaml", "--objective", "leds", *TINY, "--out", out)
    assert result.exit_code == 130
    assert f"--resume goes on with it, --analyse {out} shows it" in " ".join(result.stderr.split())


def test_an_empty_space_is_explained_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(
        SPACE.replace("[0, 30, 38]", "[0, 0, 43]").replace("[0, 44, 50]", "[0, 4, 45]")
    )
    out = tmp_path / "out"
    result = run("search", "refa_green", "--space", tmp_path / "space.yaml", "--objective", "leds", *TINY, "--out", out)
    assert result.exit_code == 2
    assert "no layout in the search space is feasible" in result.stderr
    assert "'lens_barrels'" in result.stderr
    assert "camera 'glabella'" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not out.exists()


def test_what_the_space_alone_tells_is_refused_before_a_head_is_loaded(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_work() -> None:
        pytest.fail("a head was loaded")

    monkeypatch.setattr("hmcsim.cli.run_search.load_head", no_work)
    (tmp_path / "space.yaml").write_text(SPACE)
    inside = SPACE.replace("[0, 30, 38]", "[0, 0, 43]").replace("[0, 44, 50]", "[0, 4, 45]")
    (tmp_path / "inside.yaml").write_text(inside)
    (tmp_path / "bright.yaml").write_text(SPACE.replace("ignore:", "led_power_mw: 0.001, ignore:"))
    (tmp_path / "few.yaml").write_text(SPACE + "camera_count: {at_least: 9}\n")
    refusals = (
        ("space.yaml", "cmaes", "'cmaes' takes no constraints, got 8 (lens_barrels, display, face, shell"),
        ("inside.yaml", "tpe", "wherever camera 'glabella' may sit, it breaks 'lens_barrels'"),
        ("bright.yaml", "tpe", "which breaks 'led_power'"),
        ("few.yaml", "tpe", "'count' wants at least 9"),
    )
    for space, sampler, message in refusals:
        result = run(
            *("search", "refa_green", "--space", tmp_path / space, "--objective", "leds", "--sampler", sampler),
            *("--out", tmp_path / "out"),
        )
        assert result.exit_code == 2, result.output
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert not (tmp_path / "out").exists()


def test_constraints_can_be_put_aside_for_a_sampler_without(run: Run, tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)
    command = (
        "search", "refa_green", "--space", tmp_path / "space.yaml", "--objective", "glabella.visible_fraction", *TINY,
        "--sampler", "cmaes", "--trials", 2, "--out", tmp_path / "out",
    )  # fmt: skip
    refused = run(*command)
    assert refused.exit_code == 2
    assert "takes no constraints" in refused.stderr
    assert not (tmp_path / "out").exists()
    assert run(*command, "--no-constraints").exit_code == 0
