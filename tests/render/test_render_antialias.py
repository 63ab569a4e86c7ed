"""Silhouettes against 16-fold supersampling, and their continuity in the vertices' positions."""

from dataclasses import replace

import numpy as np
import pytest
import warp as wp
from render_scenes import LENSES, camera, head, headset, led, plane, sphere, together
from scipy.spatial.transform import RigidTransform

from faces import load_head_model
from faces.hair.look import BARE
from faces.look import Look
from headsets import load_headset
from headsets.lenses import Pinhole
from sim.render import DIRECT, FULL, Renderer
from sim.render.antialias import blend
from tests.resampled import resampled, window

FOLD = 4


def flat(mesh, albedo):
    """The same body shaded as a disc would be, so that coverage alone decides the pixels at its rim."""
    shade = np.full_like(mesh.albedo, albedo)
    return replace(mesh, normals=np.tile([0.0, 0.0, 1.0], (len(mesh.vertices), 1)), albedo=shade)


def silhouette_errors(lens, mesh, position, antialias):
    """Absolute errors, relative to white, of pixels that a silhouette crosses, and of the others."""
    light = [led((0.0, 0.0, 2.0), power=1.0)]
    settings = replace(DIRECT, shadows=False, specular=False, antialias=antialias)
    image = Renderer(settings=settings).render(headset([camera(lens, position)], light), mesh)["c"].radiance
    plain = Renderer(settings=replace(DIRECT, shadows=False, specular=False, antialias=False))
    fine = plain.render(headset([camera(resampled(lens, FOLD), position)], light), mesh, buffers=("radiance", "depth"))[
        "c"
    ]
    h, w = image.shape
    blocks = fine.radiance.reshape(h, FOLD, w, FOLD)
    depth = np.nan_to_num(fine.depth, nan=1.0).reshape(h, FOLD, w, FOLD)
    edge = depth.max((1, 3)) - depth.min((1, 3)) > 0.015
    error = np.abs(image - blocks.mean((1, 3))) / image.max()
    return error[edge], error[~edge]


@pytest.mark.parametrize("name", LENSES)
def test_silhouettes_come_close_to_supersampling(name):
    """Mean error on silhouette pixels falls to less than a third of what it is without antialiasing."""
    near = flat(sphere(0.03, 4, (0.006, 0.0, 0.0)), 0.6)
    small = flat(sphere(0.012, 4, (-0.035, 0.02, -0.03)), 0.8)
    mesh = together(near, small, flat(plane(0.3, 8, -0.1), 0.1))
    errors = {on: silhouette_errors(LENSES[name], mesh, (0, 0, 0.07), on) for on in (False, True)}
    assert errors[True][0].size > 40
    assert errors[True][0].mean() < 0.33 * errors[False][0].mean()
    assert np.percentile(errors[True][0], 95) < 0.12
    assert errors[True][1].mean() < errors[False][1].mean() + 3e-4


def test_slanted_edges_are_straight():
    """A half plane at any slant: coverage close to the exact area, as far as 16 samples tell it."""
    lens = Pinhole(48, 48, 48.0, 48.0, 23.5, 23.5)
    for angle in np.deg2rad([0, 3, 17, 30, 44, 61, 88]):
        c, s = np.cos(angle), np.sin(angle)
        v = np.array([[0, -1, 0], [1, -1, 0], [1, 1, 0], [0, 1, 0]], float) @ np.array(
            [[c, s, 0], [-s, c, 0], [0, 0, 1]]
        )
        mesh = head(v + np.array([0.0031, 0.0011, 0.0]), np.array([[0, 1, 2], [0, 2, 3]]), np.tile([0, 0, 1.0], (4, 1)))
        errors = {on: silhouette_errors(lens, mesh, (0, 0, 0.5), on)[0] for on in (False, True)}
        assert errors[True].max() < 0.2
        assert errors[True].mean() < 0.25 * errors[False].mean()


def test_bodies_that_pass_through_each_other_are_blended_where_they_meet(pictures):
    """An eyeball and its lid have no silhouette between them."""
    lens = Pinhole(64, 64, 70.0, 70.0, 31.5, 31.5)
    mesh = together(flat(sphere(0.03, 5, (0.001, 0, -0.012)), 0.6), flat(plane(0.1, 4), 0.1))
    light = [led((0.0, 0.0, 2.0), power=1.0)]
    view = camera(lens, (0.0, 0.0, 0.1))
    images = {}
    for on in (False, True):
        settings = replace(DIRECT, shadows=False, specular=False, antialias=on)
        images[on] = Renderer(settings=settings).render(headset([view], light), mesh)["c"].radiance
    plain = Renderer(settings=replace(DIRECT, shadows=False, specular=False, antialias=False))
    fine = plain.render(headset([camera(resampled(lens, FOLD), (0.0, 0.0, 0.1))], light), mesh)["c"].radiance
    blocks = fine.reshape(64, FOLD, 64, FOLD)
    edge = blocks.max((1, 3)) > 2 * blocks.min((1, 3))
    truth = blocks.mean((1, 3))
    pictures.keep("radiance", images[True], truth)
    assert edge.sum() > 40
    assert np.abs(images[True] - truth)[edge].mean() < 0.4 * np.abs(images[False] - truth)[edge].mean()


