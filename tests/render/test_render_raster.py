"""The rasteriser against brute force over all pixels and triangles, and against a sphere's closed form."""

import numpy as np
import pytest
from render_scenes import LENSES, camera, head, headset, rays, sphere

from sim.render import Renderer

BUFFERS = ("triangle", "depth", "region", "barycentric", "normal", "valid")


def brute_force(d, corners, two_sided):
    """Double-precision hits of rays (N, 3) on triangles (T, 3, 3): nearest triangle, range, and doubtful rays."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    planes = [np.cross(b, c), np.cross(c, a), np.cross(a, b)]
    sign = np.sign(np.einsum("ij,ij->i", a, planes[0]))
    edges = np.stack([d @ (p / np.linalg.norm(p, axis=1, keepdims=True)).T * sign for p in planes])
    least = edges.min(0)
    faces = (sign < 0) | two_sided
    n = np.cross(b - a, c - a)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.einsum("ij,ij->i", a, n) / (d @ n.T)
    hit = (least >= 0) & faces
    reach = np.where(hit, reach, np.inf)
    order = np.sort(reach, axis=1)
    nearest, second = order[:, 0], order[:, 1]
    with np.errstate(invalid="ignore"):
        tie = np.isfinite(nearest) & (second - nearest < 1e-4 * nearest)
    doubtful = tie | ((np.abs(least) < 2e-5) & faces).any(1)
    return np.where(np.isfinite(nearest), reach.argmin(1), -1), nearest, doubtful


@pytest.mark.parametrize("name", LENSES)
@pytest.mark.parametrize("size", [0.004, 0.03, 0.3])
def test_every_pixel_agrees_with_brute_force(pictures, name, size):
    """Triangles of all sizes around the camera: none is missed, none reaches too far, beyond 90 degrees too."""
    rng = np.random.default_rng([7, int(1000 * size)])
    lens = LENSES[name]
    centres = rng.normal(size=(400, 1, 3))
    centres *= rng.uniform(0.02, 0.2, (400, 1, 1)) / np.linalg.norm(centres, axis=-1, keepdims=True)
    corners = centres + rng.normal(size=(400, 3, 3)) * size / 2
    lashes = rng.random(400) < 0.3
    material = ["lash" if lash else "skin" for lash in lashes]
    mesh = head(corners.reshape(-1, 3), np.arange(1200).reshape(-1, 3), np.ones((1200, 3)), material)
    view = camera(lens, (0, 0, 0), (0.3, -0.2, 0.9))
    frame = Renderer().render(headset([view]), mesh, buffers=BUFFERS)["c"]
    d = rays(lens).reshape(-1, 3)
    valid = np.isfinite(d).all(-1)
    local = corners @ view.T_device_camera.rotation.as_matrix()
    expected, reach, doubtful = brute_force(np.nan_to_num(d), local, lashes)
    sure = valid & ~doubtful
    shape = frame.triangle.shape
    pictures.keep("triangle", frame.triangle, np.where(sure, expected, frame.triangle.ravel()).reshape(shape))
    pictures.keep("depth", frame.depth, np.where(sure, reach * d[:, 2], frame.depth.ravel()).reshape(shape))
    assert sure.mean() > 0.6 * valid.mean()
    np.testing.assert_array_equal(frame.triangle.ravel()[sure], expected[sure])
    seen = sure & (expected >= 0)
    assert seen.any()
    np.testing.assert_allclose(frame.depth.ravel()[seen], (reach * d[:, 2])[seen], rtol=2e-3, atol=2e-6)
    np.testing.assert_array_equal(frame.region.ravel()[seen], expected[seen] % 5)
    np.testing.assert_array_equal(frame.valid.ravel(), valid)
    weights = frame.barycentric.reshape(-1, 3)[seen]
    hit = np.einsum("nk,nkj->nj", weights, local[expected[seen]])
    np.testing.assert_allclose(hit, reach[seen, None] * d[seen], atol=3e-5)
    assert (frame.triangle.ravel()[~valid] == -1).all()


@pytest.mark.parametrize("name", LENSES)
def test_depth_and_normal_of_a_sphere_are_the_closed_form(pictures, name):
    lens = LENSES[name]
    view = camera(lens, (0.01, 0.02, 0.09))
    frame = Renderer().render(headset([view]), sphere(0.05, 5), buffers=BUFFERS)["c"]
    d = rays(lens)
    centre = view.T_device_camera.inv().apply(np.zeros(3))
    b = d @ centre
    inside = b**2 - (centre @ centre - 0.05**2)
    seen = (np.nan_to_num(inside, nan=-1.0) > 2e-4) & (b > 0)
    assert seen.any()
    reach = b - np.sqrt(np.where(seen, inside, 0.0))
    pictures.keep("depth", frame.depth, np.where(seen, reach * d[..., 2], np.nan))
    np.testing.assert_allclose(frame.depth[seen], (reach * d[..., 2])[seen], atol=2e-4)
    normal = (reach[..., None] * d - centre) / 0.05
    assert (np.einsum("ijk,ijk->ij", normal, frame.normal)[seen] > 0.9995).all()
    missed = (np.nan_to_num(inside, nan=-1.0) < -1e-4) | (b < 0)
    assert (frame.region[missed] == -1).all()
    assert np.isnan(frame.depth[missed]).all()
    assert (frame.normal[missed] == 0).all()


@pytest.mark.parametrize("name", LENSES)
@pytest.mark.parametrize("subdivisions", [1, 3, 5])
def test_no_ray_passes_between_triangles(pictures, name, subdivisions):
    """From inside a closed surface every pixel that has a ray sees something, whatever the edge it falls on."""
    shell = sphere(0.05, subdivisions)
    inward = head(shell.vertices, shell.triangles[:, ::-1], -shell.normals)
    for position in ((0, 0, 0), (0.011, -0.02, 0.013)):
        view = camera(LENSES[name], position, (0.03, 0.02, -0.04))
        frame = Renderer().render(headset([view]), inward, buffers=("triangle", "valid"))["c"]
        pictures.keep("hit", frame.triangle >= 0, frame.valid)
        assert (frame.triangle >= 0)[frame.valid].all()


def test_backs_are_seen_only_of_two_sided_materials():
    patch = sphere(0.05, 2)
    turned = patch.triangles[:, ::-1]
    view = [camera(LENSES["pinhole"])]
    for material, seen in (("skin", False), ("lash", True)):
        mesh = head(patch.vertices, turned, material=material)
        mesh = head(mesh.vertices[:, :] + [0, 0, 0.0], turned, material=material)
        frame = Renderer().render(headset(view), mesh, buffers=("triangle",))["c"]
        front = mesh.vertices[turned][:, :, 2].mean(1) > 0.02
        assert front[frame.triangle[24, 31]] == seen
