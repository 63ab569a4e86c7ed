"""`hmcsim render --renderer mitsuba`: the same files, with another radiance."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hmcsim.cli.main import main
from tests.cli.test_bad_input import HEADSET

pytest.importorskip("mitsuba")
EMITTER = """chip: {wavelength_nm: 850, fwhm_nm: 30, radiant_intensity_mw_sr: 8, half_angle_deg: 65, source_mm: 0.3,
         pulse_us: 500, rate_hz: 30}"""


def test_both_renderers_write_the_same_files(tmp_path: Path) -> None:
    text = HEADSET.replace("width_px: 64, height_px: 64, fx_px: 60, cx_px: 31.5, cy_px: 31.5",
                           "width_px: 24, height_px: 24, fx_px: 20, cx_px: 11.5, cy_px: 11.5")  # fmt: skip
    text = text.replace("emitters: {}", f"emitters:\n  {EMITTER}")
    text = text.replace("leds: {}", "leds:\n  a: {emitter: chip, position_mm: [20, -30, 90], look_at_mm: [0, -30, 0]}")
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    runs = {}
    for name, more in (("fast", ()), ("mitsuba", ("--spp", "16"))):
        out = tmp_path / name
        done = CliRunner().invoke(main, ["render", str(file), "--renderer", name, *more, "--out", str(out)])
        assert done.exit_code == 0, done.output
        runs[name] = sorted(p.name for p in out.iterdir()), dict(np.load(out / "frame.npz"))
    (files, fast), (others, slow) = runs["fast"], runs["mitsuba"]
    assert files == others
    assert fast.keys() == slow.keys()
    assert np.array_equal(fast["front/depth"], slow["front/depth"], equal_nan=True)
    assert not np.array_equal(fast["front/radiance"], slow["front/radiance"])
    assert slow["front/radiance"].sum() == pytest.approx(fast["front/radiance"].sum(), rel=0.15)


def test_samples_belong_to_mitsuba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (("--spp", "64"), ("--renderer", "mitsuba", "--spp", "50")):
        done = CliRunner().invoke(main, ["render", "refa_green", *arguments])
        assert done.exit_code != 0
        assert "spp" in done.output + str(done.exception)
    assert not list(tmp_path.iterdir())
