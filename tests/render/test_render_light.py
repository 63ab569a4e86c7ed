"""Light against closed forms and against the documented formula evaluated in a slow loop."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import LENSES, camera, headset, led, plane, points, rays, sphere
from scipy.spatial.transform import RigidTransform, Rotation

from faces.materials import MATERIALS
from headsets.headset import Shell
from headsets.leds.lambertian import Lambertian
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer

PLAIN = replace(DIRECT, specular=False, antialias=False, sparse=False)
LENS = Pinhole(64, 48, 60.0, 60.0, 31.5, 23.5)


def radiance(parts, mesh, settings=PLAIN, **options):
    return Renderer(settings=settings).render(parts, mesh, **options)["c"].radiance


@pytest.mark.parametrize("order", [0.6, 1.0, 5.0, 45.0])
def test_a_plane_shows_profile_cosine_inverse_square_and_lambert(pictures, order):
    """L = albedo / pi · I(angle) cos / r², for wide LEDs and for a beam of 10 degrees."""
    view = camera(LENS, (0.0, 0.0, 0.06))
    light = led((0.02, 0.01, 0.03), (0.005, -0.004, 0.0), 0.02, Lambertian(order))
    frame = Renderer(settings=PLAIN).render(headset([view], [light]), plane(), buffers=("radiance", "depth"))["c"]
    p = points(view, frame.depth)
    to = p - light.position
    r = np.linalg.norm(to, axis=-1)
    angle = np.arccos(np.clip(to @ light.axis / r, -1, 1))
    arriving = 0.02 * light.profile.relative(angle) * (-to[..., 2] / r) / r**2
    pictures.keep("radiance", frame.radiance, 0.5 / np.pi * arriving)
    np.testing.assert_allclose(frame.radiance, 0.5 / np.pi * arriving, rtol=1e-3, atol=3e-4 * arriving.max() * 0.16)


def test_no_light_and_no_led_are_black():
    view = camera(LENS)
    for lights in ([], [led((0, 0, 0.05), power=0.0)], [led((0, 0, 0.05), (0, 0, 0.1))]):
        image = radiance(headset([view], lights), sphere(), replace(DIRECT, sparse=False))
        assert (image == 0).all()


def test_intensity_and_distance_scale_as_power_and_inverse_square():
    view = camera(LENS)
    one = radiance(headset([view], [led((0, 0, 0.04), power=0.01)]), plane(0.002, 2))
    two = radiance(headset([view], [led((0, 0, 0.04), power=0.02)]), plane(0.002, 2))
    far = radiance(headset([view], [led((0, 0, 0.08), power=0.01)]), plane(0.002, 2))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6)
    seen = one > 0
    np.testing.assert_allclose(far[seen], one[seen] / 4, rtol=5e-3)


@pytest.mark.parametrize("count", [2, 8, 11])
def test_leds_superpose(count):
    rng = np.random.default_rng(count)
    view = camera(LENS)
    lights = [led(rng.normal(size=3) * 0.03 + [0, 0, 0.09], power=rng.uniform(0.005, 0.02)) for _ in range(count)]
    settings = replace(DIRECT, antialias=False, sparse=False)
    whole = radiance(headset([view], lights), sphere(), settings)
    parts = sum(radiance(headset([view], [one]), sphere(), settings) for one in lights)
    np.testing.assert_allclose(whole, parts, rtol=1e-5, atol=1e-6 * whole.max())


def test_wavelengths_meet_their_own_albedo():
    view = camera(LENS)
    albedo = np.stack([np.full(1, 0.6), np.full(1, 0.2)])
    mesh = plane(albedo=0.5)
    mesh = replace(mesh, albedo=np.broadcast_to(albedo, (2, len(mesh.vertices))).astype(np.float32))
    images = {
        w: radiance(headset([view], [led((0, 0, 0.05), wavelength_nm=w)]), mesh) for w in (850.0, 895.0, 940.0, 1000.0)
    }
    np.testing.assert_allclose(images[940.0], images[850.0] / 3, rtol=1e-5)
    np.testing.assert_allclose(images[895.0], images[850.0] * 2 / 3, rtol=1e-5)
    np.testing.assert_array_equal(images[1000.0], images[940.0])


def loop_radiance(p, n, eye, lights, albedo, f0, alpha):
    """The formula of `sim.render.light`'s docstring, point by point in double precision."""
    total = 0.0
    v = (eye - p) / np.linalg.norm(eye - p)
    for light in lights:
        to = light.position - p
        r = np.linalg.norm(to)
        l = to / r  # noqa: E741
        nl, nv = n @ l, n @ v
        if nl <= 0:
            continue
        angle = np.arccos(np.clip(-l @ light.axis, -1, 1))
        arriving = light.radiant_intensity_w_sr * float(light.profile.relative(angle)) * nl / r**2
        h = (l + v) / np.linalg.norm(l + v)
        d = alpha**2 / (np.pi * ((n @ h) ** 2 * (alpha**2 - 1) + 1) ** 2)
        lam_v = np.sqrt(nv**2 * (1 - alpha**2) + alpha**2)
        lam_l = np.sqrt(nl**2 * (1 - alpha**2) + alpha**2)
        fresnel = f0 + (1 - f0) * (1 - v @ h) ** 5
        total += arriving * (albedo / np.pi + d * fresnel * 0.5 / (nl * lam_v + nv * lam_l))
    return total


