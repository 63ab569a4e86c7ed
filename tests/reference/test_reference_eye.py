"""The physical eye against paraxial optics and the laws of reflection, by themselves and in an image."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform

from faces import load_head_model
from headsets.leds import Lambertian
from headsets.lenses import Pinhole
from sim.reference import ReferenceSettings, render_reference
from sim.reference.eye import Eye, irradiance
from sim.reference.glints import reflection, strength
from sim.reference.optics import BACK, FRONT, IRIS_DEPTH, through_cornea
from tests.render.render_scenes import camera, headset, led

pytest.importorskip("mitsuba")
RIM = 0.00595
AHEAD = np.array([0.0, 0.0, -1.0])


def paraxial():
    """2 x 2 ray matrix (height, index times angle) from in front of the cornea to the iris plane."""
    first = np.array([[1.0, 0.0], [-(FRONT.index - 1) / FRONT.radius, 1.0]])
    cornea = np.array([[1.0, (FRONT.apex - BACK.apex) / FRONT.index], [0.0, 1.0]])
    second = np.array([[1.0, 0.0], [-(BACK.index - FRONT.index) / BACK.radius, 1.0]])
    chamber = np.array([[1.0, (IRIS_DEPTH - (FRONT.apex - BACK.apex)) / BACK.index], [0.0, 1.0]])
    return chamber @ second @ cornea @ first


def test_rays_near_the_axis_are_paraxial():
    x = np.array([1e-4, 2e-4])
    at = np.stack([x, 0 * x, FRONT.height(x)], -1)
    landing, share = through_cornea(at, np.broadcast_to(AHEAD, (2, 3)))
    assert landing[:, 0] == pytest.approx(x * paraxial()[0, 0], rel=1e-3)
    first, second = ((1.0 - 1.37) / 2.37) ** 2, ((1.37 - 1.33) / 2.70) ** 2
    assert share == pytest.approx((1 - first) * (1 - second), rel=1e-4)


def test_the_cornea_gathers_light_on_the_iris():
    """An LED far ahead: irradiance in the middle of the iris is that in air, times what enters, over A²."""
    nothing = np.zeros((0, 2)), np.zeros((0, 1))
    eye = Eye(RigidTransform.identity(), RIM, 0.0018, nothing)
    lamp = led((0, 0, 2.0), (0, 0, 0), power=1.0, profile=Lambertian(1.0))
    light = irradiance(eye, [lamp], [0], lambda a, b: np.ones(len(a), bool))
    _, share = through_cornea(np.array([[0, 0, FRONT.apex]]), AHEAD[None])
    air = 1 / (2.0 - FRONT.apex) ** 2
    assert light(np.zeros((1, 2)))[0, 0] == pytest.approx(air * share[0] / paraxial()[0, 0] ** 2, rel=0.01)
    assert light(np.zeros((1, 2)))[0, 1] == 0.0
    assert irradiance(eye, [lamp], [0], lambda a, b: np.zeros(len(a), bool))(np.zeros((1, 2)))[0, 0] == 0.0


def test_glints_obey_the_law_of_reflection():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(30):
        a, b = (np.array([*rng.uniform(-0.03, 0.03, 2), rng.uniform(0.03, 0.07)]) for _ in range(2))
        point = reflection(a, b, RIM)
        if point is None:
            continue
        found += 1
        n = FRONT.normal(point)
        u, v = ((q - point) / np.linalg.norm(q - point) for q in (a, b))
        assert np.cross(u + v, n) == pytest.approx(np.zeros(3), abs=1e-7)
        assert point[2] == pytest.approx(FRONT.height(np.hypot(point[0], point[1])), abs=1e-12)
    assert found > 15


def test_a_far_glint_is_that_of_a_convex_mirror():
    """R² / 4 · F · E in W/sr (design, section 5)."""
    far = 5.0
    got = strength(np.array([0, 0, far]), np.array([1e-6, 0, far]), np.array([5e-7, 0, FRONT.apex]))
    air = 1 / (far - FRONT.apex) ** 2
    fresnel = ((FRONT.index - 1) / (FRONT.index + 1)) ** 2
    assert got * (far - FRONT.apex) ** 2 == pytest.approx(FRONT.radius**2 / 4 * fresnel * air, rel=0.01)


def test_the_pupil_seen_through_the_cornea():
    """Its apparent radius from 60 mm ahead is the paraxial one within 3 %; painted on, it would be 8 % less."""
    model = load_head_model()
    mesh = model.mesh(model.neutral_identity(), {"eyeWideLeft": 1.0})
    eye = RigidTransform.from_matrix(mesh.T_head_eye[0])
    centre, axis = eye.translation, eye.rotation.as_matrix()[:, 2]
    away = 0.060
    lens = Pinhole(60, 60, 400.0, 400.0, 29.5, 29.5)
    view = camera(lens, centre + axis * (FRONT.apex + away), centre)
    parts = headset([view], [led(centre + axis * 0.05 + eye.rotation.as_matrix()[:, 0] * 0.03, centre)])
    settings = ReferenceSettings(spp=4, side=1, integrator="direct", hair=False)
    radii = {}
    for kind in ("refractive", "painted"):
        image = render_reference(parts, mesh, settings=replace(settings, eye=kind, specular=False))["c"]
        y, x = np.mgrid[:60, :60] - 29.5
        near = np.hypot(x, y) < 20
        dark = near & (image < 0.3 * np.median(image[near & (np.hypot(x, y) > 17)]))
        radii[kind] = np.sqrt(dark.sum() / np.pi) / lens.fx_px
    # A ray from the camera at angle t reaches the iris plane at height (A away + B) t.
    a, b = paraxial()[0]
    expected = 0.5e-3 * mesh.look.eyes.pupil_diameter_mm / (a * away + b)
    assert radii["refractive"] == pytest.approx(expected, rel=0.03)
    assert radii["painted"] < 0.95 * expected
