"""The demo's encoder, at a tiny size, and the demo without torch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faces import load_head_model
from headsets.load import load_headset
from hmcsim.demo_encoder import DemoSizes, demo_encoder
from hmcsim.report.template import page
from sim.dataset.verify import verify
from tests.cli.conftest import Run

TINY = DemoSizes(frames=5, steps=2, batch=2, factors=("up",), stress_frames=5, worst=1)


def test_the_demo_trains_an_encoder_and_stresses_it(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    card = demo_encoder(load_headset("refa_green"), load_head_model(), tmp_path, Path("outputs/demo"), sizes=TINY)
    assert card.skipped == ""
    assert {path.name for path in (tmp_path / "encoder").glob("encoder.*")} == {"encoder.pt", "encoder.onnx"}
    found = json.loads((tmp_path / "stress" / "stress.json").read_text())
    (run,) = found["runs"]
    assert run["encoder"] == "outputs/demo/encoder"
    assert card.nominal_mm == run["nominal"]["errors"]["mesh_mm"]["mean"]
    text = page("encoder_card.html", {"encoder": card})
    assert f"{card.nominal_mm:.2f} mm wrong" in text
    assert text.count('<polyline class="own"') == 1
    assert text.count('<img src="data:image/jpeg') == 2
    assert str(tmp_path) not in text
    assert str(tmp_path) not in (tmp_path / "stress" / "stress.json").read_text()


def test_the_demo_ends_well_without_torch(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmcsim.demo_encoder.NEEDED", ("torch", "no_such_package"))
    monkeypatch.setattr("hmcsim.demo_encoder.DemoSizes", lambda: TINY)
    monkeypatch.setattr("hmcsim.demo.DEMO_HEADSETS", ("refa_green",))
    monkeypatch.setattr("hmcsim.demo.render_demo_frames", lambda *_: None)
    monkeypatch.setattr("hmcsim.demo.demo_search", lambda *_: None)
    monkeypatch.setattr("hmcsim.searching.drop_stale", lambda _: None)
    out = tmp_path / "demo"
    done = run("demo", "--identities", 1, "--donnings", 1, "--expressions", "neutral", "--out", out)
    assert done.exit_code == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "no_such_package" in line]
    assert line.startswith("No encoder was trained and stressed: no_such_package is not installed; pip install")
    assert not (out / "encoder").exists()
    assert verify(out / "data") == []
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "5 labelled frames of refa_green, 25 images" in text
    assert "no_such_package is not installed" in text
