"""Whatever a user can get wrong: one line on stderr, exit code 2, nothing left behind."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run

NOMINAL = ("render", "refa_green")
SEARCH = ("search", "refa_green", "--objective", "leds")
TINY = ("score", "refa_green", "--identities", "1", "--donnings", "1", "--workers", "1")
FRAMES = ("generate", "refa_green", "--frames", "2", "--out", "d")
HEADSET = """\
hmcsim: 1
name: mine
note: a test
lenses:
  one: {model: pinhole, width_px: 64, height_px: 64, fx_px: 60, cx_px: 31.5, cy_px: 31.5, f_number: 2, focus_mm: 40,
        transmission: 1}
sensors:
  chip: {pixel_um: 3, quantum_efficiency: {850: 0.2}, full_well_e: 6000, read_noise_e: 4, dark_e_per_s: 20, bits: 10,
         exposure_us: 500, frame_rate_hz: 30}
emitters: {}
cameras:
  front: {lens: one, sensor: chip, position_mm: [0, -30, 90], look_at_mm: [0, -30, 0], sees: [mouth]}
leds: {}
fit: {eye_relief_mm: 18, ipd_mm: [58, 72],
      donning: {lateral_mm: 1, up_mm: 1, depth_mm: 1, pitch_deg: 1, yaw_deg: 1, roll_deg: 1}}
