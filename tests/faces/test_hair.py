"""Strands grow on the skin, follow it, and keep out of eyes and mouth."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from faces.builtin import AnnyHead
from faces.errors import FaceError
from faces.hair.growth import grow
from faces.hair.look import BARE, BEARDS, HairLook, sample_hair_look
from faces.hair.paint import tinted_albedo
from faces.hair.strands import Strands
from faces.look import Look
from faces.mesh import HeadMesh

FULL = Look(hair=HairLook(beard="full"))
POSES = (
    {},
    {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "jawOpen": 0.8},
    {"browDownLeft": 1.0, "browDownRight": 1.0, "eyeBlinkLeft": 1.0, "mouthSmileLeft": 1.0},
    {"mouthPucker": 1.0, "cheekPuff": 0.7, "eyeWideRight": 1.0},
)


def hair(mesh: HeadMesh) -> Strands:
    strands = grow(replace(mesh, look=Look(hair=replace(mesh.look.hair, lashes=0))))
    assert strands is not None
    return strands


def signed_height(mesh: HeadMesh, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the head's surface and on which side of the nearest triangle, m, by trimesh."""
    surface = trimesh.Trimesh(1e3 * mesh.vertices, mesh.triangles, process=False)  # its tolerances suit mm
    near, distance, triangle = trimesh.proximity.closest_point(surface, 1e3 * points)
    height = np.sum((1e3 * points - near) * surface.face_normals[triangle], axis=1)
    return 1e-3 * distance, 1e-3 * height


@pytest.mark.parametrize("pose", range(len(POSES)))
def test_roots_lie_on_the_skin(head: AnnyHead, pose: int):
    rng = np.random.default_rng(pose)
    for identity in (head.neutral_identity(), head.sample_identity(rng)):
        mesh = head.mesh(identity, POSES[pose], look=FULL)
        roots = hair(mesh).points[:, 0]
        distance, _ = signed_height(mesh, roots[rng.choice(len(roots), 250, replace=False)])
        assert distance.max() < 0.1e-3


def test_hair_lies_on_the_skin_and_never_below(head: AnnyHead):
    rng = np.random.default_rng(4)
    mesh = head.mesh(head.neutral_identity(), look=FULL)
    points = hair(mesh).points
    chosen = points[rng.choice(len(points), 150, replace=False), 1:].reshape(-1, 3)
    distance, height = signed_height(mesh, chosen)
    assert np.percentile(height, 1) > -0.1e-3
    assert distance.max() < 10e-3


def test_hair_moves_with_the_skin(head: AnnyHead):
    """Displacement of the brow's roots beside a keypoint is that of the keypoint."""
    at_rest, raised = (
        head.mesh(head.neutral_identity(), e) for e in ({}, {"browOuterUpLeft": 1.0, "browInnerUp": 1.0})
    )
    before, after = hair(at_rest).points, hair(raised).points
    for name in ("brow_2_left", "brow_3_left", "brow_4_left", "brow_3_right"):
        k = head.topology.keypoint_names.index(name)
        near = np.linalg.norm(before[:, 0] - at_rest.keypoints[k], axis=1) < 2.5e-3
        assert near.sum() > 5
        moved = raised.keypoints[k] - at_rest.keypoints[k]
        assert np.linalg.norm(moved) > 1e-3
        np.testing.assert_allclose((after - before)[near].mean(axis=(0, 1)), moved, atol=0.2 * np.linalg.norm(moved))


def test_lengths_hold_when_the_skin_moves(head: AnnyHead):
    def length(expression: dict[str, float]) -> float:
        points = hair(head.mesh(head.neutral_identity(), expression)).points
        return float(np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1).mean())

    assert length({"browInnerUp": 1.0}) == pytest.approx(length({}), rel=0.15)
    assert 5e-3 < length({}) < 10e-3


def test_a_symmetric_look_mirrors(head: AnnyHead):
    flip = np.array([-1.0, 1, 1])
    left, right = (
        hair(head.mesh(head.neutral_identity(), {name: 1.0}, look=FULL)) for name in ("browDownLeft", "browDownRight")
    )
    n = left.left
    assert 2 * n == left.count
    np.testing.assert_allclose(left.points[:n] * flip, right.points[n:], atol=1e-5)
    np.testing.assert_array_equal(left.widths[:n], left.widths[n:])
    uneven = replace(FULL.hair, symmetric=False)
    other = hair(head.mesh(head.neutral_identity(), look=Look(hair=uneven)))
    assert 2 * other.left != other.count


@pytest.mark.parametrize("gaze", [(0.0, 0.0), (0.6, -0.5), (-0.6, 0.5)])
def test_no_hair_enters_the_eyes(head: AnnyHead, gaze: tuple[float, float]):
    for expression in POSES:
        mesh = head.mesh(head.neutral_identity(), expression, np.array(gaze), FULL)
        points = hair(mesh).points.reshape(-1, 3)
        for centre in mesh.T_head_eye[:, :3, 3]:
            assert np.linalg.norm(points - centre, axis=1).min() > 14e-3


