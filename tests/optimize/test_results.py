"""Files that a search leaves: they load, validate, and say what the headset is."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from headsets import dump_headset, load_headset, validate
from headsets.build import SHIPPED
from headsets.schema.parts import EmitterPart
from optimize.errors import OptimizeError
from optimize.results.front import pareto_front
from optimize.results.layout_file import write_layout
from optimize.results.write import study_space, write_results
from optimize.space.space import space_of
from optimize.study.run import Search, Where, prepare, run
from optimize.study.storage import open_storage, storage_url
from tests.optimize.search_cases import HEAD, faces, green, part, settings

OPTIONAL = {
    "cameras": {"glabella": {"mount": "above", "tilt_deg": [-20, 20], "optional": True}},
    "leds": {"eye_left_a": {"current": [0.5, 2], "optional": True}},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Path]:
    """A finished search with parts that may be off, and what it wrote."""
    folder = tmp_path_factory.mktemp("search")
    search = prepare(green(), part(**OPTIONAL), HEAD, settings("power_mw", "cameras"), Where(folder), 14, faces=faces())
    run(search)
    out = folder / "out"
    out.mkdir()
    write_results(search.study, search.space, search.objectives, out, {"command": "hmcsim search"})
    return search, out


def test_every_layout_of_the_front_loads_and_is_that_of_its_trial(found: tuple[Search, Path]) -> None:
    search, out = found
    front = pareto_front(search.study)
    stems = {f"trial_{trial.number:04d}" for trial in front}
    assert {path.name for path in (out / "pareto").iterdir()} == {
        f"{s}.{e}" for s in stems for e in ("yaml", "csv", "glb")
    }
    assert any(not trial.params["leds.eye_left_a.on"] for trial in front)
    for trial in front:
        path = out / "pareto" / f"trial_{trial.number:04d}.yaml"
        headset = validate(path)
        built = search.space.build(search.space.layout(trial.params))
        assert list(headset.cameras) == list(built.cameras)
        assert list(headset.leds) == list(built.leds)
        assert ("eye_right_a" in headset.leds) == trial.params["leds.eye_left_a.on"]
        for name, camera in built.cameras.items():
            np.testing.assert_allclose(
                headset.cameras[name].T_device_camera.as_matrix(), camera.T_device_camera.as_matrix(), atol=1e-12
            )
        for name, led in built.leds.items():
            assert headset.leds[name].radiant_intensity_w_sr == led.radiant_intensity_w_sr
        assert headset.shell is not None
        assert f"Trial {trial.number} of the search" in headset.note
        if trial.params["leds.eye_left_a.on"] or trial.params["cameras.glabella.on"]:
            space_of(headset)  # and it can be searched again


def test_poses_in_the_table_are_the_headsets(found: tuple[Search, Path]) -> None:
    _, out = found
    path = next((out / "pareto").glob("*.csv"))
    headset = load_headset(str(path.with_suffix(".yaml")))
    rows = list(csv.DictReader(path.open()))
    assert [row["name"] for row in rows] == [*headset.cameras, *headset.leds]
    for row in rows:
        part_ = headset.cameras.get(row["name"]) or headset.leds[row["name"]]
        pose = part_.T_device_camera if row["part"] == "camera" else part_.T_device_led
        read = RigidTransform.from_components(
            [float(row[k]) * 1e-3 for k in ("x_mm", "y_mm", "z_mm")],
            Rotation.from_quat([float(row[k]) for k in ("qw", "qx", "qy", "qz")], scalar_first=True),
        )
        np.testing.assert_allclose(read.as_matrix(), pose.as_matrix(), atol=3e-6)
        axis = [float(row[k]) for k in ("axis_x", "axis_y", "axis_z")]
        np.testing.assert_allclose(axis, pose.rotation.as_matrix()[:, 2], atol=1e-6)


def test_the_solid_has_every_part_where_it_is_in_metres(found: tuple[Search, Path]) -> None:
    _, out = found
    path = next((out / "pareto").glob("*.glb"))
    headset = load_headset(str(path.with_suffix(".yaml")))
    scene = trimesh.load(path)
    assert isinstance(scene, trimesh.Scene)
    nodes = set(scene.graph.nodes_geometry)
    assert nodes == {
        "shell", "lens_barrels", *(f"camera {n}" for n in headset.cameras), *(f"LED {n}" for n in headset.leds),
    }  # fmt: skip
    for name, camera in headset.cameras.items():
        T, geometry = scene.graph[f"camera {name}"]
        np.testing.assert_allclose(T, camera.T_device_camera.as_matrix(), atol=1e-6)
        base = scene.geometry[geometry].vertices.mean(axis=0)
        assert base[2] > 0  # it opens the way the camera looks
    assert 0.15 < np.ptp(scene.bounds[:, 0]) < 0.18  # the visor is 164 mm wide


def test_the_table_has_every_trial(found: tuple[Search, Path]) -> None:
    search, out = found
    rows = list(csv.DictReader((out / "trials.csv").open()))
    trials = search.study.get_trials()
    assert len(rows) == len(trials) == 14
    front = {trial.number for trial in pareto_front(search.study)}
    for row, trial in zip(rows, trials, strict=True):
        assert int(row["trial"]) == trial.number
        assert (row["pareto"] == "1") == (trial.number in front)
        assert float(row["power_mw"]) == pytest.approx(trial.values[0], rel=1e-8)
        assert float(row["cameras.glabella.tilt_deg"]) == pytest.approx(trial.params["cameras.glabella.tilt_deg"])
        assert row["leds.eye_left_a.on"] == str(trial.params["leds.eye_left_a.on"]).lower()
        assert float(row["margin.glasses"]) == pytest.approx(trial.user_attrs["hmcsim"]["margins"]["glasses"][0])


def test_a_study_is_analysed_from_its_storage_alone(found: tuple[Search, Path], tmp_path: Path) -> None:
    search, out = found
    storage = open_storage(storage_url(None, out.parent))
    study = optuna.load_study(study_name="refa_green", storage=storage)
    space, objectives = study_space(study, None)  # the mesh is among those shipped
    write_results(study, space, objectives, tmp_path, {"command": "hmcsim search"})
    for path in sorted(out.rglob("*")):
        if path.is_file():
            assert (tmp_path / path.relative_to(out)).read_bytes() == path.read_bytes(), path.name
    summary = json.loads((tmp_path / "search.json").read_text())
    assert summary["trials"]["finished"] == 14
    assert len(summary["pareto"]) == len(pareto_front(search.study))


def test_own_meshes_are_copied_beside_the_layout(tmp_path: Path) -> None:
    (tmp_path / "home" / "cad").mkdir(parents=True)
    mesh = tmp_path / "home" / "cad" / "mine.stl"
    mesh.write_bytes((SHIPPED / "shells" / "visor.stl").read_bytes())
    text = dump_headset(green()).replace("shells/visor.stl", "cad/mine.stl")
    (tmp_path / "home" / "mine.yaml").write_text(text)
    headset = load_headset(str(tmp_path / "home" / "mine.yaml"))
    (tmp_path / "out").mkdir()
    where = Where(tmp_path / "out")
    search = prepare(headset, part(), HEAD, settings("leds"), where, 1, faces=faces())
    run(search)
    write_results(search.study, search.space, search.objectives, tmp_path / "out", {})
    mesh.write_bytes(trimesh.creation.box((0.1, 0.1, 0.1)).export(file_type="stl"))
    with pytest.raises(OptimizeError, match=r"cad/mine\.stl: \"[0-9a-f]{16}\" then, \"[0-9a-f]{16}\" now"):
        prepare(headset, part(), HEAD, settings("leds"), replace(where, resume=True), 2, faces=faces())
    mesh.unlink()
    again = load_headset(str(tmp_path / "out" / "pareto" / "trial_0000.yaml"))
    assert again.shell is not None
    assert again.shell.source == "mine.stl"
    np.testing.assert_array_equal(again.shell.vertices, green().shell.vertices)


def test_profiles_of_one_name_from_two_folders_stay_apart(tmp_path: Path) -> None:
    text = "IESNA:LM-63-1995\nTILT=NONE\n1,-1,1,3,1,1,1,0,0,0\n1,1,1\n0,45,90\n0\n10,{},0\n"
    texts = {"narrow": text.format(2), "wide": text.format(7)}
    for folder, profile in texts.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "led.ies").write_text(profile)
    spec = green().spec
    assert spec is not None
    chip = spec.emitters["chip_850"].model_dump(mode="python", exclude_unset=True)
    chip = {key: value for key, value in chip.items() if key not in ("half_angle_deg", "lambertian_order")}
    emitters = {
        name: EmitterPart.model_validate({**chip, "profile": f"{folder}/led.ies"})
        for name, folder in (("chip_850", "narrow"), ("other", "wide"))
    }
    (tmp_path / "out").mkdir()
    mine = spec.model_copy(update={"emitters": emitters, "search": None})
    write_layout(mine, tmp_path / "mine.yaml", tmp_path / "out" / "found.yaml")
    again = load_headset(str(tmp_path / "out" / "found.yaml")).spec
    assert again is not None
    for name, folder in (("chip_850", "narrow"), ("other", "wide")):
        assert (tmp_path / "out" / str(again.emitters[name].profile)).read_text() == texts[folder]