"""

CASES = {
    "unknown headset": ((*NOMINAL[:1], "refa_gren"), ["refa_gren", "refa_green", "ufe"]),
    "no such headset file": (("score", "nowhere/mine.yaml"), ["nowhere/mine.yaml", "refa_green"]),
    "unknown expression": ((*NOMINAL, "--expression", "jawOpn=0.5"), ["jawOpn", "jawOpen"]),
    "unknown peak": ((*TINY, "--expressions", "grin"), ["grin", "smile"]),
    "weight above one": ((*NOMINAL, "--expression", "jawOpen=1.5"), ["0 <= weight <= 1", "jawOpen", "1.5"]),
    "weight NaN": ((*NOMINAL, "--expression", "jawOpen=nan"), ["jawOpen", "nan"]),
    "weight no number": ((*NOMINAL, "--expression", "jawOpen=much"), ["jawOpen=much"]),
    "gaze of one number": ((*NOMINAL, "--gaze", "10"), ["gaze", "two finite numbers", "'10'"]),
    "gaze NaN": ((*NOMINAL, "--gaze", "nan,0"), ["gaze", "nan"]),
    "gaze beyond the eye": ((*NOMINAL, "--gaze", "80,0"), ["gaze", "80"]),
    "donning of two numbers": ((*NOMINAL, "--donning", "1,2"), ["donning", "six finite numbers", "1,2"]),
    "donning infinite": ((*NOMINAL, "--donning", "inf,0,0,0,0,0"), ["donning", "inf"]),
    "device": ((*NOMINAL, "--device", "tpu"), ["tpu", "cpu"]),
    "white": ((*NOMINAL, "--white", "0"), ["--white", "0"]),
    "white NaN": ((*NOMINAL, "--white", "nan"), ["--white", "nan"]),
    "exposure no number": ((*NOMINAL, "--exposure", "long"), ["--exposure", "auto", "long"]),
    "exposure negative": ((*NOMINAL, "--exposure", "-5"), ["--exposure", "-5"]),
    "current NaN": ((*NOMINAL, "--current", "nan"), ["--current", "nan"]),
    "current negative": ((*NOMINAL, "--current", "-1"), ["--current", "-1"]),
    "ambient NaN": ((*NOMINAL, "--ambient", "nan"), ["--ambient", "nan"]),
    "donning empty": ((*NOMINAL, "--donning", ""), ["donning", "six finite numbers"]),
    "donning kilometres away": ((*NOMINAL, "--donning", "1e9,0,0,0,0,0"), ["donning", "100 mm", "1e9"]),
    "too many identities": (("score", "refa_green", "--identities", "999999999"), ["identities", "999999999"]),
    "faces of no expression": (("faces", "show", "--expressions", ""), ["--expressions"]),
    "no identities": (("score", "refa_green", "--identities", "0"), ["--identities", "0"]),
    "negative seed": (("score", "refa_green", "--seed", "-1"), ["--seed", "-1"]),
    "the same headset twice": ((*TINY, "refa_green"), ["refa_green, refa_green"]),
    "no headset": (("score",), ["HEADSET", "score --help"]),
    "unknown option": ((*NOMINAL, "--colour"), ["--colour"]),
    "unknown command": (("rendr",), ["rendr"]),
    "safety of an unknown headset": (("safety", "refa_gren"), ["refa_gren", "refa_green"]),
    "safety of nobody": (("safety", "refa_green", "--identities", "0"), ["--identities", "0"]),
    "safety of too many": (("safety", "refa_green", "--donnings", "999999999"), ["donnings", "999999999"]),
    "safety with a negative seed": (("safety", "refa_green", "--seed", "-1"), ["--seed", "-1"]),
    "safety of two headsets": (("safety", "refa_green", "ufe"), ["ufe"]),
    "looks of nobody": ((*NOMINAL, "--looks", "looks.yaml"), ["--looks", "--identity-seed"]),
    "no looks file": ((*NOMINAL, "--identity-seed", "1", "--looks", "nowhere.yaml"), ["nowhere.yaml", "No such file"]),
    "no looks file for a gallery": (("gallery", "refa_green", "--looks", "nowhere.yaml"), ["nowhere.yaml"]),
    "set without a value": ((*NOMINAL, "--set", "lenses.wide.f_number"), ["KEY=VALUE", "--set"]),
    "set to no YAML": ((*NOMINAL, "--set", "lenses.wide.k=["), ["wrong YAML", "--set lenses.wide.k"]),
    "set an unknown key": ((*NOMINAL, "--set", "lenses.wide.f_numbr=2"), ["f_numbr", "f_number", "focus_mm", "--set"]),
    "set an unknown section": (("safety", "refa_green", "--set", "lense.wide=2"), ["lense", "lenses", "--set"]),
    "set an unknown camera": (
        (*TINY, "--set", "cameras.mouth_lft.roll_deg=2"),
        ["mouth_lft", "mouth_left", "glabella"],
    ),
    "set against a rule": (
        ("headset", "validate", "refa_green", "--set", "lenses.wide.f_number=-2"),
        ["0 < f_number <= 64", "'wide'", "-2", "lenses.wide.f_number", "--set"],
    ),
    "set to an unknown lens": (
        ("headset", "show", "refa_green", "--set", "cameras.mouth_left.lens=narrow"),
        ["narrow", "wide", "mouth_left", "--set"],
    ),
    "set a mirror twin": (
        ("gallery", "refa_green", "--set", "cameras.mouth_right.lens=wide"),
        ["mouth_right", "mirror twin", "set cameras.mouth_left.lens", "--set"],
    ),
    "set one key twice": (
        (*TINY, "--set", "fit.eye_relief_mm=1", "--set", "fit.eye_relief_mm=2"),
        ["once", "eye_relief"],
    ),
    "set beyond a list": (
        (*NOMINAL, "--set", "cameras.mouth_left.position_mm[3]=2"),
        ["0 <= index < 3", "position_mm", "3", "--set"],
    ),
    "set to what holds itself": (
        (*NOMINAL, "--set", "lenses.wide=&a [*a]"),
        ["aliases must not hold themselves", "--set lenses.wide"],
    ),
    "limit of an unknown score": (
        ("compare", "refa_green", "ufe", "--limit", "visible_fracton=0.5"),
        ["visible_fracton", "visible_fraction", "--limit"],
    ),
    "limit of a score that is not taken": (
        ("compare", "refa_green", "ufe", "--limit", "snr=5"),
        ["'snr' (with --signal)", "visible_fraction", "--limit"],
    ),
    "limit without a score": (("compare", "refa_green", "ufe", "--limit", "=0.5"), ["SCORE=NUMBER", "'=0.5'"]),
    "two limits of one score": (
        ("compare", "refa_green", "ufe", "--limit", "visibility=0.5", "--limit", "visibility=0.6"),
        ["one limit", "0.5 and 0.6", "visibility"],
    ),
    "tolerance of a score that it does not take": (
        ("tolerance", "refa_green", "--score", "observability_mm"),
        ["observability_mm", "visible_fraction", "--score"],
    ),
    "set for one of two": ((*TINY, "ufe:lenses.wide.f_number=0"), ["f_number", "wide", "--set"]),
    "search without an objective": (("search", "refa_green"), ["--objective"]),
    "search for nothing known": (
        ("search", "refa_green", "--objective", "mouth.visible_fracton"),
        ["mouth.visible_fracton", "did you mean 'mouth.visible_fraction'"],
    ),
    "search for an unnamed statistic": (
        ("search", "refa_green", "--objective", "mouth.visible_fraction:"),
        ["'mouth.visible_fraction:'", "did you mean 'mouth.visible_fraction'"],
    ),
    "search without a space": ((*SEARCH[:1], "wei2019", *SEARCH[2:]), ["wei2019", "search"]),
    "search by an unknown sampler": ((*SEARCH, "--sampler", "nsga"), ["nsga", "nsga2"]),
    "search of two objectives by one": (
        (*SEARCH, "--objective", "power_mw", "--sampler", "cmaes"),
        ["'cmaes' takes one objective", "2"],
    ),
    "search of no trials": ((*SEARCH, "--trials", "0"), ["--trials", "0"]),
    "search in a space that is not there": ((*SEARCH, "--space", "nowhere.yaml"), ["nowhere.yaml"]),
    "search and analyse": ((*SEARCH, "--analyse", "x"), ["--analyse"]),
    "search of a study without a name": ((*SEARCH, "--study", ""), ["--study", "1 to 512", "''"]),
    "search of a study of a blank name": ((*SEARCH, "--study", " "), ["--study", "' '"]),
    "search of a study with a line break": ((*SEARCH, "--study", "a\nb"), ["--study", "'a\\nb'"]),
    "analyse a study without a name": (("search", "--analyse", "x", "--study", ""), ["--study", "''"]),
    "search in no database": ((*SEARCH, "--storage", ""), ["--storage", "''"]),
    "analyse nothing": (("search", "--analyse", "nowhere"), ["nowhere", "no study"]),
    "frames of an unknown headset": (("generate", "refa_gren", "--frames", "2", "--out", "d"), ["refa_gren"]),
    "no number of frames": (("generate", "refa_green", "--out", "d"), ["--frames", "--identities", "neither"]),
    "no frames": (("generate", "refa_green", "--frames", "0", "--out", "d"), ["--frames", "0"]),
    "nowhere to put frames": (("generate", "refa_green", "--frames", "2"), ["--out"]),
    "frames of no time": ((*FRAMES, "--seconds", "nan"), ["seconds", "nan"]),
    "unknown preset of frames": ((*FRAMES, "--preset", "refa"), ["refa", "refa_synthetic"]),
    "no configuration of frames": ((*FRAMES, "--config", "nowhere.yaml"), ["nowhere.yaml", "No such file"]),
    "unknown engine": ((*FRAMES, "--engine", "spark"), ["--engine", "spark"]),
    "an address without a cluster": ((*FRAMES, "--ray-address", "auto"), ["--ray-address", "--engine ray"]),
    "unknown device for frames": ((*FRAMES, "--device", "tpu"), ["tpu", "cpu"]),
    "unknown place for frames": (("generate", "refa_green", "--frames", "2", "--out", "nowhere://d"), ["nowhere"]),
    "no data set to verify": (("dataset", "verify", "nowhere"), ["dataset.json", "nowhere"]),
    "no data set to describe": (("dataset", "info", "nowhere"), ["dataset.json", "nowhere"]),
    "no data set to show": (("dataset", "show", "nowhere"), ["dataset.json", "nowhere"]),
    "no data set to export": (("dataset", "export", "nowhere", "--form", "coco"), ["dataset.json", "nowhere"]),
    "unknown form": (("dataset", "export", "nowhere", "--form", "csv"), ["--form", "csv"]),
    "faces of an unknown expression": (("faces", "show", "--expressions", "grin"), ["grin"]),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_arguments(case: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, fragments = CASES[case]
    _check(run(*arguments), fragments)
    assert list(tmp_path.iterdir()) == []


FILES = {
    "not YAML": ("name: [", ["mine.yaml"]),
    "empty": ("", ["mine.yaml"]),
    "unknown key": (HEADSET.replace("note:", "nota: x\nnote:"), ["nota", "mine.yaml"]),
    "missing key": (HEADSET.replace("name: mine\n", ""), ["name", "mine.yaml"]),
    "NaN": (HEADSET.replace("[0, -30, 90]", "[0, .nan, 90]"), ["front", "position_mm", "nan", "mine.yaml"]),
    "unknown lens": (HEADSET.replace("lens: one", "lens: two"), ["two", "one", "mine.yaml"]),
    "unreadable mesh": (HEADSET + "shell: {mesh: nowhere.stl}\n", ["nowhere.stl"]),
    "camera inside the head": (HEADSET.replace("[0, -30, 90]", "[0, -30, -60]"), ["front", "head"]),
    "camera inside the nose": (HEADSET.replace("[0, -30, 90]", "[10, -35, 15]"), ["front", "head"]),
    "donning spread": (HEADSET.replace("lateral_mm: 1,", "lateral_mm: 1000000,"), ["lateral_mm", "1000000"]),
    "exposure": (HEADSET.replace("exposure_us: 500", "exposure_us: 1.0e+308"), ["exposure_us", "mine.yaml"]),
    "auto-exposure limits": (
        HEADSET.replace("frame_rate_hz: 30}", "frame_rate_hz: 30, auto_exposure: {min_us: 9, max_us: 5}}"),
        ["min_us <= max_us", "9", "mine.yaml"],
    ),
    "offset": (HEADSET.replace("frame_rate_hz: 30}", "frame_rate_hz: 30, offset_dn: 2000}"), ["offset_dn", "2000"]),
    "glare": (HEADSET.replace("transmission: 1}", "transmission: 1, veiling_glare: 1.5}"), ["veiling_glare", "1.5"]),
    "housing": (HEADSET + "housing: {interface: {pressed_mm: 99}}\n", ["pressed_mm <= 10", "99", "housing.interface"]),
    "a mount without a lens in it": (
        HEADSET
        + "keep_out: {lens_barrels: {radius_mm: 24, from_eye_mm: 18}}\nhousing: {viewing_lens: {mount_mm: 24}}\n",
        ["mount_mm < radius_mm", "24", "housing.viewing_lens.mount_mm"],
    ),
    "an alias that holds itself": ("extra: &a [*a]\n" + HEADSET, ["aliases must not hold themselves", "mine.yaml"]),
    "aliases that grow": (
        "extra: [&a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "
        + ", ".join(f"&{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in itertools.pairwise("abcdefg"))
        + "]\n"
        + HEADSET,
        ["repeat into more than 1000000 values", "mine.yaml"],
    ),
    "angles of a profile": (
        HEADSET.replace(
            "leds: {}",
            "leds: {one: {position_mm: [9, 20, 50], look_at_mm: [0, 0, 0], emitter: {wavelength_nm: 850, fwhm_nm: 20, "
            "radiant_intensity_mw_sr: 5, profile: {angle_deg: [10, 0], intensity: [1, 1]}, source_mm: 0.3, "
            "pulse_us: 500, rate_hz: 30}}}",
        ),
        ["must start at 0", "got 10, 0", "mine.yaml: leds.one.emitter.profile"],
    ),
    "a region twice": (
        HEADSET.replace("sees: [mouth]", "sees: [mouth, mouth]"),
        ["`sees` must name each region once", "camera 'front'", "mouth, mouth", "mine.yaml"],
    ),
    "focal length": (HEADSET.replace("fx_px: 60", "fx_px: -60"), ["fx_px", "-60", "mine.yaml"]),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("command", [("headset", "validate"), ("render",)])
def test_bad_headset_files(
    case: str, command: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text, fragments = FILES[case]
    Path("mine.yaml").write_text(text)
    _check(run(*command, "mine.yaml"), fragments)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


@pytest.mark.parametrize("command", [("render", "refa_green", "--identity-seed", "1"), ("gallery", "refa_green")])
def test_bad_looks_files(command: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("looks.yaml").write_text("eyes: {iris_albdo: {mean: 0.3}}")
    _check(run(*command, "--looks", "looks.yaml"), ["iris_albdo", "iris_albedo", "looks.yaml: eyes"])
    assert [path.name for path in tmp_path.iterdir()] == ["looks.yaml"]


def test_an_empty_study_file_is_not_analysed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "study.db").touch()
    _check(run("search", "--analyse", tmp_path), ["there must be a study", str(tmp_path), "none"])


def test_the_safety_of_visible_leds_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        HEADSET.replace("{850: 0.2}", "{650: 0.4}").replace(
            "leds: {}",
            "leds: {red: {position_mm: [0, 20, 50], look_at_mm: [0, 0, 0], emitter: {wavelength_nm: 650, fwhm_nm: 20, "
            "radiant_intensity_mw_sr: 5, half_angle_deg: 60, source_mm: 0.3, pulse_us: 500, rate_hz: 30}}}",
        )
    )
    _check(run("safety", tmp_path / "mine.yaml"), ["780 <= wavelength_nm <= 1400", "650", "red", "mine"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_the_sound_file_of_these_cases_is_valid(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(HEADSET)
    result = run("headset", "validate", tmp_path / "mine.yaml")
    assert result.exit_code == 0, result.stderr
    assert "valid, 1 camera, 0 LEDs" in result.stdout


@pytest.mark.parametrize("command", [TINY, NOMINAL, ("demo", "--identities", "1"), ("faces", "show")])
@pytest.mark.parametrize("place", ["a file", "below a file", "/proc/hmcsim"])
def test_an_output_folder_that_cannot_be_written_is_refused_at_once(
    command: tuple[str, ...], place: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("kept")
    target = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "x"}.get(place, Path(place))

    def no_work() -> None:
        pytest.fail("the work began")

    for module in ("run_score", "run_render"):
        monkeypatch.setattr(f"hmcsim.cli.{module}.load_head", no_work)
    monkeypatch.setattr("hmcsim.cli.load_head.load_head", no_work)
    _check(run(*command, "--out", target), [str(target)])
    assert (tmp_path / "file").read_text() == "kept"


def test_a_disk_that_fills_up_leaves_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    _check(run(*NOMINAL, "--out", tmp_path / "frames"), ["frames", "No space left"])
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_ends_cleanly(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hmcsim.cli.run_render.render_to_folder", interrupt)
    result = run(*NOMINAL, "--out", tmp_path / "frames")
    assert result.exit_code == 130
    assert result.stderr.strip() == "hmcsim: interrupted"
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_keeps_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a bug, not a user's mistake")

    monkeypatch.setattr("headsets.list_headsets", broken)
    assert isinstance(run("headset", "list").exception, ValueError)


def _check(result: object, fragments: list[str]) -> None:
    assert result.exit_code == 2, result.output  # type: ignore[attr-defined]
    error = result.stderr  # type: ignore[attr-defined]
    assert error.startswith("hmcsim: error: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    for fragment in fragments:
        assert fragment in error
