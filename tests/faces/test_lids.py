"""Lids and eyes as solids: nothing pierces the eye, nothing gaps, shut lids shut, over blink x wide x squint x gaze."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from faces.builtin import AnnyHead
from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS, SCLERA_RADIUS
from faces.lids import COLUMNS, LATERAL
from faces.mesh import HeadMesh

SAMPLES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [1 / 3] * 3])
GAZES_DEG = list(itertools.product((-45, 0, 45), (-40, -15, 0, 20, 35)))
BLINKS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)


def both(**weights: float) -> dict[str, float]:
    return {stem + side: w for stem, w in weights.items() for side in ("Left", "Right")}


@pytest.fixture(scope="module", params=["neutral", 0, 4])
def wearer(request, head: AnnyHead):
    if request.param == "neutral":
        return head.neutral_identity()
    return head.sample_identity(np.random.default_rng(request.param))


def outside_eye(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Height over the eye's surface, by the implicit forms of sphere and conic and not by `surface_radius`.

    Negative only where a point is inside the sphere, or inside the corneal conic before the limbus.
    """
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    sphere = np.linalg.norm(local, axis=1) - SCLERA_RADIUS
    depth = CORNEA_APEX - local[:, 2]
    conic = np.hypot(local[:, 0], local[:, 1]) ** 2 - (2 * CORNEA_RADIUS * depth - (1 + CORNEA_ASPHERICITY) * depth**2)
    cornea = np.where((depth < 0.0033) & (depth > 0), conic / (2 * CORNEA_RADIUS), 1.0)
    return np.minimum(sphere, cornea)


def lid_triangles(head: AnnyHead) -> np.ndarray:
    """Skin and margins around the eyes, and the lashes; not the conjunctiva, which dips behind the globe's surface."""
    t = head.topology
    regions, materials = np.array(t.region_labels)[t.region_ids], np.array(t.material_names)[t.material_ids]
    near = np.char.startswith(regions, "lids") | np.char.startswith(regions, "orbit") | (regions == "lashes")
    return np.flatnonzero(near & (materials != "caruncle"))


def openings(head: AnnyHead, mesh: HeadMesh) -> np.ndarray:
    """(2, columns) heights of the palpebral opening between the margins' inner edges, by position along the lid."""
    inner = mesh.vertices[head._parts.inner]
    upper, lower = inner[:, 1:LATERAL, 1], inner[:, :LATERAL:-1, 1]
    return upper - lower


def test_no_lid_enters_the_eye(head, wearer):
    triangles = head.topology.triangles[lid_triangles(head)]
    for (wide, squint), gaze in itertools.product(((0, 0), (1, 0), (0, 1)), GAZES_DEG):
        expressions = [both(eyeBlink=b, eyeWide=wide, eyeSquint=squint, cheekSquint=squint) for b in BLINKS]
        gazes = np.broadcast_to(np.radians(gaze), (len(BLINKS), 2, 2))
        meshes = head.mesh(wearer, expressions, gazes)
        for k in range(len(BLINKS)):
            corners = meshes.vertices[k][triangles]
            points = np.einsum("sk,tkj->tsj", SAMPLES, corners).reshape(-1, 3)
            for side in range(2):
                near = points[np.abs(points[:, 0] - meshes.T_head_eye[k, side, 0, 3]) < 0.02]
                least = outside_eye(near, meshes.T_head_eye[k, side]).min()
                assert least > 0.00005, (wide, squint, gaze, BLINKS[k], side, least)


def test_a_full_blink_shuts_and_the_opening_shrinks_steadily(head, wearer):
    fine = np.linspace(0, 1, 11)
    for (wide, squint), gaze in itertools.product(((0, 0), (1, 0), (0, 1)), GAZES_DEG):
        expressions = [both(eyeBlink=b, eyeWide=wide, eyeSquint=squint) for b in fine]
        meshes = head.mesh(wearer, expressions, np.broadcast_to(np.radians(gaze), (len(fine), 2, 2)))
        opening = np.array([openings(head, meshes[k]) for k in range(len(fine))])
        assert (opening >= -1e-7).all(), "margins cross"
        assert (np.diff(opening, axis=0) <= 1e-7).all(), (wide, squint, gaze)
        assert opening[-1].max() < 0.0002
        outer = meshes.vertices[-1][head._parts.outer]
        apart = np.linalg.norm(outer[:, 1:LATERAL] - outer[:, :LATERAL:-1], axis=-1)
        assert apart.max() < 0.0002, "the margins' outer edges meet as well"


