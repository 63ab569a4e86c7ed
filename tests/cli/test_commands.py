"""Every command at a tiny size."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hmcsim.cli.main import main
from hmcsim.safety_result import SafetyConfig
from sim.metrics.config import ScoreConfig
from sim.metrics.result import COVERAGE, METRICS
from tests.cli.conftest import Run
from tests.cli.test_bad_input import HEADSET

CAMERAS = ["eye_left", "eye_right", "mouth_left", "mouth_right", "glabella"]
TINY = ("--identities", 1, "--donnings", 1, "--expressions", "neutral,smile,jaw_drop", "--workers", 1)


def test_help_of_every_command_has_examples(run: Run) -> None:
    leaves = [("score",), ("search",), ("render",), ("safety",), ("demo",)]
    leaves += [("headset", name) for name in ("list", "show", "validate")] + [
        ("faces", name) for name in ("check", "show")
    ]
    for leaf in leaves:
        text = run(*leaf, "--help")
        assert text.exit_code == 0
        assert f"Examples:\n    hmcsim {' '.join(leaf)}" in text.stdout


def test_help_states_the_defaults_that_scores_have(run: Run) -> None:
    text = " ".join(run("score", "--help").stdout.split())
    config = ScoreConfig()
    for option in ("identities", "expressions", "donnings", "seed"):
        described = re.search(rf"--{option} .*?\[default: (\w+)\]", text)
        assert described is not None
        assert described[1] == str(getattr(config, option))


def test_help_states_the_defaults_that_safety_has(run: Run) -> None:
    text = " ".join(run("safety", "--help").stdout.split())
    for option, value in asdict(SafetyConfig()).items():
        described = re.search(rf"--{option} .*?\[default: (\w+)\]", text)
        assert described is not None
        assert described[1] == str(value)


def test_help_loads_nothing_heavy() -> None:
    heavy = "[m for m in ('numpy', 'warp', 'rich') if m in sys.modules]"
    code = f"import sys; from hmcsim.cli.main import main; print({heavy})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_version(run: Run) -> None:
    assert re.fullmatch(r"hmcsim, version \d+\.\d+\.\d+\S*\n", run("--version").stdout)


def test_headset_list_and_show(run: Run) -> None:
    names = run("headset", "list").stdout
    for name in ("refa_green", "refa_orange", "refa_red", "refa_groundtruth", "ufe", "wei2019"):
        assert name in names
    shown = run("headset", "show", "refa_green").stdout
    assert all(camera in shown for camera in CAMERAS)
    assert "mW/sr" in shown


def test_render_writes_pictures_and_buffers(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "frame"
    result = run(
        *("render", "refa_green", "--expression", "jawOpen=0.7,smile", "--gaze", "-10,5"),
        *("--donning", "-1,2,0,1,0,0", "--identity-seed", 4, "--out", out),
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == str(out / "eye_left.png")
    assert sorted(p.name for p in out.iterdir()) == sorted([*(f"{c}.png" for c in CAMERAS), "frame.npz", "frame.json"])
    record = json.loads((out / "frame.json").read_text())
    assert record["expression"]["jawOpen"] == 0.7
    assert record["gaze_deg"] == pytest.approx([-10, 5])
    with np.load(out / "frame.npz", allow_pickle=False) as frame:
        assert list(frame["cameras"]) == CAMERAS
        assert frame["keypoints_head"].shape == (100, 3)
        for camera in CAMERAS:
            radiance = frame[f"{camera}/radiance"]
            assert radiance.shape == (400, 400)
            assert radiance.dtype == np.float32
            assert frame[f"{camera}/normal"].shape == (400, 400, 3)
            assert set(np.unique(frame[f"{camera}/region"])) <= set(range(-2, len(frame["region_labels"])))
            assert np.isfinite(frame[f"{camera}/depth"]).mean() > 0.2
            _check_picture(out / f"{camera}.png", frame[f"{camera}/dn"], record["cameras"][camera])
            assert np.corrcoef(frame[f"{camera}/dn"].ravel(), np.minimum(radiance, 3.0).ravel())[0, 1] > 0.6
        _check_keypoints(frame)


def _check_picture(path: Path, dn: np.ndarray, record: dict[str, float]) -> None:
    picture = Image.open(path)
    assert picture.mode == "L"
    assert dn.dtype == np.uint16
    assert dn.max() < 1024
    np.testing.assert_array_equal(np.array(picture), dn // 4)
    for key in ("exposure_us", "gain"):
        assert float(picture.text[key]) == record[key]  # type: ignore[attr-defined]
    assert 20.0 <= record["exposure_us"] <= 500.0
    assert record["bits"] == 10


def test_render_takes_the_picture_as_told(run: Run, tmp_path: Path) -> None:
    from faces import load_head_model
    from headsets import load_headset
    from hmcsim.rendering import PICTURE_SETTINGS
    from sim.drive import Drive, driven
    from sim.render import Renderer
    from sim.render.ambient import Ambient
    from sim.sensor import capture

    options = ("--exposure", 100, "--current", 4, "--ambient", 5, "--seed", 3)
    result = run("render", "refa_green", "--out", tmp_path, *options)
    assert result.exit_code == 0, result.output
    head, headset = load_head_model(), driven(load_headset("refa_green"), Drive(current=4.0))
    mesh, renderer = head.mesh(head.neutral_identity()), Renderer(settings=PICTURE_SETTINGS)

    def numbers(seed: int, **other: object) -> np.ndarray:
        shots = capture(renderer, headset, mesh, seed=seed, exposure_us=100.0, cameras=["mouth_left"], **other)  # type: ignore[arg-type]
        return shots["mouth_left"].dn

    with np.load(tmp_path / "frame.npz") as frame:
        dn = frame["mouth_left/dn"]
    np.testing.assert_array_equal(dn, numbers(3, ambient=Ambient.even(5.0)))
    assert (dn != numbers(0, ambient=Ambient.even(5.0))).mean() > 0.3
    assert dn.mean() > numbers(3).mean() + 1
    record = json.loads((tmp_path / "frame.json").read_text())
    assert record["cameras"]["mouth_left"]["exposure_us"] == 100.0
    assert (record["current"], record["ambient_W_per_m2"], record["seed"], record["noise"]) == (4.0, 5.0, 3, True)
    assert "white_W_per_m2_sr" not in record


def _check_keypoints(frame: np.lib.npyio.NpzFile) -> None:
    """Oracle: OpenCV's fisheye model, on the calibration that the file itself carries."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV is the oracle")
    from headsets import load_headset

    camera = load_headset("refa_green").cameras["eye_left"]
    lens = camera.lens
    to_camera = np.linalg.inv(frame["eye_left/T_device_camera"]) @ frame["T_device_head"]
    points = frame["keypoints_head"] @ to_camera[:3, :3].T + to_camera[:3, 3]
    front = points[:, 2] > 0.2 * np.linalg.norm(points, axis=1)
    matrix = np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1]])
    expected = cv2.fisheye.projectPoints(points[front][None], np.zeros(3), np.zeros(3), matrix, np.array(lens.k))[0][0]
    assert front.sum() > 10
    np.testing.assert_allclose(frame["eye_left/keypoints_px"][front], expected, atol=1e-3)


