"""`hmcsim render --renderer mitsuba`: the same files, with another radiance."""

import signal
from contextlib import nullcontext, suppress
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from headsets.lenses import Pinhole
from hmcsim.cli.main import main
from tests.cli.test_bad_input import HEADSET
from tests.render.render_scenes import camera, headset, led, plane

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


@pytest.mark.parametrize("swallowed", [False, True])
def test_an_interrupt_is_never_lost(monkeypatch: pytest.MonkeyPatch, swallowed: bool) -> None:
    """Not even one whose exception does not come out of Mitsuba, which then returns part of an image."""
    from sim.reference import ReferenceSettings, render

    def interrupted(*_: object) -> np.ndarray:
        with suppress(KeyboardInterrupt) if swallowed else nullcontext():
            signal.raise_signal(signal.SIGINT)
        return np.zeros(64)

    monkeypatch.setattr(render, "_render", interrupted)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # background shells have it ignored
    before = signal.getsignal(signal.SIGINT)
    parts = headset([camera(Pinhole(8, 8, 8.0, 8.0, 3.5, 3.5))], [led((0.01, 0, 0.03))])
    seen: list[float] = []
    with pytest.raises(KeyboardInterrupt):
        render.render_reference(
            parts, plane(), settings=ReferenceSettings(spp=4, side=1), progress=lambda done, _: seen.append(done)
        )
    assert seen == [0.0]
    assert signal.getsignal(signal.SIGINT) is before
    signal.signal(signal.SIGINT, usual)


def test_progress_reaches_the_number_of_images() -> None:
    from sim.reference import ReferenceSettings, render_reference

    parts = headset([camera(Pinhole(40, 40, 40.0, 40.0, 19.5, 19.5), name=n) for n in "ab"], [led((0.01, 0, 0.03))])
    seen: list[tuple[float, float]] = []
    settings = ReferenceSettings(spp=1024, side=1, max_depth=3)
    render_reference(parts, plane(), settings=settings, progress=lambda done, total: seen.append((done, total)))
    done = [a for a, _ in seen]
    assert done == sorted(done)
    assert done[0] == 0.0
    assert seen[-1] == (2.0, 2)
    assert sum(0 < a < 1 for a in done) >= 1