def test_neutral_opening_is_anatomical(head):
    identities = [head.neutral_identity()] + [head.sample_identity(np.random.default_rng(s)) for s in range(40)]
    heights, lengths, covers = [], [], []
    for identity in identities:
        mesh = head.mesh(identity)
        for side in range(2):
            inner = mesh.vertices[head._parts.inner[side]] - mesh.T_head_eye[side, :3, 3]
            heights.append(openings(head, mesh)[side].max() * 1e3)
            lengths.append(np.linalg.norm(inner[0] - inner[LATERAL]) * 1e3)
            middle = np.argmin(np.abs(inner[:LATERAL, 0]))
            covers.append(5.92 - inner[middle, 1] * 1e3)
    assert 27 < np.mean(lengths) < 31
    assert 9 < np.mean(heights) < 11
    assert 7.5 < np.min(heights) < np.max(heights) < 12.5
    assert 1 < np.mean(covers) < 2  # of the iris, under the upper lid
    assert heights[0] == pytest.approx(10, abs=1)


@pytest.mark.parametrize("sample", ["neutral", 2, 3])
def test_no_ray_passes_between_lid_and_globe(head, sample):
    identity = head.neutral_identity() if sample == "neutral" else head.sample_identity(np.random.default_rng(sample))
    t = head.topology
    regions, materials = np.array(t.region_labels)[t.region_ids], np.array(t.material_names)[t.material_ids]
    two_sided = np.isin(materials, ("lash", "caruncle"))
    allowed = np.char.startswith(regions, "lids") | np.char.startswith(regions, "eyeball") | (regions == "lashes")
    allowed |= np.char.startswith(regions, "orbit") | np.char.startswith(regions, "brow")
    allowed |= np.isin(regions, ("nose", "cheek_left", "cheek_right", "glabella"))
    shares = np.linspace(0.02, 0.98, 13)[:, None, None]
    jitter = np.random.default_rng(0).normal(0, 1e-5, (len(shares), LATERAL - 5, 3))
    rays = backs = 0
    for blink, wide, gaze in itertools.product((0.0, 0.5, 1.0), (0.0, 1.0), ((-45, -40), (0, 0), (45, 0), (0, 35))):
        mesh = head.mesh(identity, both(eyeBlink=blink, eyeWide=wide), np.radians(gaze))
        caster = RayMeshIntersector(trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False))
        a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        for side, sign in ((0, 1.0), (1, -1.0)):
            inner = mesh.vertices[head._parts.inner[side]]
            upper, lower = inner[3 : LATERAL - 2], inner[COLUMNS - 3 : LATERAL + 2 : -1]
            targets = (upper * shares + lower * (1 - shares) + jitter).reshape(-1, 3)
            for ray in (
                (0, 0, 1),
                (0.5 * sign, -0.3, 1),
                (-0.5 * sign, 0, 1),
                (0, 0.7, 1),
                (0, -0.8, 1),
                (sign, -0.3, 1),
            ):
                towards = np.array(ray) / np.linalg.norm(ray)
                origins = targets + 0.06 * towards
                hit = caster.intersects_first(origins, np.broadcast_to(-towards, origins.shape))
                assert (hit >= 0).all()
                assert allowed[hit].all(), (blink, wide, gaze, ray, set(regions[hit][~allowed[hit]]))
                front = (normal[hit] @ towards > 0) | two_sided[hit]
                rays, backs = rays + len(hit), backs + int((~front).sum())
    assert backs <= 2e-5 * rays, (backs, rays)  # a ray that grazes a fold may touch its far side


def test_upper_lids_follow_vertical_gaze(head):
    identity = head.neutral_identity()
    middle = LATERAL // 2

    def upper(elevation: float) -> float:
        mesh = head.mesh(identity, {}, np.radians([0.0, elevation]))
        return float(mesh.vertices[head._parts.inner[0, middle], 1])

    heights = [upper(e) for e in (-40, -20, 0, 20, 35)]
    assert (np.diff(heights) > 0.0005).all()
    explicit = head.mesh(identity, both(eyeLookDown=1.0), np.radians([0.0, -40.0]))
    np.testing.assert_allclose(explicit.vertices, head.mesh(identity, {}, np.radians([0.0, -40.0])).vertices, atol=1e-9)


def test_look_weights_leave_the_eyeballs_alone(head):
    identity = head.neutral_identity()
    weights = both(eyeLookDown=1.0, eyeLookIn=0.5)
    balls = head._parts.eyeball
    moved, still = head.mesh(identity, weights), head.mesh(identity)
    np.testing.assert_array_equal(moved.vertices[balls], still.vertices[balls])
    np.testing.assert_array_equal(moved.T_head_eye, still.T_head_eye)
    assert np.abs(moved.vertices - still.vertices).max() > 0.003
