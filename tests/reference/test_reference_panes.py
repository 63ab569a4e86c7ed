"""Panes of glasses in the reference against paraxial optics: what passes, what either surface mirrors."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform

from faces import load_head_model
from faces.eyewear.look import GlassesLook
from faces.eyewear.panes import Panes
from faces.look import Look
from headsets.lenses import Pinhole
from sim.reference import ReferenceSettings, render_reference
from sim.reference.pane_glints import image_in
from sim.reference.panes import Pane, passed, split
from sim.render.mirrors import MirrorSet
from sim.render.panes import pane_mirrors
from tests.render.render_scenes import camera, headset, led, plane

pytest.importorskip("mitsuba")
INDEX, THICK, REFLECTED, TRANSMITTED = 1.5, 0.002, 0.03, 0.97
DIRECT = ReferenceSettings(spp=4, side=1, integrator="direct", eye="painted", hair=False, skin_maps=False)


def pane(front: float, back: float) -> Pane:
    """A round pane 40 mm wide in the device's frame, its front apex at z = 0."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    outline = 0.02 * np.stack([np.cos(angle), np.sin(angle)], -1)
    glass = Panes(np.eye(4)[None], outline[None], front, back, 0.0, -THICK, INDEX, REFLECTED, TRANSMITTED)
    return Pane(RigidTransform.identity(), outline, glass)


def lens(radius: float, before: float, behind: float) -> np.ndarray:
    """Refraction at a surface whose centre lies behind it, on (height, index times angle)."""
    return np.array([[1.0, 0.0], [-(behind - before) / radius, 1.0]])


def way(length: float, index: float = 1.0) -> np.ndarray:
    return np.array([[1.0, length / index], [0.0, 1.0]])


@pytest.mark.parametrize(("front", "back"), [(1e3, 1e3), (0.1, 0.1), (0.1, 0.07)])
def test_both_surfaces_mirror_as_paraxial_optics_says(front, back):
    """Irradiance is share / B², with B of the ray matrix from the camera by way of the mirror to the LED."""
    a, b = 0.05, 0.03
    found = [image_in(pane(front, back), k, np.array([1e-5, 0, a]), np.array([-1e-5, 2e-5, b])) for k in (0, 1)]
    # A convex mirror spreads, seen with the axis turned over: [1 0; 2 n / r 1].
    inside = way(THICK, INDEX) @ np.array([[1, 0], [2 * INDEX / back, 1]]) @ way(THICK, INDEX)
    on_the_way_back = np.array([[1.0, 0.0], [-(1 - INDEX) / -front, 1.0]])  # from glass to air, centre in front
    matrices = [
        way(b) @ np.array([[1, 0], [2 / front, 1]]) @ way(a),
        way(b) @ on_the_way_back @ inside @ lens(front, 1.0, INDEX) @ way(a),
    ]
    shares = [REFLECTED, (1 - REFLECTED) ** 2 * REFLECTED * TRANSMITTED**2]
    for image, matrix, share in zip(found, matrices, shares, strict=True):
        assert image is not None
        assert image.strength == pytest.approx(share / matrix[0, 1] ** 2, rel=1e-3)
    assert np.allclose([found[0].first[2], found[1].leaves[2]], 0.0, atol=1e-7)


def test_rays_bend_by_the_power_of_the_pane():
    """Parallel to the axis at height h, behind a pane of power P: by -h P; light is lost twice and within."""
    glass = pane(0.1, 0.07)
    rays = np.tile([0.0, 0.0, -1.0], (1, 1))
    h = 1e-4
    bundle = split([glass], np.array([h, 0.0, 0.05]), rays, lambda p, q: np.ones(len(p), bool))
    assert bundle.source.tolist() == [0, 0, 0]
    matrix = lens(0.07, INDEX, 1.0) @ way(THICK, INDEX) @ lens(0.1, 1.0, INDEX)
    assert bundle.direction[0, 0] == pytest.approx(matrix[1, 0] * h, rel=1e-3)
    assert bundle.direction[0, 2] == pytest.approx(-1.0)
    assert bundle.share[0] == pytest.approx((1 - REFLECTED) ** 2 * TRANSMITTED, rel=1e-6)
    assert bundle.direction[1:, 2] == pytest.approx(1.0, abs=1e-5)
    assert bundle.share.sum() < 1
    beside = split([glass], np.array([0.03, 0.0, 0.05]), rays, lambda p, q: np.ones(len(p), bool))
    assert beside.share.tolist() == [1.0]
    hidden = split([glass], np.array([h, 0.0, 0.05]), rays, lambda p, q: np.zeros(len(p), bool))
    assert hidden.direction == pytest.approx(rays)


