"""What every head model must do, whatever it is made of. Subclass with a `model` fixture."""

from __future__ import annotations

import json

import numpy as np
import pytest

from faces.errors import FaceError, UnknownExpressionError
from faces.mesh import HeadMesh
from faces.protocol import HeadModel


def area_normals(mesh: HeadMesh) -> np.ndarray:
    """(T, 3) triangle normals times twice the area, by a plain cross product."""
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)


class HeadModelContract:
    """Run against every implementation of `faces.protocol.HeadModel`."""

    @pytest.fixture
    def model(self) -> HeadModel:
        """The implementation; subclasses provide it."""
        raise AssertionError("a subclass provides the model")

    def test_fits_the_protocol(self, model):
        assert isinstance(model, HeadModel)
        assert model.peaks["neutral"] == {}
        for name, weights in model.peaks.items():
            assert set(weights) <= set(model.expression_names), name

    def test_topology_is_consistent(self, model):
        t = model.topology
        mesh = model.mesh(model.neutral_identity())
        n, faces = len(mesh.vertices), len(t.triangles)
        assert mesh.vertices.shape == mesh.normals.shape == (n, 3)
        assert mesh.vertices.dtype == np.float64
        assert t.triangles.shape == (faces, 3)
        assert t.triangles.min() >= 0
        assert t.triangles.max() < n
        assert t.uv.shape == (n, 2)
        assert ((t.uv >= 0) & (t.uv <= 1)).all()
        assert t.region_ids.shape == t.material_ids.shape == (faces,)
        assert set(np.unique(t.region_ids)) <= set(range(len(t.region_labels)))
        assert set(np.unique(t.material_ids)) <= set(range(len(t.material_names)))
        assert t.region_labels[0] == "none"
        assert mesh.keypoints.shape == (len(t.keypoint_names), 3)
        assert len(set(t.keypoint_names)) == len(t.keypoint_names)
        assert mesh.albedo.shape == (2, n)
        assert ((mesh.albedo > 0) & (mesh.albedo < 1)).all()

    def test_regions_hold_surface_and_keypoints(self, model):
        t = model.topology
        for region in ("eye_left", "eye_right", "glabella", "mouth", "lips", "nose", "cheeks", "chin", "forehead"):
            assert len(t.region_triangles(region)) > 0, region
            indices = t.region_keypoints[region]
            assert indices, region
            assert max(indices) < len(t.keypoint_names)
        with pytest.raises(FaceError, match="eye_left"):
            t.region_triangles("elbow")

    def test_normals_are_unit_and_point_outward(self, model):
        mesh = model.mesh(model.neutral_identity())
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
        face = area_normals(mesh)
        agree = np.einsum("ij,ikj->ik", face, mesh.normals[mesh.triangles]).mean(axis=1) > 0
        assert agree.mean() > 0.99

    def test_the_origin_lies_between_the_eyes(self, model):
        for gaze in (None, np.array([0.3, -0.2])):
            mesh = model.mesh(model.neutral_identity(), {}, gaze)
            centres = mesh.T_head_eye[:, :3, 3]
            np.testing.assert_allclose(centres.mean(axis=0), 0.0, atol=1e-9)
            assert centres[0, 0] > 0 > centres[1, 0]

    def test_gaze_turns_the_optical_axes(self, model):
        azimuth, elevation = 0.3, 0.2
        mesh = model.mesh(model.neutral_identity(), {}, np.array([[azimuth, elevation], [0.0, 0.0]]))
        axis = [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
        np.testing.assert_allclose(mesh.T_head_eye[0, :3, 2], axis, atol=1e-12)
        np.testing.assert_allclose(mesh.T_head_eye[1, :3, 2], [0, 0, 1], atol=1e-12)
        for pose in mesh.T_head_eye:
            np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)

    def test_a_batch_equals_its_members(self, model):
        identity = model.sample_identity(np.random.default_rng(3))
        expressions = [dict(list(model.peaks.values())[k]) for k in (0, 1, 2)]
        gaze = np.array([[[0.1, 0.0], [0.2, -0.1]], [[0.0, 0.3], [0.0, 0.3]], [[-0.2, 0.1], [-0.3, 0.1]]])
        batch = model.mesh(identity, expressions, gaze)
        assert batch.vertices.shape[0] == 3
        for k in range(3):
            one = model.mesh(identity, expressions[k], gaze[k])
            np.testing.assert_allclose(batch[k].vertices, one.vertices, atol=2e-8)
            np.testing.assert_allclose(batch[k].normals, one.normals, atol=2e-3)
            np.testing.assert_allclose(batch[k].keypoints, one.keypoints, atol=2e-8)
            np.testing.assert_allclose(batch[k].T_head_eye, one.T_head_eye)

    def test_arrays_and_mappings_agree(self, model):
        identity = model.neutral_identity()
        name = model.expression_names[0]
        row = np.zeros((1, len(model.expression_names)))
        row[0, 0] = 0.5
        np.testing.assert_array_equal(model.mesh(identity, row)[0].vertices, model.mesh(identity, {name: 0.5}).vertices)

    def test_keypoints_lie_on_the_surface(self, model):
        for weights in list(model.peaks.values())[:3]:
            mesh = model.mesh(model.neutral_identity(), weights)
            distance = np.linalg.norm(mesh.vertices[None] - mesh.keypoints[:, None], axis=-1).min(axis=1)
            assert distance.max() < 1e-6

    def test_a_mirrored_expression_gives_the_mirrored_mesh(self, model):
        assert model.topology.mirror is not None  # both models are symmetric: without a map nothing would be tested
        weights = {n: 0.7 for n in model.expression_names if "Left" in n and "Look" not in n}
        swapped = {n.replace("Left", "Right"): w for n, w in weights.items()}
        gaze = np.array([[0.3, 0.1], [-0.2, 0.2]])
        mesh = model.mesh(model.neutral_identity(), weights, gaze)
        other = model.mesh(model.neutral_identity(), swapped, gaze[::-1] * [-1, 1])
        np.testing.assert_allclose(mesh.vertices[model.topology.mirror] * [-1, 1, 1], other.vertices, atol=1e-6)

    def test_sampling_depends_on_the_generator_alone(self, model):
        first, again, other = (model.sample_identity(np.random.default_rng(s)) for s in (7, 7, 8))
        assert first.describe() == again.describe() != other.describe()
        json.dumps(first.describe())
        np.testing.assert_array_equal(model.mesh(first).vertices, model.mesh(again).vertices)

    @pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan, np.inf])
    def test_weights_outside_the_unit_interval_are_refused(self, model, weight):
        with pytest.raises(FaceError):
            model.mesh(model.neutral_identity(), {model.expression_names[0]: weight})

    def test_unknown_names_and_gazes_out_of_range_are_refused(self, model):
        with pytest.raises(UnknownExpressionError, match=model.expression_names[0]):
            model.mesh(model.neutral_identity(), {"jawOpne": 1.0})
        for gaze in ([1.5, 0.0], [0.0, np.nan]):
            with pytest.raises(FaceError):
                model.mesh(model.neutral_identity(), {}, np.array(gaze))
