"""`hmcsim compare` and `hmcsim tolerance` at a tiny size, on an analytic head."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from hmcsim.cli.main import main
from hmcsim.comparing import COMPARED
from sim.tolerance.study import ToleranceConfig
from tests.cli.conftest import Run
from tests.faces.ellipsoid_head import EllipsoidHead

SMALL = [f"--set=lenses.wide.{k}={v}" for k, v in
         {"width_px": 80, "height_px": 80, "fx_px": 34.6, "cx_px": 39.5, "cy_px": 39.5}.items()]  # fmt: skip


@pytest.fixture(autouse=True)
def analytic_head(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("run_compare", "run_tolerance", "run_score"):
        monkeypatch.setattr(f"hmcsim.cli.{module}.load_head", EllipsoidHead)


def test_compare_writes_differences_maps_and_a_report(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "c"
    result = run(
        *("compare", "refa_green:name=one", "refa_green:name=two:lenses.wide.f_number=1.7", *SMALL),
        *("--identities", 3, "--donnings", 1, "--expressions", "neutral", "--limit", "visible_fraction=0.5"),
        *("--signal", "--preset", "fast", "--workers", 1, "--out", out),
    )
    assert result.exit_code == 0, result.output
    for text in ("two less one", "Visible share", "Signal to noise", "≥ 0.5", "95 %"):
        assert text in result.stdout
    names = sorted(p.name for p in out.iterdir())
    assert names == ["comparison.json", "config.json", "report.html", "scores.json", "signal.npz"]
    comparison = json.loads((out / "comparison.json").read_text())
    assert comparison["base"] == "one"
    row = next(r for r in comparison["rows"] if (r["region"], r["metric"]) == ("eye", "visible_fraction"))
    assert row["difference"]["mean"] == 0.0
    assert row["limit"]["rule"] == ">="
    assert row["share_better"] == 0.5
    with np.load(out / "signal.npz") as maps:
        assert maps["two/snr/eye_left"].shape == maps["one/irradiance_mw_cm2/eye_left_a"].shape
        assert np.nanmax(maps["one/snr/eye_left"]) > 3
    page = (out / "report.html").read_text(encoding="utf-8")
    assert '<section id="comparison">' in page
    assert '<section id="signal">' in page
    words = json.loads((out / "config.json").read_text())["command"].split()
    context = main.commands["compare"].make_context("compare", words[2:])
    assert context.params["signal"] is True
    assert context.params["limits"] == ("visible_fraction=0.5",)
    assert len(context.params["settings"]) == 5


def test_compare_says_when_nothing_differs_and_that_one_wearer_gives_no_interval(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "c"
    result = run(
        *("compare", "refa_green:name=one", "refa_green:name=two:lenses.wide.f_number=1.7", *SMALL),
        *("--identities", 1, "--donnings", 1, "--expressions", "neutral", "--workers", 1, "--out", out),
    )
    assert result.exit_code == 0, result.output
    for text in ("No score differs", "--signal", "One wearer gives no interval"):
        assert text in result.stdout
        assert text in (out / "report.html").read_text(encoding="utf-8")
    assert "50 %" not in result.stdout  # nobody is better or worse off: "equal"


def test_tolerance_of_a_score_without_a_value_ranks_nothing(run: Run, tmp_path: Path) -> None:
    result = run(
        *("tolerance", "refa_green", "--draws", 2, "--identities", 1, "--expressions", "neutral"),
        *("--score", "range_of_motion", "--workers", 1, "--out", tmp_path / "t"),
    )
    assert result.exit_code == 0, result.output
    assert "The range of motion has no value" in result.stdout
    assert "No degree of freedom costs anything" not in result.stdout


def test_one_headset_is_compared_with_itself_as_set(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hmcsim.cli import run_compare

    loaded = run_compare._headsets(("refa_green",), ("lenses.wide.f_number=2.0",))
    assert [h.name for h in loaded] == ["refa_green", "refa_green+lenses.wide.f_number=2.0"]
    both = run_compare._headsets(("refa_green", "ufe"), ("fit.eye_relief_mm=17",))
    assert [h.name for h in both] == ["refa_green+fit.eye_relief_mm=17", "ufe+fit.eye_relief_mm=17"]


def test_tolerance_writes_figures_and_a_report(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "t"
    result = run(
        *("tolerance", "refa_green", "--draws", 8, "--identities", 1, "--expressions", "neutral"),
        *("--score", "resolution_px_per_mm", "--allowed", 8, "--workers", 1, "--out", out),
    )
    assert result.exit_code == 0, result.output
    for text in ("Headset pitch", "Focal length", "as designed", "costs most", "less than 8 %"):
        assert text in result.stdout
    assert "8 draws, 1 wearer × 1 expression, seed 0" in result.stdout
    assert "on the same 1 wearer × 1 expression." in (out / "report.html").read_text(encoding="utf-8")
    assert sorted(p.name for p in out.iterdir()) == ["config.json", "report.html", "tolerance.json"]
    figures = json.loads((out / "tolerance.json").read_text())
    assert figures["allowed_loss"] == 0.08
    focal = next(f for f in figures["freedoms"] if f["key"] == "camera.focal")
    assert focal["scores"]["glabella"]["resolution_px_per_mm"]["largest"] == pytest.approx(8.0, abs=0.5)
    words = json.loads((out / "config.json").read_text())["command"].split()
    assert main.commands["tolerance"].make_context("tolerance", words[2:]).params["allowed"] == 8.0


def test_help_states_the_defaults(run: Run) -> None:
    for command, defaults in (("compare", vars(COMPARED)), ("tolerance", vars(ToleranceConfig()))):
        text = " ".join(run(command, "--help").stdout.split())
        assert f"hmcsim {command} refa_green" in text
        for option in ("identities", "seed", "donnings", "draws"):
            described = re.search(rf"--{option} .*?\[default: (\w+)\]", text)
            if described is not None:
                assert described[1] == str(defaults[option])


CASES = {
    "one headset alone": (("compare", "refa_green"), ["two headsets", "--set", "refa_green"]),
    "the same twice": (("compare", "refa_green", "refa_green", "--identities", "1"), ["refa_green, refa_green"]),
    "a limit without a number": (("compare", "refa_green", "ufe", "--limit", "visible_fraction"), ["SCORE", "--limit"]),
    "a limit that is no number": (("compare", "refa_green", "ufe", "--limit", "snr=nan"), ["snr=nan", "--limit"]),
    "an unknown score": (("tolerance", "refa_green", "--score", "beauty"), ["beauty", "visible_fraction"]),
    "a signal score without signal": (("tolerance", "refa_green", "--score", "snr"), ["snr", "--signal"]),
    "allowed NaN": (("tolerance", "refa_green", "--allowed", "nan"), ["--allowed", "nan"]),
    "allowed too much": (("tolerance", "refa_green", "--allowed", "100"), ["--allowed", "100"]),
    "one draw": (("tolerance", "refa_green", "--draws", "1"), ["--draws", "1"]),
    "too many draws": (("tolerance", "refa_green", "--draws", "99999"), ["draws <= 10000", "99999"]),
    "too many wearers": (("tolerance", "refa_green", "--identities", "999999"), ["identities", "999999"]),
    "an unknown expression": (("tolerance", "refa_green", "--expressions", "grin"), ["grin", "smile"]),
    "an unknown headset": (("tolerance", "refa_gren"), ["refa_gren", "refa_green"]),
    "a wrong setting": (("compare", "refa_green", "--set", "lenses.wide.f_number=-1"), ["f_number", "-1", "--set"]),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_line(case: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, fragments = CASES[case]
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("hmcsim: error: ")
    assert result.stderr.count("\n") == 1
    for fragment in fragments:
        assert fragment in result.stderr
    assert list(tmp_path.iterdir()) == []