def test_light_passes_straight_on():
    glass = pane(0.1, 0.1)
    start = np.array([[0, 0, 0.05], [0.03, 0, 0.05], [0, 0, 0.05]])
    end = np.array([[0, 0, -0.02], [0.03, 0, -0.02], [0, 0, 0.02]])
    whole = (1 - REFLECTED) ** 2 * TRANSMITTED
    assert passed([glass], start, end) == pytest.approx([whole, 1.0, 1.0])


def test_a_plane_behind_a_pane(monkeypatch):
    """Light passes the thin sheet on its way in, and both surfaces on the way to the camera."""
    glass = pane(1e3, 1e3)
    glass = replace(glass, T_device_pane=RigidTransform.from_translation([0, 0, 0.02]))
    wall = plane(0.05, 10, albedo=0.5)
    parts = headset([camera(Pinhole(10, 10, 40.0, 40.0, 4.5, 4.5), (0, 0, 0.06))], [led((0.006, 0, 0.05))])
    bare = render_reference(parts, wall, settings=replace(DIRECT, specular=False))["c"]
    monkeypatch.setattr("sim.reference.scene.worn_panes", lambda mesh, pose: [glass])
    settings = replace(DIRECT, specular=False, spp=64)
    seen = render_reference(parts, wall, settings=settings)["c"]
    through = (1 - REFLECTED) / (1 + REFLECTED) * TRANSMITTED * (1 - REFLECTED) ** 2 * TRANSMITTED
    assert np.median(seen / bare) == pytest.approx(through, rel=0.01)
    # The LED's image in the pane lies halfway between LED and camera's image: one bright pixel for each surface.
    assert (seen > 1.5 * bare).sum() in (1, 2)


def test_glasses_dim_a_wearers_eye():
    model = load_head_model()
    look = GlassesLook(shape="round")
    mesh = model.mesh(model.neutral_identity(), {}, look=Look(glasses=look))
    eye = mesh.T_head_eye[0] @ [0.0, 0.0, 0.0133, 1.0]
    lens_ = Pinhole(12, 12, 60.0, 60.0, 5.5, 5.5)
    view = camera(lens_, eye[:3] + np.array([0, 0, 0.06]), eye[:3])
    parts = headset([view], [led(eye[:3] + np.array([0.015, 0.01, 0.06]), eye[:3])])
    one = render_reference(parts, mesh, settings=replace(DIRECT, specular=False))["c"]
    bare = render_reference(parts, mesh, settings=replace(DIRECT, specular=False, panes=False))["c"]
    r, t = look.surface_reflectance, look.lens_transmission
    expected = (1 - r) / (1 + r) * t * (1 - r) ** 2 * t
    lit = bare > 0.1 * bare.max()
    assert lit.mean() > 0.5
    assert np.median(one[lit] / bare[lit]) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("back", [0.1, 0.07])
def test_the_fast_renderers_images_are_as_bright(back):
    """In the front surface exactly; it does not refract what the back one mirrors, which is within 8 %."""
    rng = np.random.default_rng(0)
    glass = pane(0.1, back)
    mirrors = MirrorSet(pane_mirrors(glass.glass, np.eye(4)[None]))
    for _ in range(5):
        eye, lamp = (np.array([*rng.uniform(-0.015, 0.015, 2), z]) for z in (0.04, 0.03))
        ours = mirrors.reflect(lamp[None], eye, None)
        assert sorted(ours.mirror.tolist()) == [0, 1]
        for surface, gain, point in zip(ours.mirror.tolist(), ours.gain, ours.points, strict=True):
            theirs = image_in(glass, surface, eye, lamp)
            assert theirs is not None
            assert gain == pytest.approx(theirs.strength, rel=0.08 if surface else 1e-6)
            if surface == 0:
                assert point == pytest.approx(theirs.first, abs=1e-7)
