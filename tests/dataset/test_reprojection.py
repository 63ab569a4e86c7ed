"""Images from elsewhere: unchanged they are themselves; changed they are what a fresh render shows of diffuse skin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.lenses.pinhole import Pinhole
from headsets.load import load_headset
from sim.dataset.frame import FrameMaker
from sim.dataset.load_config import parse_config
from sim.dataset.reprojection import Reprojector, View, bilinear
from sim.errors import SimError
from sim.render import PRESETS, Renderer

LENS = Pinhole(width_px=90, height_px=70, fx_px=100.0, fy_px=95.0, cx_px=44.0, cy_px=35.5)
CONFIG = "render: fast\nwearers: {frames_each: 1, wearings_each: 1, looks: {glasses: {share: 0}}}\n"


def test_a_painted_sphere_is_seen_from_elsewhere_as_it_is_painted() -> None:
    """Painted with a smooth function of the direction from its middle: known for every camera."""
    ball = trimesh.creation.icosphere(subdivisions=6, radius=0.05)

    def paint(view: View) -> tuple[np.ndarray, np.ndarray]:
        y, x = np.mgrid[: view.lens.height_px, : view.lens.width_px].astype(float)
        ways = view.T_mesh_camera.rotation.apply(view.lens.unproject(np.stack([x, y], -1)).reshape(-1, 3))
        at = view.T_mesh_camera.translation
        half = -(ways @ at)
        root = half**2 - at @ at + 0.05**2
        points = at + ways * (half - np.sqrt(np.maximum(root, 0)))[:, None]
        value = np.where(root > 0, 2 + np.sin(60 * points[:, 0]) * np.cos(50 * points[:, 1]), 0)
        return value.reshape(y.shape), (root > 0).reshape(y.shape)

    old = View(LENS, RigidTransform.from_components([0.0, 0.0, -0.2], Rotation.identity()))
    turn = Rotation.from_euler("yx", [12.0, -7.0], degrees=True)
    zoomed = replace(LENS, fx_px=110.0, fy_px=104.0)
    new = View(zoomed, RigidTransform.from_components(turn.apply([0.0, 0.0, -0.21]), turn))
    expected, ball_there = paint(new)
    got = Reprojector(ball.vertices, ball.faces)(paint(old)[0], old, new, 7.0)
    assert (got.face == ball_there).mean() > 0.998
    assert (got.image[~got.face] == 7.0).all()
    assert (got.image[got.face & ~got.seen] == 7.0).all()
    assert 0.75 < got.seen.sum() / got.face.sum() < 0.99  # a part has turned out of sight
    inner = got.seen & ball_there
    off = np.abs(got.image - expected)[inner]
    assert np.percentile(off, 95) < 0.02
    # What the old camera cannot see is masked: the old line of sight meets these points from behind or by grazing.
    back = got.face & ~got.seen
    columns = np.nonzero(back)[1]
    assert abs(columns.mean() - zoomed.cx_px) > 15


def test_what_stands_before_hides() -> None:
    """A plate before a wall: from the side, the strip of wall that the plate hid is not known."""

    def plate(z: float, half: float) -> np.ndarray:
        return np.array([[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]])

    vertices = np.concatenate([plate(0.3, 1.0), plate(0.2, 0.02)])
    triangles = np.array([[0, 2, 1], [0, 3, 2], [4, 6, 5], [4, 7, 6]])
    image = np.full((70, 90), 5.0)
    old = View(LENS, RigidTransform.identity())
    new = View(LENS, RigidTransform.from_components([0.04, 0.0, 0.0], Rotation.identity()))
    got = Reprojector(vertices, triangles)(image, old, new, -1.0)
    assert got.face.all()
    row = got.seen[35]
    # The wall at z = 0.3 hidden from 0 lies within |x| < 0.03; from 0.04 it is seen at (x - 0.04) / 0.3.
    low, high = (LENS.cx_px + LENS.fx_px * (x - 0.04) / 0.3 for x in (-0.03, 0.03))
    plate_low = LENS.cx_px + LENS.fx_px * (-0.02 - 0.04) / 0.2
    plate_high = LENS.cx_px + LENS.fx_px * (0.02 - 0.04) / 0.2
    u = np.arange(90)
    hidden = (u > low + 1) & (u < high - 1) & ((u < plate_low - 1) | (u > plate_high + 1))
    assert hidden.sum() > 3
    assert not row[hidden].any()
    masked = Reprojector(vertices, triangles)(image, old, new, -1.0, shows=np.arange(90) < np.full((70, 1), 60))
    np.testing.assert_array_equal(masked.seen[35][hidden], False)
    # The wall's point at u lies at u + f · 0.04 / 0.3 in the old image; the plate's at u + f · 0.04 / 0.2.
    wall = (u < plate_low - 1) | (u > plate_high + 1)
    assert not masked.seen[35][wall & (u + LENS.fx_px * 0.04 / 0.3 > 60)].any()
    np.testing.assert_array_equal(masked.seen[35][wall & (u + LENS.fx_px * 0.04 / 0.3 < 58)],
                                  row[wall & (u + LENS.fx_px * 0.04 / 0.3 < 58)])  # fmt: skip
    # The old image does not reach to what lies beyond its right edge.
    inside = (u * 1.0 + LENS.fx_px * 0.04 / 0.3 < 88) & (u < low - 1) & (u < plate_low - 1)
    assert row[inside].all()
    assert (got.image[35][~row] == -1.0).all()


@pytest.fixture(scope="module")
def scene(head: Any) -> Any:
    headset = load_headset("refa_green")
    maker = FrameMaker(headset, head, parse_config(CONFIG, "test"), 0)
    frame = maker.frame(1)
    topology = frame.mesh.topology
    solid = topology.triangles[topology.material_ids != topology.material_names.index("lash")]
    return frame, Reprojector(frame.vertices, solid)


def test_seen_from_where_it_was_a_frame_is_itself(scene: Any) -> None:
    frame, mesh = scene
    for name, camera in frame.sample.unit.cameras.items():
        image = frame.images[name]
        view = View(camera.lens, camera.T_device_camera)
        got = mesh(image, view, view, 0.0)
        region = frame.captures[name].frame.region
        assert (got.face[region >= 0]).mean() > 0.99
        assert got.seen.sum() > 0.9 * got.face.sum()
        off = np.abs(got.image - image)[got.seen]
        assert np.percentile(off, 99) < 0.5  # rounded, the same numbers


@pytest.mark.parametrize(("specular", "bound"), [(False, (0.003, 0.015)), (True, (0.006, 0.03))])
def test_seen_from_elsewhere_skin_is_that_of_a_fresh_render(
    scene: Any, specular: bool, bound: tuple[float, float]
) -> None:
    """The camera 3 mm and 4 degrees elsewhere, its focal length 3 % longer; head and LEDs stay. Median and 90th
    percentile of skin; highlights do not move as they should."""
    frame, mesh = scene
    sample = frame.sample
    renderer = Renderer("cpu", replace(PRESETS["full"], specular=specular))
    camera = sample.unit.cameras["mouth_left"]
    shift = RigidTransform.from_components([0.002, -0.002, 0.001], Rotation.from_euler("xyz", [2, 3, 2], degrees=True))
    zoomed = replace(camera.lens, fx_px=1.03 * camera.lens.fx_px, fy_px=1.03 * camera.lens.fy_px)
    moved = replace(camera, lens=zoomed, T_device_camera=camera.T_device_camera * shift)
    pair = replace(sample.headset, cameras={"old": replace(camera, name="old"), "new": replace(moved, name="new")})
    seen = renderer.render(pair, frame.mesh, sample.T_device_head, ("radiance", "region"))
    got = mesh(
        seen["old"].radiance, View(camera.lens, camera.T_device_camera), View(zoomed, moved.T_device_camera), np.nan
    )
    labels = frame.mesh.topology.region_labels
    skin = [labels.index(name) for name in labels if name in ("chin", "cheek_left", "cheek_right", "jaw", "perioral")]
    assert len(skin) >= 2
    there = got.seen & np.isin(seen["new"].region, skin) & (seen["new"].radiance > 0)
    assert there.sum() > 10_000
    off = np.abs(got.image / np.maximum(seen["new"].radiance, 1e-9) - 1)[there]
    assert np.median(off) < bound[0]
    assert np.percentile(off, 90) < bound[1]
    wrong = np.abs(seen["old"].radiance / np.maximum(seen["new"].radiance, 1e-9) - 1)[there]
    assert np.median(wrong) > 3 * np.median(off)  # as it was, it does not agree


def test_inputs_that_do_not_fit_are_named() -> None:
    triangle = np.array([[0, 1, 2]])
    with pytest.raises(SimError, match=r"triangles must name vertices below 3, got 0 to 3"):
        Reprojector(np.zeros((3, 3)), np.array([[0, 1, 3]]))
    with pytest.raises(SimError, match=r"`triangles\.shape == \(T, 3\)`"):
        Reprojector(np.zeros((3, 3)), np.zeros((2, 4), int))
    mesh = Reprojector(np.eye(3), triangle)
    with pytest.raises(SimError, match=r"`vertices` must be \(3, 3\) and finite"):
        mesh.move(np.full((3, 3), np.nan))
    view = View(LENS, RigidTransform.identity())
    with pytest.raises(SimError, match=r"`image` must be \(70, 90\)"):
        mesh(np.zeros((70, 91)), view, view)
    with pytest.raises(SimError, match=r"`background` must be \(70, 90\)"):
        mesh(np.zeros((70, 90)), view, view, np.zeros((2, 2)))


def test_bilinear_is_exact_on_planes() -> None:
    y, x = np.mgrid[:5, :7].astype(float)
    at = np.array([[0.0, 0.0], [6.0, 4.0], [2.25, 3.5], [5.999, 0.1]])
    np.testing.assert_allclose(bilinear(2 * x - 3 * y, at), 2 * at[:, 0] - 3 * at[:, 1], atol=1e-5)
