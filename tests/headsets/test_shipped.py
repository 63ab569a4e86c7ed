"""The shipped headsets: what they consist of, and that their parts do not collide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from headsets import Headset, list_headsets, load_headset
from headsets.build import SHIPPED
from headsets.clearance import clearances, shell_distance
from headsets.describe import field_of_view
from headsets.shells.visor import SHIPPED as VISORS
from headsets.shells.visor import Visor, stl_bytes, write_shipped

CAMERAS = {"refa_green": 5, "refa_orange": 5, "refa_red": 5, "refa_groundtruth": 10, "ufe": 8, "wei2019": 12}
TRACKING = ["eye_left", "eye_right", "mouth_left", "mouth_right", "glabella"]
CLEAR_M = 0.003
IPD_CONFLICTS = {("refa_orange", "glabella"), ("refa_red", "glabella")}
"""Cameras that the barrels reach at the smallest IPD: why REFA rejects these layouts (docs/scores.md)."""


@pytest.fixture(params=sorted(CAMERAS))
def headset(request: pytest.FixtureRequest) -> Headset:
    return load_headset(request.param)


def test_the_list_is_complete() -> None:
    assert set(CAMERAS) <= set(list_headsets())


def test_cameras_and_notes(headset: Headset) -> None:
    assert len(headset.cameras) == CAMERAS[headset.name]
    assert "no positions" in headset.note
    assert headset.name == Path(headset.source or "").stem
    size = (640, 480) if headset.name == "wei2019" else (400, 400)
    assert all((c.width_px, c.height_px) == size for c in headset.cameras.values())
    rate = 72 if headset.name == "ufe" else 30
    assert all(c.sensor.frame_rate_hz == rate for c in headset.cameras.values())


def test_refa_layouts_share_one_lens_and_eight_leds() -> None:
    layouts = [load_headset(f"refa_{colour}") for colour in ("green", "orange", "red")]
    assert len({c.lens for layout in layouts for c in layout.cameras.values()}) == 1
    for layout in layouts:
        assert list(layout.cameras) == TRACKING
        assert len(layout.leds) == 8
        assert 100 <= np.rad2deg(field_of_view(layout.cameras["glabella"])[0]) <= 131


def test_ground_truth_headset_carries_the_green_tracking_cameras() -> None:
    green, both = load_headset("refa_green"), load_headset("refa_groundtruth")
    assert list(both.cameras)[:5] == TRACKING
    assert set(both.cameras) - set(TRACKING) == {
        "boom_left",
        "boom_right",
        "eye_gt_left",
        "eye_gt_right",
        "glabella_gt",
    }
    for name in TRACKING:
        np.testing.assert_allclose(
            both.cameras[name].T_device_camera.as_matrix(), green.cameras[name].T_device_camera.as_matrix()
        )


def test_every_part_clears_shell_barrels_display_and_glasses(headset: Headset) -> None:
    for entry in clearances(headset):
        assert set(entry.distances_m) == {"shell", "lens_barrels", "display", "glasses"}
        obstacle, distance = entry.nearest
        if (headset.name, entry.name) in IPD_CONFLICTS:
            assert obstacle == "lens_barrels"
            continue
        assert distance >= CLEAR_M, f"{entry.name} is {distance * 1e3:.1f} mm from {obstacle}"


def test_cameras_keep_apart(headset: Headset) -> None:
    """Modules are some 5 mm across."""
    positions = np.array([c.position for c in headset.cameras.values()])
    gap = np.linalg.norm(positions[:, None] - positions, axis=-1) + np.eye(len(positions))
    assert gap.min() > 0.006


def test_the_shell_does_not_hide_the_target_from_any_camera_or_led(headset: Headset) -> None:
    """Rays along the optical axes reach a face-like depth without meeting the housing."""
    assert headset.shell is not None
    mesh = trimesh.Trimesh(headset.shell.vertices, headset.shell.triangles, process=False)
    spec = headset.spec
    assert spec is not None
    for name, part in {**spec.cameras, **spec.leds}.items():
        start, end = np.array(part.position_mm) * 1e-3, np.array(part.look_at_mm) * 1e-3
        hits, _, _ = mesh.ray.intersects_location([start], [end - start])
        along = (hits - start) @ (end - start) / ((end - start) @ (end - start))
        assert not ((along > 0) & (along < 1)).any(), name


def test_shell_distance_against_a_dense_sampling() -> None:
    shell = load_headset("refa_green").shell
    assert shell is not None
    points = np.random.default_rng(0).uniform(-0.08, 0.08, (50, 3))
    mesh = trimesh.Trimesh(shell.vertices, shell.triangles, process=False)
    samples, _ = trimesh.sample.sample_surface(mesh, 200_000, seed=1)
    slow = np.array([np.linalg.norm(samples - p, axis=-1).min() for p in points])
    np.testing.assert_allclose(shell_distance(shell, points), slow, atol=1.5e-3)
    assert (shell_distance(shell, points) <= slow + 1e-9).all()


def test_shipped_visors_are_what_the_generator_makes(tmp_path: Path) -> None:
    write_shipped(tmp_path)
    for name in VISORS:
        assert (tmp_path / name).read_bytes() == (SHIPPED / "shells" / name).read_bytes(), name


def test_visor_is_symmetric_open_at_the_rear_and_below() -> None:
    mesh = Visor().mesh()
    flipped = mesh.vertices * (-1, 1, 1)
    assert np.abs(flipped[:, None] - mesh.vertices[None]).sum(-1).min(1).max() < 1e-6
    assert mesh.vertices[:, 2].max() == 60
    inside = np.array([[30.0, -38.0, 44.0]])
    down, up, ahead, back = [[0, -1, 0]], [[0, 1, 0]], [[0, 0, 1]], [[0, 0, -1]]
    hit = [bool(mesh.ray.intersects_any(inside, d)[0]) for d in (down, up, ahead, back)]
    assert hit == [False, True, True, False]
    assert (mesh.area_faces > 0.01).all()
    assert len(stl_bytes(Visor())) < 100_000