@pytest.mark.parametrize("material", ["skin", "lips", "teeth", "sclera"])
def test_specular_agrees_with_the_formula_in_a_loop(material):
    rng = np.random.default_rng(3)
    view = camera(LENS, (0.01, -0.01, 0.1))
    lights = [led((x, y, 0.09), power=0.01) for x, y in rng.uniform(-0.05, 0.05, (5, 2))]
    settings = replace(DIRECT, antialias=False, shadows=False, sparse=False)
    mesh = sphere(0.05, 5, material=material)
    buffers = ("radiance", "depth", "normal")
    frame = Renderer(settings=settings).render(headset([view], lights), mesh, buffers=buffers)["c"]
    p = points(view, frame.depth)
    n = frame.normal @ view.T_device_camera.rotation.as_matrix().T
    spec = MATERIALS[material]
    for i, j in rng.permutation(np.argwhere(np.isfinite(frame.depth)))[:300]:
        if n[i, j] @ (view.position - p[i, j]) < 0.15 * np.linalg.norm(view.position - p[i, j]):
            continue  # at the very rim single precision decides
        expected = loop_radiance(p[i, j], n[i, j], view.position, lights, 0.5, spec.f0, spec.alpha)
        assert frame.radiance[i, j] == pytest.approx(expected, rel=2e-3 if spec.alpha > 0.1 else 2e-2)


def test_specular_adds_light_and_can_be_switched_off():
    parts = headset([camera(LENS)], [led((0.02, 0, 0.09))])
    matt = radiance(parts, sphere(), replace(DIRECT, specular=False, sparse=False))
    glossy = radiance(parts, sphere())
    shiny = radiance(parts, sphere(), replace(DIRECT, sparse=False))
    np.testing.assert_array_equal(matt, radiance(parts, sphere(), replace(DIRECT, specular=False, sparse=False)))
    assert (shiny >= matt - 1e-7).all()
    assert shiny.max() > 1.02 * glossy.max()


def test_a_mirrored_scene_gives_the_mirrored_image():
    """Both images are rendered; nothing is flipped but the scene (x -> -x)."""
    flip = np.array([-1.0, 1.0, 1.0])
    lens = LENSES["kannala_brandt4"]
    ball = sphere(0.05, 4, (0.012, 0.004, 0.0))
    lights = [((0.03, 0.02, 0.07), (0.0, 0.0, 0.05)), ((-0.05, 0.01, 0.06), (0.01, 0, 0))]
    left = headset([camera(lens, (0.02, 0.01, 0.1), (0.01, 0, 0))], [led(*at) for at in lights])
    right = headset(
        [camera(lens.mirrored(), (-0.02, 0.01, 0.1), (-0.01, 0, 0))], [led(a * flip, b * flip) for a, b in lights]
    )
    twin = replace(
        ball,
        topology=replace(ball.topology, triangles=np.ascontiguousarray(ball.triangles[:, ::-1])),
        vertices=ball.vertices * flip,
        normals=ball.normals * flip,
    )
    a, b = radiance(left, ball, replace(DIRECT, sparse=False)), radiance(right, twin, replace(DIRECT, sparse=False))
    different = np.abs(a[:, ::-1] - b) > 1e-3 * a.max()
    assert different.mean() < 2e-3  # shadow texels and silhouettes decided by the last bit


def test_donning_moves_the_head_not_the_headset():
    """Posing the head by T equals posing camera and LED by its inverse."""
    T = RigidTransform.from_components([0.004, -0.003, 0.002], Rotation.from_euler("xyz", [4, -6, 3], degrees=True))
    view, light = camera(LENS), led((0.03, 0.01, 0.08))
    moved = headset(
        [replace(view, T_device_camera=T.inv() * view.T_device_camera)],
        [replace(light, T_device_led=T.inv() * light.T_device_led)],
    )
    ball = sphere(0.04, 4, (0.01, 0.0, 0.0))
    a = radiance(headset([view], [light]), ball, T_device_head=T)
    b = radiance(moved, ball)
    assert (np.abs(a - b) > 1e-3 * a.max()).mean() < 2e-3


def test_the_shell_is_drawn_flat_and_two_sided():
    v = np.array([[-0.05, -0.05, 0.0], [0.05, -0.05, 0.0], [0.05, 0.05, 0.0], [-0.05, 0.05, 0.0]])
    view, light = camera(LENS), led((0, 0, 0.05))
    far = sphere(0.01, 2, (0, 0, -0.5))
    expected = radiance(headset([view], [light]), plane(0.05, 1, albedo=0.1))
    for order in ([[0, 1, 2], [0, 2, 3]], [[2, 1, 0], [3, 2, 0]]):
        shell = Shell(v, np.array(order, np.int32), 0.1, "test")
        parts = headset([view], [light], shell)
        frame = Renderer(settings=PLAIN).render(parts, far, buffers=("radiance", "region", "triangle"))["c"]
        np.testing.assert_allclose(frame.radiance, expected, rtol=1e-4)
        np.testing.assert_array_equal(frame.region, np.where(expected > 0, -2, -1))
        np.testing.assert_array_equal(frame.triangle, frame.region)
        hidden = Renderer(settings=replace(DIRECT, shell=False)).render(parts, far, buffers=("region",))["c"]
        assert (hidden.region != -2).all()


def test_irradiance_and_albedo_compose_to_diffuse_radiance():
    parts = headset([camera(LENS)], [led((0.02, 0, 0.09)), led((-0.03, 0.02, 0.08))])
    frame = Renderer(settings=PLAIN).render(parts, sphere(), buffers=("radiance", "irradiance", "albedo"))["c"]
    np.testing.assert_allclose(frame.radiance, frame.albedo / np.pi * frame.irradiance, rtol=1e-5, atol=1e-9)
    assert not np.isnan(rays(LENS)).any()
