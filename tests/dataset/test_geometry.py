"""Labels against OpenCV's and Usenko's projections, Embree's rays, and each other."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from sim.dataset.frame import FrameMaker, files_of


def labels(data: Path) -> list[dict[str, Any]]:
    out = []
    for path in sorted(data.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".label.json"):
                    out.append(json.load(tar.extractfile(member)))
    return out


def projected(calibration: dict[str, Any], points: np.ndarray) -> np.ndarray:
    """(K, 2) pixels of device-frame points, by OpenCV or, for the double sphere, its paper; NaN behind the camera."""
    lens, T = calibration["lens"], np.linalg.inv(calibration["T_device_camera"])
    p = points @ T[:3, :3].T + T[:3, 3]
    K = np.array([[lens["fx_px"], 0, lens["cx_px"]], [0, lens["fy_px"], lens["cy_px"]], [0, 0, 1]])
    zero = np.zeros(3)
    if lens["model"] == "kannala_brandt4":
        out = cv2.fisheye.projectPoints(p[:, None], zero, zero, K, np.array(lens["k"]))[0][:, 0]
    elif lens["model"] == "double_sphere":
        xi, alpha = lens["xi"], lens["alpha"]
        d1 = np.linalg.norm(p, axis=1)
        d2 = np.sqrt(p[:, 0] ** 2 + p[:, 1] ** 2 + (xi * d1 + p[:, 2]) ** 2)
        out = p[:, :2] / (alpha * d2 + (1 - alpha) * (xi * d1 + p[:, 2]))[:, None] @ K[:2, :2] + K[:2, 2]
    else:
        k = lens.get("k", [0.0] * 6)
        distortion = np.array([*k[:2], *lens.get("p", [0.0, 0.0]), *k[2:]])
        out = cv2.projectPoints(p, zero, zero, K, distortion)[0][:, 0]
    return np.where(p[:, 2:] > 1e-3, out, np.nan)


def test_keypoints_project_onto_their_pixels_by_the_true_calibration(data: Path) -> None:
    models, moved = set(), []
    for label in labels(data):
        points = np.array(label["keypoints_m"])
        for camera in label["cameras"].values():
            pixels = np.array([p or (np.nan, np.nan) for p in camera["keypoints_px"]])
            inside = ((pixels > -0.5) & (pixels < (camera["width_px"] - 0.5, camera["height_px"] - 0.5))).all(axis=1)
            true = projected(camera["true"], points)
            inside &= np.isfinite(true[:, 0])  # OpenCV has no pixels beyond 90 degrees
            assert np.abs(true - pixels)[inside].max() < 0.05
            moved.append(np.abs(projected(camera["nominal"], points) - pixels)[inside].max())
            models.add(camera["true"]["lens"]["model"])
    assert models == {"pinhole", "brown_conrady", "kannala_brandt4", "double_sphere"}
    assert np.median(moved) > 0.5  # the nominal calibration is not the true one


def test_keypoints_in_the_device_frame_are_the_heads_but_where_foam_presses_the_skin(data: Path, head: Any) -> None:
    shifts = []
    for label in labels(data)[:4]:
        T = np.array(label["T_device_head"])
        # The eyeballs' keypoints are not skin: they are where head model and donning put them.
        eyes = np.array(label["T_head_eye"])[:, :3, 3] @ T[:3, :3].T + T[:3, 3]
        names = head.topology.keypoint_names
        points = np.array(label["keypoints_m"])
        for side, eye in zip(("left", "right"), eyes, strict=True):
            shifts.append(np.linalg.norm(points[names.index(f"pupil_{side}")] - eye))
    assert 0.0125 < min(shifts) <= max(shifts) < 0.0145  # cornea apex before the rotation centre: 13.3 mm, scaled


@pytest.fixture(scope="module")
def made(headset: Any, head: Any, config: Any) -> list[tuple[Any, RayMeshIntersector, np.ndarray]]:
    """Frames, their scene for Embree, and which region each of its triangles is; lashes hide nothing."""
    maker = FrameMaker(headset, head, config, 0)
    out = []
    for index in (0, 5, 10):
        frame = maker.frame(index)
        drawn, housing = maker.renderer.drawn()
        topology = frame.mesh.topology
        solid = np.flatnonzero(topology.material_ids != topology.material_names.index("lash"))
        triangles = np.concatenate([topology.triangles[solid], housing])
        regions = np.concatenate([topology.region_ids[solid], np.full(len(housing), 254)])
        mesh = trimesh.Trimesh(drawn.astype(float), triangles, process=False)
        out.append((frame, RayMeshIntersector(mesh), regions))
    return out


def test_keypoints_are_visible_where_embree_finds_nothing_before_them(made: Any) -> None:
    wrong = total = hidden = 0
    for frame, rays, _ in made:
        points = np.array(frame.label["keypoints_m"])
        for name, camera in frame.sample.unit.cameras.items():
            seen = frame.label["cameras"][name]
            pixels = np.array([p or (np.nan, np.nan) for p in seen["keypoints_px"]])
            inside = ((pixels >= -0.5) & (pixels < (camera.width_px - 0.5, camera.height_px - 0.5))).all(axis=1)
            away = points - camera.position
            far = np.linalg.norm(away, axis=1)
            hits, ray, _ = rays.intersects_location(
                np.repeat(camera.position[None], len(points), 0), away / far[:, None], multiple_hits=False
            )
            first = np.full(len(points), np.inf)
            first[ray] = np.linalg.norm(hits - camera.position, axis=1)
            free = inside & (first > far - 0.2e-3)
            assert not (np.array(seen["visible"], bool) & ~inside).any()
            wrong += int((free != np.array(seen["visible"], bool)).sum())
            total += int(inside.sum())
            hidden += int((inside & ~free).sum())
    assert total > 500
    assert hidden > 100
    assert wrong <= 0.005 * total  # those that something grazes between 0.05 and 0.2 mm before them


def test_stored_depth_meets_visible_keypoints(made: Any) -> None:
    smooth = 0
    for frame, _, _ in made:
        files = dict(files_of(frame, frame_outputs()))
        points = np.array(frame.label["keypoints_m"])
        for name, camera in frame.sample.unit.cameras.items():
            depth = np.load(io.BytesIO(files[f"{name}.depth.npy"]))
            z = (points - camera.position) @ camera.optical_axis
            seen = frame.label["cameras"][name]
            for k in np.flatnonzero(seen["visible"]):
                x, y = seen["keypoints_px"][k]
                if not (1 <= x < camera.width_px - 2 and 1 <= y < camera.height_px - 2):
                    continue
                i, j = int(np.floor(y)), int(np.floor(x))
                around = depth[i - 1 : i + 3, j - 1 : j + 3].astype(float)
                bends = [np.abs(np.diff(around, 2, axis=axis)).max() for axis in (0, 1)]
                if not np.max(bends) < 0.3e-3:  # edges; the line between pixels strays by an eighth of that
                    continue
                fy, fx = y - i, x - j
                cell = around[1:3, 1:3]
                at = (1 - fy) * (cell[0] @ (1 - fx, fx)) + fy * (cell[1] @ (1 - fx, fx))
                assert abs(at - z[k]) < 0.2e-3, (name, k)
                smooth += 1
    assert smooth > 30


def test_region_images_show_the_region_of_the_triangle_behind_each_pixel(made: Any) -> None:
    wrong = total = 0
    for frame, rays, regions in made:
        files = dict(files_of(frame, frame_outputs()))
        for name, camera in frame.sample.unit.cameras.items():
            seg = cv2.imdecode(np.frombuffer(files[f"{name}.seg.png"], np.uint8), cv2.IMREAD_UNCHANGED)
            y, x = np.mgrid[: camera.height_px, : camera.width_px]
            ways = camera.lens.unproject(np.stack([x, y], -1).astype(float)).reshape(-1, 3)
            there = np.isfinite(ways[:, 0])
            ways = ways[there] @ camera.T_device_camera.rotation.as_matrix().T
            hit = rays.intersects_first(np.repeat(camera.position[None], len(ways), 0), ways)
            expected = np.where(hit < 0, 255, regions[hit])
            wrong += int((expected != seg.ravel()[there]).sum())
            total += len(ways)
            assert len(np.unique(seg)) > 3
    assert wrong <= 2e-3 * total  # the two round apart on edges


def test_boxes_and_counts_are_those_of_the_region_images(made: Any) -> None:
    for frame, _, _ in made:
        files = dict(files_of(frame, frame_outputs()))
        topology = frame.mesh.topology
        for name, seen in frame.label["cameras"].items():
            seg = cv2.imdecode(np.frombuffer(files[f"{name}.seg.png"], np.uint8), cv2.IMREAD_UNCHANGED)
            for region, parts in topology.regions.items():
                mask = np.isin(seg, [topology.region_labels.index(part) for part in parts])
                assert seen["pixels"][region] == mask.sum()
                rows, columns = np.nonzero(mask)
                box = [columns.min(), rows.min(), columns.max(), rows.max()] if mask.any() else None
                assert seen["boxes"].get(region) == box


def frame_outputs() -> Any:
    from sim.dataset.config import OutputsPart

    return OutputsPart(regions=True, depth=True)