def test_render_with_buffers_adds_the_others_and_their_pictures(run: Run, tmp_path: Path) -> None:
    result = run("render", "refa_green", "--buffers", "--white", 5, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    for kind in ("depth", "normal", "region"):
        assert Image.open(tmp_path / f"glabella.{kind}.png").size == (400, 400)
    with np.load(tmp_path / "frame.npz") as frame:
        for buffer in ("triangle", "barycentric", "albedo", "irradiance", "valid"):
            assert f"glabella/{buffer}" in frame
    assert json.loads((tmp_path / "frame.json").read_text())["white_W_per_m2_sr"] == 5
    picture = Image.open(tmp_path / "glabella.radiance.png")
    assert float(picture.text["white_W_per_m2_sr"]) == 5  # type: ignore[attr-defined]
    with np.load(tmp_path / "frame.npz") as frame:
        dark = np.rint(255 * 12.92 * frame["glabella/radiance"] / 5) == 0
    assert np.array_equal(np.array(picture) == 0, dark)


def test_score_writes_scores_configuration_and_report(run: Run, tmp_path: Path) -> None:
    result = run("score", "refa_green", "refa_red", *TINY, "--out", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "s").iterdir()) == ["config.json", "report.html", "scores.json"]
    for text in ("refa_green", "refa_red", "paper", "0.508", "glabella", str(tmp_path / "s" / "report.html")):
        assert text in result.stdout
    scores = json.loads((tmp_path / "s" / "scores.json").read_text())
    assert set(scores) == {"schema_version", "config", "headsets"}
    assert list(scores["headsets"]) == ["refa_green", "refa_red"]
    for headset in scores["headsets"].values():
        assert set(headset["regions"]) == {"eye", "mouth", "glabella"}
        assert list(headset["cameras"]) == CAMERAS
        for metrics in headset["regions"].values():
            assert set(metrics) == {*METRICS, COVERAGE}
            assert set(metrics) >= {"visibility", "range_of_motion", "visibility_seen", "visible_fraction"}
            for statistic in metrics.values():
                assert set(statistic) == {"mean", "sd", "p5"}
    config = json.loads((tmp_path / "s" / "config.json").read_text())
    assert config["command"].startswith("hmcsim score refa_green refa_red --identities=1")
    assert set(config["headsets"]) == {"refa_green", "refa_red"}
    assert config["headsets"]["refa_green"]["cameras"]["mouth_left"]["mirror"] == "mouth_right"