def test_no_hair_hangs_into_an_open_mouth(head: AnnyHead):
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 1.0}, look=FULL)
    points = hair(mesh).points.reshape(-1, 3)
    key = dict(zip(head.topology.keypoint_names, mesh.keypoints, strict=True))
    upper, lower = key["lip_upper_inner_middle"], key["lip_lower_inner_middle"]
    assert upper[1] - lower[1] > 15e-3
    opening = (np.abs(points[:, 0]) < 8e-3) & (points[:, 1] < upper[1] - 1e-3) & (points[:, 1] > lower[1] + 1e-3)
    opening &= points[:, 2] < upper[2] + 2e-3  # moustaches may overhang in front of the lip
    assert not opening.any()


def test_lashes_stand_on_the_lids_and_off_the_eye(head: AnnyHead):
    """Open or shut, three to a ribbon, beside the ribbon that they stand for."""
    ribbons = head.topology.material_ids == head.topology.material_names.index("lash")
    for expression in ({}, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}):
        mesh = head.mesh(head.neutral_identity(), expression)
        strands = grow(mesh)
        assert strands is not None
        fringe = strands.points[strands.grown :]
        assert len(fringe) == 3 * 140
        near = cKDTree(mesh.vertices[np.unique(mesh.triangles[ribbons])])
        assert near.query(fringe.reshape(-1, 3))[0].max() < 1.8e-3
        for centre in mesh.T_head_eye[:, :3, 3]:
            assert np.linalg.norm(fringe.reshape(-1, 3) - centre, axis=1).min() > 11.9e-3


def test_density_and_style_tell(head: AnnyHead):
    def count(**look: object) -> int:
        strands = grow(head.mesh(head.neutral_identity(), look=Look(hair=HairLook(lashes=0, **look))))
        return 0 if strands is None else strands.count

    brows = count()
    assert 600 < brows < 1100
    assert count(brow_density=0.45) == pytest.approx(brows / 2, rel=0.15)
    beards = {style: count(beard=style) - brows for style in BEARDS}
    assert beards["none"] == 0 < beards["moustache"] < beards["circle"] < beards["full"]
    assert 3000 < beards["full"] < 7000


def test_bare_faces_have_no_hair(head: AnnyHead):
    mesh = head.mesh(head.neutral_identity(), look=Look(hair=BARE))
    assert grow(mesh) is None
    np.testing.assert_array_equal(tinted_albedo(mesh, False), mesh.albedo)


def test_paint_stands_in_for_strands(head: AnnyHead):
    mesh = head.mesh(head.neutral_identity())
    brow = np.unique(mesh.triangles[mesh.material_ids == mesh.topology.material_names.index("brow")])
    bare, faint, whole = (
        a[0, brow].mean() for a in (mesh.albedo, tinted_albedo(mesh, True), tinted_albedo(mesh, False))
    )
    assert whole < 0.8 * bare
    assert 0.85 * bare < faint < bare


def test_models_without_a_map_of_the_face_have_no_hair(head: AnnyHead):
    mesh = head.mesh(head.neutral_identity(), look=FULL)
    other = replace(mesh, topology=replace(mesh.topology, mean_face_mm=None))
    assert grow(other) is None
    np.testing.assert_array_equal(tinted_albedo(other, True), other.albedo)


def test_same_look_same_bytes(head: AnnyHead):
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 0.5}, look=FULL)
    fresh = replace(mesh, topology=replace(mesh.topology))  # nothing is cached for it
    assert hair(mesh).points.tobytes() == hair(fresh).points.tobytes()
    reseeded = replace(mesh, look=Look(hair=replace(FULL.hair, seed=1)))
    assert hair(reseeded).points.tobytes() != hair(mesh).points.tobytes()


def test_looks_are_checked():
    with pytest.raises(FaceError, match=r"`0 <= brow_density <= 1` must hold, got 2"):
        HairLook(brow_density=2.0)
    with pytest.raises(FaceError, match=r"unknown beard 'mutton'. Beards: none, stubble"):
        HairLook(beard="mutton")
    with pytest.raises(FaceError, match="0 < albedo < 1"):
        HairLook(albedo=(0.2, 1.2))
    with pytest.raises(FaceError, match="unknown sex"):
        sample_hair_look(np.random.default_rng(0), sex="cat")


def test_drawn_looks_are_plausible():
    looks = [sample_hair_look(np.random.default_rng(k)) for k in range(200)]
    assert looks[3] == sample_hair_look(np.random.default_rng(3))
    assert {look.beard for look in looks} == set(BEARDS)
    assert all(0.15 <= look.albedo[0] <= 0.45 for look in looks)
    assert all(sample_hair_look(np.random.default_rng(k), sex="female").beard == "none" for k in range(50))
    young, old = (
        np.mean([sample_hair_look(np.random.default_rng(k), age_years=age).grey for k in range(50)]) for age in (25, 70)
    )
    assert young < 0.1 < 0.5 < old