def test_the_image_changes_continuously_as_a_silhouette_moves():
    """A body moved by a fiftieth of a pixel at a time: no pixel jumps as it does without antialiasing."""
    lens = Pinhole(32, 32, 40.0, 40.0, 15.5, 15.5)
    view, light = camera(lens, (0, 0, 0.1)), led((0, 0, 2.0))
    step = 0.02 * 0.1 / 40.0
    jumps = {}
    for on in (False, True):
        renderer = Renderer(settings=replace(DIRECT, shadows=False, specular=False, antialias=on))
        images = []
        for k in range(60):
            mesh = flat(sphere(0.02, 4, (k * step, 0.3 * k * step, 0.0)), 0.6)
            images.append(renderer.render(headset([view], [light]), mesh)["c"].radiance)
        jumps[on] = np.abs(np.diff(images, axis=0)).max() / np.max(images)
    assert jumps[False] > 0.5
    assert jumps[True] < 0.2


@pytest.mark.parametrize(("corner", "share"), [((25, 45), 0.6), ((145, 175), 0.15)], ids=["nose", "lips"])
def test_outlines_of_a_face_move_as_smoothly_as_supersampled_ones(corner, share, pictures):
    """A face in a shipped headset, moved by 5 micrometres at a time, against 64-fold supersampling.

    At the rim of this nose skin is twice as bright as a pixel further in, so a pixel there must not be blended with
    another value once its centre comes to see another surface. Mean error falls to `share` of what it is without
    antialiasing; the nose's rim has a highlight finer than a pixel, which no pixel's light can be right for. Jumps are
    those in a step, of white; supersampled images have jumps of their own, where an edge runs along their samples.
    Shadows are off: at their edges both change by steps, as a shadow map's texels do.
    """
    fold, steps = 8, 36
    look = Look(hair=BARE)
    model = load_head_model()
    mesh = model.mesh(model.sample_identity(np.random.default_rng(0)), {"browInnerUp": 0.3}, look=look)
    parts = load_headset("refa_green")
    view = parts.camera("mouth_left")
    lens = window(view.lens, *corner, 72)
    series = {}
    for name, own, on in (("on", lens, True), ("off", lens, False), ("fine", resampled(lens, fold), False)):
        renderer = Renderer(settings=replace(FULL, sparse=False, shadows=False, antialias=on))
        held = replace(parts, cameras={"c": replace(view, name="c", lens=own)})
        images = []
        for k in range(steps):
            slip = RigidTransform.from_translation([k * 5e-6, k * 1.5e-6, 0.0])
            image = renderer.render(held, mesh, slip)["c"].radiance
            images.append(image.reshape(72, image.shape[0] // 72, 72, -1).mean((1, 3)))
        series[name] = np.array(images)
    white = np.percentile(series["fine"], 95)
    truth = series["fine"]
    pictures.keep("radiance", series["on"][0], truth[0])
    edge = np.abs(series["off"] - truth) > 0.02 * white
    error = {name: np.abs(series[name] - truth)[edge].mean() for name in ("on", "off")}
    jumps = {name: np.abs(np.diff(images, axis=0)).max(0) / white for name, images in series.items()}
    assert edge.sum() > 200
    assert error["on"] < share * error["off"]
    assert jumps["off"].max() > 3 * jumps["fine"].max()
    assert (jumps["on"] > 0.03).sum() <= (jumps["fine"] > 0.03).sum()
    assert jumps["on"].max() < 1.6 * jumps["fine"].max()


def test_labels_are_not_blended():
    mesh = sphere(0.03, 4)
    parts = headset([camera(LENSES["pinhole"])], [led((0, 0, 0.1))])
    buffers = ("radiance", "region", "depth", "triangle", "normal")
    frames = [
        Renderer(settings=replace(DIRECT, antialias=on)).render(parts, mesh, buffers=buffers)["c"] for on in (0, 1)
    ]
    for name in buffers[1:]:
        np.testing.assert_array_equal(getattr(frames[0], name), getattr(frames[1], name))
    assert not np.array_equal(frames[0].radiance, frames[1].radiance)


def strips(width):
    """Forty crossing-free tapered strips over a bright plane, as lashes are, each a chain of three quads."""
    rng = np.random.default_rng(4)
    vertices, triangles = [], []
    for k in range(40):
        root = np.array([-0.02 + 0.001 * k, -0.01, 0.004])
        lean = rng.uniform(-0.2, 0.2)
        for j in range(4):
            middle = root + np.array([lean * 0.006 * j, 0.006 * j, 0.0005 * j])
            half = width / 2 * (1 - j / 4)
            side = np.array([half, 0.0, 0.0])
            vertices += [middle - side, middle + side]
            if j < 3:
                i = 8 * k + 2 * j
                triangles += [[i, i + 1, i + 3], [i, i + 3, i + 2]]
    mesh = head(np.array(vertices), np.array(triangles), np.tile([0, 0, 1.0], (320, 1)), "lash")
    return together(flat(plane(0.1, 8), 0.6), replace(mesh, albedo=np.full_like(mesh.albedo, 0.1)))


@pytest.mark.parametrize("width_px", [0.2, 0.4, 0.9])
def test_strips_narrower_than_a_pixel_are_blended_by_coverage(pictures, width_px):
    lens = Pinhole(96, 64, 150.0, 150.0, 47.5, 31.5)
    mesh = strips(width_px * 0.1 / 150.0)
    light = [led((0.0, 0.0, 2.0), power=1.0)]
    images = {}
    for name, view, on in (("blended", lens, True), ("sampled", lens, False), ("fine", resampled(lens, FOLD), False)):
        settings = replace(DIRECT, shadows=False, specular=False, antialias=on)
        images[name] = (
            Renderer(settings=settings).render(headset([camera(view, (0, 0, 0.1))], light), mesh)["c"].radiance
        )
    truth = images["fine"].reshape(64, FOLD, 96, FOLD).mean((1, 3))
    pictures.keep("radiance", images["blended"], truth)
    bright = truth.max()
    darkened = (bright - truth).sum()
    assert (bright - images["blended"]).sum() == pytest.approx(darkened, rel=0.1)
    errors = {name: np.abs(images[name] - truth).mean() for name in ("blended", "sampled")}
    assert errors["blended"] < 0.3 * errors["sampled"]


def test_strips_behind_a_body_are_hidden_and_labels_know_them():
    lens = Pinhole(96, 64, 150.0, 150.0, 47.5, 31.5)
    mesh = strips(0.0005)
    wall = flat(plane(0.005, 4, 0.02), 0.3)
    light = [led((0.0, 0.0, 2.0), power=1.0)]
    settings = replace(DIRECT, shadows=False, specular=False)
    parts = headset([camera(lens, (0, 0, 0.1))], light)
    buffers = ("radiance", "triangle")
    frame = Renderer(settings=settings).render(parts, together(mesh, wall), buffers=buffers)["c"]
    thin = mesh.material_ids == mesh.topology.material_names.index("lash")
    first_wall = len(mesh.triangles)
    on_wall = frame.triangle >= first_wall
    assert on_wall.sum() > 100
    bare = Renderer(settings=settings).render(parts, wall)["c"].radiance
    inner = (
        on_wall & np.roll(on_wall, 2, 0) & np.roll(on_wall, -2, 0) & np.roll(on_wall, 2, 1) & np.roll(on_wall, -2, 1)
    )
    np.testing.assert_allclose(frame.radiance[inner], bare[inner], rtol=1e-5)
    labels = frame.triangle[(frame.triangle >= 0) & ~on_wall]
    assert thin[labels].any()


def test_light_stays_above_nothing():
    """Bright pixels that dark neighbours cover entirely: a mean of what is not negative is not, to the last bit."""
    width, rng = 201, np.random.default_rng(0)
    lit = np.zeros((width, width), bool)
    lit[1:-1:2, 1:-1:2] = True
    radiance = np.where(lit, rng.uniform(1e-6, 1.0, lit.shape), 0.0).astype(np.float32).ravel()
    weights = rng.uniform(0.0, 1.0, (len(radiance), 4)).astype(np.float32)
    touched = np.flatnonzero(lit).astype(np.int32)
    sources = np.where(rng.random(weights.shape) < 0.5, 0, -1).astype(np.int32)  # a dark sample, or the neighbour
    out = wp.zeros(len(touched), dtype=float, device="cpu")
    arrays = [
        wp.array(values, dtype=kind, device="cpu")
        for values, kind in (
            (touched, int),
            (weights, wp.vec4),
            (sources, wp.vec4i),
            (radiance, float),
            *[(np.zeros(1, np.float32), float)] * 2,
        )
    ]
    wp.launch(blend, len(touched), inputs=[*arrays, width], outputs=[out], device="cpu")
    covered = weights[touched].sum(axis=1) >= 1.0
    assert covered.sum() > 5000
    assert out.numpy().min() >= 0.0
    np.testing.assert_allclose(out.numpy()[covered], 0.0, atol=1e-6)
