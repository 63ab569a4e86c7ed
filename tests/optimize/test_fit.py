"""The fit itself: its judgements agree with the scores, its edits keep a file's text, and it finds a known pose."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from headsets import HeadsetError, load_headset
from optimize.camera_fit import CLEARANCE_M, CameraProblem
from optimize.fit_published import lens_of_fov, write_specs
from optimize.judge import Surroundings, camera_scores, framed_margin_px, pose_matrix
from optimize.mounts import MOUNTS, Mount
from optimize.spec_edit import set_camera_pose, set_lens_focal
from optimize.wearers import collect
from sim.metrics import ScoreConfig, score
from sim.metrics.clearance import camera_rooms
from tests.faces.ellipsoid_head import EllipsoidHead

CONFIG = ScoreConfig(identities=3, donnings=2, points_per_region=8, heat_map_samples=0)
REGIONS = ("eye_left", "eye_right", "mouth", "glabella")


@pytest.fixture(scope="module")
def green():
    return load_headset("refa_green")


@pytest.fixture(scope="module")
def wearers(green):
    return collect(EllipsoidHead(), green.donning, REGIONS, CONFIG)


def test_quick_judgements_are_the_scores(green, wearers):
    result = score([green], EllipsoidHead(), CONFIG, workers=1).headsets["refa_green"]
    for camera in green.cameras.values():
        (region,) = camera.sees
        pose = camera.T_device_camera.as_matrix()
        v, m = camera_scores(camera.lens, pose, wearers.regions[region], wearers.device_head)
        statistic = result.camera(camera.name)[region]
        assert v == pytest.approx(statistic["visibility"].mean, abs=1e-12)
        assert m == pytest.approx(statistic["range_of_motion"].mean, rel=1e-12)


def test_quick_clearances_are_close_to_the_exact(green, wearers):
    rooms = camera_rooms(green, EllipsoidHead(), CONFIG)
    surroundings = Surroundings.of(green, wearers)
    for camera in green.cameras.values():
        quick, room = surroundings.clearances(camera.position), rooms[camera.name]
        # Distances to the ellipsoid's vertices, some 5 mm apart, exceed those to its surface.
        assert room.face_m - 1e-6 <= quick["face"] <= room.face_m + 1.5e-3
        assert quick["shell"] == pytest.approx(room.shell_m, abs=1e-4)
        assert quick["glasses"] == pytest.approx(room.glasses_m, abs=1e-9)


def test_framing_margin_has_the_sign_of_the_share(green, wearers):
    camera = green.cameras["mouth_left"]
    region = wearers.regions["mouth"]
    middle = region.to_frame.mean(axis=(0, 1, 2))
    for sideways in (0.0, 0.03, 0.06, 0.2):
        pose = pose_matrix(camera.position, middle + np.array([sideways, 0, 0]))
        margin = framed_margin_px(camera.lens, pose, region, wearers.device_head, 0.8)
        shares = []
        for i, donned in enumerate(wearers.device_head):
            for T in donned:
                for face in region.to_frame[i]:
                    points = (face @ T[:3, :3].T + T[:3, 3] - pose[:3, 3]) @ pose[:3, :3]
                    pixels, valid = camera.lens.project(points)
                    shares.append(np.mean(valid & (np.abs(pixels - 199.5) < 200).all(-1)))
        if abs(margin) > 3:
            assert (margin > 0) == (np.percentile(shares, 5) >= 0.8), sideways


def test_finds_a_pose_again(green, wearers):
    """Scores of a known pose, its position as the mount: the fit comes back with them and breaks no rule."""
    lens = green.cameras["glabella"].lens
    at = (0.0, 40.0, 48.0)
    region = wearers.regions["glabella"]
    target = camera_scores(
        lens, pose_matrix(np.array(at) / 1e3, np.array([0, 0.01, 0.01])), region, wearers.device_head
    )
    mount = Mount(at, (0, 30, 42), (0, 44, 54))
    problem = CameraProblem.of(green, "glabella", mount, lens, wearers, target)
    found = problem.solve()
    assert found.visibility == pytest.approx(target[0], abs=0.006)
    assert found.range_of_motion == pytest.approx(target[1], rel=0.06)
    assert found.position_mm[0] == found.look_at_mm[0] == 0
    assert min(found.clearances_mm[name] for name in ("face", "glasses", "shell", "ipd")) >= CLEARANCE_M * 1e3
    assert found.margin_px > 0


def test_mounts_fit_the_layouts_they_are_for():
    for layout, mounts in MOUNTS.items():
        headset = load_headset(layout)
        originals = {name for name, camera in headset.cameras.items() if camera.mirror_of is None}
        assert set(mounts) == originals
        for mount in mounts.values():
            assert all(lo <= at <= hi for lo, at, hi in zip(mount.low, mount.start, mount.high, strict=True))


def test_lens_of_a_field_of_view_spans_it(green):
    lens = lens_of_fov(green.cameras["glabella"].lens, 120.0)
    edge = lens.unproject([lens.width_px - 0.5, lens.cy_px])
    assert np.degrees(np.arctan2(edge[0], edge[2])) == pytest.approx(60, abs=0.05)


def test_editing_a_file_changes_numbers_alone(green):
    text = green.source.read_text(encoding="utf-8")
    edited = set_camera_pose(text, "mouth_left", (1.5, -2.0, 3.1), (4.0, 5.2, 6.0))
    changed = [(a, b) for a, b in zip(text.splitlines(), edited.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert "position_mm: [1.5, -2, 3.1], look_at_mm: [4, 5.2, 6]" in changed[0][1]
    assert "fx_px: 151.5," in set_lens_focal(text, "wide", 151.5)
    assert set_lens_focal(set_lens_focal(text, "wide", 151.5), "wide", green.cameras["glabella"].lens.fx_px) == text
    with pytest.raises(HeadsetError, match=r"cameras\.nose"):
        set_camera_pose(text, "nose", (0, 0, 0), (0, 0, 1))
    with pytest.raises(HeadsetError, match=r"lenses\.narrow"):
        set_lens_focal(text, "narrow", 100)


def test_written_specs_load_with_the_fitted_poses(green, wearers, tmp_path):
    folder = green.source.parent
    for name in ("refa_green", "refa_orange", "refa_red", "refa_groundtruth"):
        (tmp_path / f"{name}.yaml").write_text((folder / f"{name}.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "shells").symlink_to(folder / "shells")
    lens = green.cameras["glabella"].lens
    fit = {}
    for layout, mounts in MOUNTS.items():
        for camera, mount in mounts.items():
            problem = CameraProblem.of(load_headset(layout), camera, mount, lens, wearers, (0.3, 5.0))
            spec = load_headset(layout).spec.cameras[camera]
            x = np.array([*spec.position_mm, *spec.look_at_mm[:2]])[[1, 2, 4] if camera == "glabella" else slice(None)]
            fit.setdefault(layout, {})[camera] = problem.report(x + 0.3)
    write_specs(fit, dataclasses.replace(lens, fx_px=150.0, fy_px=150.0), tmp_path)
    for layout in MOUNTS:
        written = load_headset(str(tmp_path / f"{layout}.yaml"))
        for camera, pose in fit[layout].items():
            assert written.cameras[camera].lens.fx_px == 150.0
            np.testing.assert_allclose(written.cameras[camera].position * 1e3, pose.position_mm, atol=1e-9)
