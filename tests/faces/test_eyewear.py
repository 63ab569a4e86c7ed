"""Glasses on wearers: the fit against exact distances to the skin (trimesh), and what `wear` leaves alone."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import trimesh

from faces import load_head_model
from faces.errors import FaceError
from faces.eyewear.fit import fit
from faces.eyewear.look import SHAPES, GlassesLook, sample_glasses_look
from faces.eyewear.outlines import POINTS, pane_outline
from faces.eyewear.panes import panes_of
from faces.eyewear.sweep import PROFILE, ball
from faces.eyewear.wear import frame_part, head_vertices, wear
from faces.look import Look

RIMS = 2 * POINTS * PROFILE
PAD = len(ball().vertices)
WEARERS = [(seed, SHAPES[seed % len(SHAPES)]) for seed in range(8)]


@cache
def worn(seed, shape):
    """A random wearer, the mean one for seed 0, in glasses of a shape."""
    head = load_head_model()
    identity = head.sample_identity(np.random.default_rng(seed)) if seed else head.neutral_identity()
    look = sample_glasses_look(np.random.default_rng(seed + 100))
    sizes = {"round": (47.0, 45.0), "aviator": (56.0, 47.0)}.get(shape, (51.0, 35.0))
    look = replace(look, shape=shape, lens_width_mm=sizes[0], lens_height_mm=sizes[1])
    return head.mesh(identity, look=Look(glasses=look)), head.mesh(identity)


def depth_in_skin(mesh, points):
    """(N,) how deep points lie under the nearest triangle of outer skin, m; 0 outside, by exact distances."""
    names = np.array(mesh.topology.material_names)
    outer = np.isin(names[mesh.material_ids], ["skin", "lips", "brow"])
    skin = trimesh.Trimesh(mesh.vertices, mesh.triangles[outer], process=False)
    nearest, distance, triangle = trimesh.proximity.closest_point(skin, points)
    inside = ((points - nearest) * skin.face_normals[triangle]).sum(axis=1) < 0
    return np.where(inside & (distance < 0.01), distance, 0.0)  # farther off lies an opening: an eye, the mouth


@pytest.mark.parametrize(("seed", "shape"), WEARERS)
def test_frames_touch_the_nose_and_sink_nowhere(seed, shape):
    mesh, bare = worn(seed, shape)
    frame = mesh.vertices[len(bare.vertices) :]
    assert depth_in_skin(mesh, frame[::2]).max() < 0.5e-3
    side = (len(frame) - RIMS - 11 * PROFILE) // 2
    for k in (0, 1):
        pad = frame[RIMS + 11 * PROFILE + k * side :][:PAD]
        gap = np.linalg.norm(bare.vertices[None] - pad[:, None], axis=-1).min()
        assert gap < 1.5e-3  # vertices are 1.5 mm apart


@pytest.mark.parametrize(("seed", "shape"), WEARERS)
def test_panes_stand_before_the_eyes(seed, shape):
    """Centred on the face, at the vertex distance or farther, the same on both sides."""
    mesh, _ = worn(seed, shape)
    look, panes, eyes = mesh.look.glasses, panes_of(mesh), mesh.T_head_eye
    left, right = panes.T_head_pane
    np.testing.assert_allclose(left[:3, 3] * [-1, 1, 1], right[:3, 3], atol=1e-9)
    for T, outline, eye in zip(panes.T_head_pane, panes.outline, eyes, strict=True):
        np.testing.assert_allclose(T[:3, :3] @ T[:3, :3].T, np.eye(3), atol=1e-9)
        cornea = eye[:3, 3] + [0, 0, 0.0133]
        # Straight ahead of the cornea: where does the back surface lie?
        centre = T[:3, 3] + T[:3, 2] * (panes.back_apex_z - panes.back_radius)
        across = ((cornea - centre)[:2] ** 2).sum()
        distance = centre[2] + np.sqrt(panes.back_radius**2 - across) - cornea[2]
        assert 1e-3 * look.vertex_distance_mm - 0.5e-3 < distance < 23e-3
        local = T[:3, :3].T @ (cornea + np.array([0, 0, distance]) - T[:3, 3])
        half = 0.5e-3 * np.array([look.lens_width_mm, look.lens_height_mm])
        assert (np.abs(local[:2]) < 0.6 * half).all()
        size = outline.max(axis=0) - outline.min(axis=0)
        np.testing.assert_allclose(size, 2 * half, rtol=0.02)
    tilt = np.degrees(np.arcsin(-left[1, 2]))
    assert -1.0 < tilt < look.pantoscopic_deg + 4.1


def test_temples_reach_the_ears():
    head = load_head_model()
    mesh, bare = worn(0, SHAPES[0])
    frame = mesh.vertices[len(bare.vertices) :]
    assert frame[:, 2].min() < -0.085
    ears = bare.vertices[np.abs(bare.vertices[:, 0]) > 0.080]
    top = ears[np.argmax(ears[:, 1])]
    over = frame[np.abs(frame[:, 2] - top[2]) < 0.006]
    assert len(over)
    assert (np.abs(over[:, 1] - top[1]) < 0.006).all()
    assert head.topology is bare.topology


def test_wear_leaves_the_head_as_it_is_and_shares_topologies():
    mesh, bare = worn(0, SHAPES[0])
    n, t = len(bare.vertices), mesh.topology
    assert head_vertices(t) == n
    for name in ("vertices", "normals"):
        np.testing.assert_array_equal(getattr(mesh, name)[:n], getattr(bare, name))
    np.testing.assert_array_equal(mesh.keypoints, bare.keypoints)
    np.testing.assert_array_equal(mesh.albedo[:, :n], bare.albedo)
    np.testing.assert_array_equal(t.triangles[: len(bare.triangles)], bare.triangles)
    assert (t.triangles[len(bare.triangles) :] >= n).all()
    assert set(np.array(t.region_labels)[t.region_ids[len(bare.triangles) :]]) == {"glasses"}
    for region in t.regions:
        np.testing.assert_array_equal(t.region_triangles(region), bare.topology.region_triangles(region))
    other, _ = worn(7, SHAPES[0])
    kind = other.look.glasses.frame_material == mesh.look.glasses.frame_material
    assert (other.topology is t) == kind
    again = load_head_model().mesh(load_head_model().neutral_identity(), {"jawOpen": 0.5}, look=mesh.look)
    assert again.topology is t
    np.testing.assert_array_equal(again.vertices[n:], mesh.vertices[n:])  # glasses do not follow the jaw
    assert bare.look.glasses is None
    assert wear(bare) is bare


def test_frames_are_closed_and_face_outward():
    mesh, bare = worn(2, SHAPES[2])
    frame = trimesh.Trimesh(mesh.vertices[len(bare.vertices) :], frame_part().triangles, process=False)
    bodies = frame.split(only_watertight=False)
    assert len(bodies) == 9  # two rims, a bridge, two pads, two arms, two temples
    for body in bodies:
        assert body.is_watertight
        assert body.volume > 0
    agree = (mesh.normals[len(bare.vertices) :][frame.faces].mean(axis=1) * frame.face_normals).sum(axis=1) > 0
    assert agree.mean() > 0.99


def test_a_mirrored_wearer_wears_the_mirrored_frame():
    head = load_head_model()
    rng = np.random.default_rng(5)
    bare = replace(head.mesh(head.sample_identity(rng)), look=Look(glasses=GlassesLook()))
    flip, m = np.array([-1.0, 1.0, 1.0]), bare.topology.mirror
    eyes = bare.T_head_eye[::-1].copy()
    eyes[:, 0, 3] *= -1
    twin = replace(bare, vertices=bare.vertices[m] * flip, normals=bare.normals[m] * flip, T_head_eye=eyes)
    a, b = wear(bare), wear(twin)
    assert a.topology is b.topology
    np.testing.assert_array_equal(a.topology.mirror[a.topology.mirror], np.arange(len(a.vertices)))
    np.testing.assert_allclose(a.vertices[a.topology.mirror] * flip, b.vertices, atol=1e-5)


def test_panes_follow_a_moved_mesh_and_batches_keep_their_fit():
    mesh, _ = worn(0, SHAPES[0])
    moved = replace(mesh, vertices=mesh.vertices + np.array([0.01, -0.02, 0.03]))
    shift = panes_of(moved).T_head_pane[:, :3, 3] - panes_of(mesh).T_head_pane[:, :3, 3]
    np.testing.assert_allclose(shift, [[0.01, -0.02, 0.03]] * 2, atol=1e-9)
    head = load_head_model()
    batch = head.mesh(head.neutral_identity(), [{}, {"mouthSmileLeft": 1.0}], look=mesh.look)
    np.testing.assert_array_equal(batch[0].vertices, mesh.vertices)
    with pytest.raises(FaceError, match="batch"):
        panes_of(batch)
    with pytest.raises(FaceError, match="without glasses"):
        wear(mesh)
    assert panes_of(head.mesh(head.neutral_identity())) is None
    assert fit(mesh.look.glasses, head.mesh(head.neutral_identity())).vertices.shape[1] == 3


@pytest.mark.parametrize("shape", SHAPES)
def test_outlines_fill_their_box_and_see_their_whole_edge(shape):
    outline = pane_outline(shape, 52.0, 36.0)
    np.testing.assert_allclose(outline.max(axis=0) - outline.min(axis=0), [52, 36], rtol=0.01)
    a, b = outline, np.roll(outline, -1, axis=0)
    assert (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 0).all()  # counter-clockwise, star-shaped


def test_looks_are_checked_and_drawn_from_the_generator_alone():
    for wrong in ({"shape": "heart"}, {"frame_material": "gold"}, {"lens_width_mm": 5.0}, {"frame_albedo": (0.5, 1.5)}):
        with pytest.raises(FaceError, match="GlassesLook"):
            GlassesLook(**wrong)
    a, b, c = (sample_glasses_look(np.random.default_rng(s)) for s in (1, 1, 2))
    assert a == b != c
    drawn = [sample_glasses_look(np.random.default_rng(s)) for s in range(200)]
    assert {look.shape for look in drawn} == set(SHAPES)
    bare = GlassesLook(coated=False)
    assert bare.surface_reflectance == pytest.approx(0.0397, abs=1e-4)
    assert GlassesLook(coated=False, lens_index=1.585).surface_reflectance == pytest.approx(0.0512, abs=1e-4)


@pytest.mark.parametrize("power", [-6.0, 0.0, 3.0])
def test_the_back_surface_gives_the_power(power):
    """Two refractions traced near the axis by the paraxial matrices."""
    look = GlassesLook(power_dpt=power)
    n, front, back = look.lens_index, 0.1, look.back_radius_m
    first = np.array([[1, 0], [-(n - 1) / front, 1]])
    between = np.array([[1, 1e-3 * look.centre_thickness_mm / n], [0, 1]])
    second = np.array([[1, 0], [(n - 1) / back, 1]])
    assert -(second @ between @ first)[1, 0] == pytest.approx(power, abs=0.02)