def test_the_recorded_command_is_one_that_runs(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "s"
    assert run("score", "refa_green", *TINY, "--seed", 3, "--out", out).exit_code == 0
    words = json.loads((out / "config.json").read_text())["command"].split()
    assert words[0] == "hmcsim"
    context = main.commands["score"].make_context("score", words[2:])
    assert context.params["seed"] == 3
    assert context.params["expressions"] == "neutral,smile,jaw_drop"


def test_faces_show(run: Run, tmp_path: Path) -> None:
    result = run("faces", "show", "--expressions", "neutral,smile", "--wearers", 1, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    pixels = np.array(Image.open(tmp_path / "faces.png"))
    assert pixels.shape[1] == 2 * 260
    assert (pixels > 60).mean() > 0.2
    middle = pixels.shape[0] // 2
    assert np.abs(pixels[:middle, :260].astype(int) - pixels[:middle, 260:]).max() > 50, "a smile must show"


def test_faces_check_prints_ours_beside_the_survey(run: Run) -> None:
    result = run("faces", "check", "--samples", 60)
    assert result.exit_code in (0, 1), result.output
    for text in ("bizygomatic breadth", "interpupillary distance", "NIOSH", "143.9 ± 6.9", "60 adults of each sex"):
        assert text in result.stdout


def test_safety_prints_a_table_that_calls_itself_an_estimate(run: Run) -> None:
    result = run("safety", "ufe", "--identities", 1, "--donnings", 2)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for fragment in (
        *("corneal irradiance, worst", "retinal radiance, worst LED", "stuck on", "Largest current", "left eye"),
        *("62471:2006, 4.3.7", "62471:2006, 4.3.6", "62471:2006, 4.3.5", "6.1.1", "ICNIRP 2013", "100 W/m²"),
        *("An estimate", "not an assessment", "nearer than 100 mm", "eye_", "1 × 2 × 25", "seed 0"),
    ):
        assert fragment in text


def test_safety_in_json_has_the_figures_of_the_table(run: Run) -> None:
    arguments = ("safety", "refa_green", "--identities", 1, "--donnings", 2, "--seed", 3)
    data = json.loads(run(*arguments, "--json").stdout)
    assert data["config"] == {"identities": 1, "donnings": 2, "seed": 3}
    assert "estimate" in data["note"]
    assert [(e["eye"], e["mode"]) for e in data["exposures"]][:2] == [("left", "normal"), ("right", "normal")]
    text = run(*arguments).stdout
    for exposure in data["exposures"]:
        assert f"{exposure['worst_w_m2']:.3g} W/m²" in text
        assert exposure["source"]["leds"][0] in text
    stuck = [e for e in data["exposures"] if e["mode"] == "stuck_on"]
    share = max(max(e["corneal_share"], e["retinal_share"]) for e in stuck)
    assert data["largest_current"]["stuck_on"]["factor"] == pytest.approx(1 / share)
    assert data["largest_current"]["stuck_on"]["radiant_intensity_mw_sr"] == pytest.approx([8 / share])


def test_safety_without_leds_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(HEADSET)
    result = run("safety", tmp_path / "mine.yaml", "--identities", 1)
    assert result.exit_code == 0, result.stderr
    assert "no LEDs: there is nothing to assess" in " ".join(result.stdout.split())
    assert json.loads(run("safety", tmp_path / "mine.yaml", "--identities", 1, "--json").stdout)["exposures"] == []
