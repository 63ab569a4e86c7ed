"""A headset whose LEDs do not shine: what needs light is refused in one line, before a head is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_bad_input import HEADSET
from tests.faces.ellipsoid_head import EllipsoidHead

LED = (
    "leds: {one: {position_mm: [9, 20, 50], look_at_mm: [0, 0, 0], current: 0, emitter: {wavelength_nm: 850, "
    "fwhm_nm: 20, radiant_intensity_mw_sr: 5, half_angle_deg: 60, source_mm: 0.3, pulse_us: 500, rate_hz: 30}}}"
)
SEARCH = "search: {mounts: {box: {box: {low_mm: [0, -30, 80], high_mm: [0, -30, 90]}}}, cameras: {front: {mount: box}}}"
FILES = {
    "without LEDs": (HEADSET, "got none"),
    "with LEDs of no current": (HEADSET.replace("leds: {}", LED), "got LEDs whose current is 0"),
}
COMMANDS = {
    "signal": (("score", "dark.yaml", "--signal"), "signal scores"),
    "observability": (("score", "refa_green", "dark.yaml", "--observability"), "observability"),
    "comparison": (("compare", "refa_green", "dark.yaml", "--signal"), "signal scores"),
    "comparison by observability": (("compare", "dark.yaml", "refa_green", "--observability"), "observability"),
    "tolerance": (("tolerance", "dark.yaml", "--signal"), "signal scores"),
    "search": (("search", "dark.yaml", "--objective", "observability_mm"), "the objective 'observability_mm'"),
    "search of a region": (
        ("search", "dark.yaml", "--objective", "cameras", "--objective", "mouth.observability_mm"),
        "the objective 'mouth.observability_mm'",
    ),
    "search for bits": (("search", "dark.yaml", "--objective", "bits"), "the objective 'bits'"),
}


@pytest.fixture(autouse=True)
def no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        pytest.fail("a head was loaded")

    for module in ("run_score", "run_compare", "run_tolerance", "run_search"):
        monkeypatch.setattr(f"hmcsim.cli.{module}.load_head", load)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_needs_light_is_refused_at_once(
    file: str, command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text, got = FILES[file]
    Path("dark.yaml").write_text(text + SEARCH)
    arguments, asked = COMMANDS[command]
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr == f"hmcsim: error: `leds` must shine for {asked}, {got} (headset 'mine')\n"
    assert [path.name for path in tmp_path.iterdir()] == ["dark.yaml"]


def test_geometric_scores_need_no_light(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmcsim.cli.run_score.load_head", EllipsoidHead)
    (tmp_path / "dark.yaml").write_text(HEADSET)
    few = ("--identities", 1, "--donnings", 1, "--expressions", "neutral,smile", "--workers", 1)
    result = run("score", tmp_path / "dark.yaml", *few, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "No LED lights what mine sees" in (tmp_path / "out" / "report.html").read_text()


def test_a_search_that_may_turn_the_current_up_is_not_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dark.yaml").write_text(HEADSET.replace("leds: {}", LED) + "search: {leds: {one: {current: [0, 2]}}}")
    loaded: list[bool] = []

    def stop() -> None:
        loaded.append(True)
        raise KeyboardInterrupt

    monkeypatch.setattr("hmcsim.cli.run_search.load_head", stop)
    result = run("search", tmp_path / "dark.yaml", "--objective", "bits", "--out", tmp_path / "out")
    assert loaded, result.stderr
