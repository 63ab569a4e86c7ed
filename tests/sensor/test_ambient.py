"""Irradiance of ambient light against sums over directions."""

from dataclasses import replace

import numpy as np
import pytest

from faces import load_head_model
from headsets import load_headset
from sim.errors import SimError
from sim.render import DIRECT, Renderer
from sim.render.ambient import Ambient
from tests.render.render_scenes import LENSES, camera, headset, sphere


def directions(n=200_000):
    """Points on a sphere by Fibonacci's spiral."""
    z = 1 - 2 * (np.arange(n) + 0.5) / n
    turn = np.pi * (1 + np.sqrt(5)) * np.arange(n)
    r = np.sqrt(1 - z**2)
    return np.stack([r * np.cos(turn), r * np.sin(turn), z], -1)


def test_irradiance_is_the_integral_of_radiance_times_cosine():
    coefficients = np.array([1.0, 0.3, -0.2, 0.15, 0.1, -0.12, 0.08, 0.05, -0.07])
    d = directions()
    x, y, z = d.T
    # Real spherical harmonics by their closed forms, √ and all.
    s, p = np.sqrt, np.pi
    basis = [
        s(1 / (4 * p)) + 0 * x,
        *(s(3 / (4 * p)) * v for v in (y, z, x)),
        s(15 / (4 * p)) * x * y,
        s(15 / (4 * p)) * y * z,
        s(5 / (16 * p)) * (3 * z**2 - 1),
        s(15 / (4 * p)) * x * z,
        s(15 / (16 * p)) * (x**2 - y**2),
    ]
    radiance = coefficients @ np.array(basis)
    normals = directions(7)
    expected = [(radiance * np.maximum(d @ n, 0)).mean() * 4 * p for n in normals]
    np.testing.assert_allclose(Ambient(tuple(coefficients)).irradiance(normals), expected, rtol=1e-3)


def test_even_surroundings_and_sun():
    up = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.5, np.sqrt(0.75)]])
    np.testing.assert_allclose(Ambient.even(3.0).irradiance(up), 3.0, rtol=1e-5)
    np.testing.assert_allclose(Ambient(sun_irradiance_w_m2=8.0).irradiance(up), [8.0, 0.0, 4.0], atol=1e-9)
    assert Ambient().dark
    assert not Ambient.even(1.0).dark


@pytest.mark.parametrize(
    "wrong", [{"radiance": ()}, {"radiance": (-1.0,)}, {"radiance": (np.nan,)}, {"sun_direction": (0.0, 2.0, 0.0)}]
)
def test_bad_input(wrong):
    with pytest.raises(SimError):
        Ambient(**wrong)


def test_lamps_light_an_open_ball_as_the_surroundings_do():
    """Irradiance of the shipped renderer against the closed form, where no lamp is left out; 5 % at worst."""
    light = Ambient(radiance=(1.0, 0.3, 0.2, -0.1), sun_direction=(0.0, 0.6, 0.8), sun_irradiance_w_m2=0.5)
    parts = headset([camera(LENSES["pinhole"], (0.0, 0.0, 0.15))], list(light.lamps(850.0)))
    settings = replace(DIRECT, shadows=False, specular=False, sparse=False)
    ball = sphere(0.02)
    frame = Renderer(settings=settings).render(parts, ball, buffers=("irradiance", "normal", "region"))["c"]
    normals = frame.normal @ parts.camera("c").T_device_camera.rotation.as_matrix().T
    middle = (frame.region >= 0) & (normals[..., 2] > 0.9)
    expected = light.irradiance(normals[middle])
    assert np.abs(frame.irradiance[middle] / expected - 1).max() < 0.05


def test_a_headset_keeps_the_surroundings_from_the_eyes():
    """Even light reaches the chin below a shipped headset, and little of it the eyes."""
    head, parts = load_head_model(), load_headset("refa_green")
    mesh = head.mesh(head.neutral_identity())
    lit = replace(parts, leds={lamp.name: lamp for lamp in Ambient.even(1.0).lamps(850.0)})
    settings = replace(DIRECT, shadow_bias_m=0.8e-3)
    labels = mesh.topology.region_labels
    chin, eye = labels.index("chin"), labels.index("eyeball_left")
    reached = {}
    for shell in (True, False):
        frames = Renderer(settings=replace(settings, shell=shell)).render(lit, mesh, buffers=("irradiance", "region"))
        light = np.concatenate([f.irradiance.ravel() for f in frames.values()])
        seen = np.concatenate([f.region.ravel() for f in frames.values()])
        reached[shell] = [light[seen == region].mean() for region in (chin, eye)]
    (chin_in, eye_in), (chin_out, eye_out) = reached[True], reached[False]
    assert chin_in > 0.4 * chin_out
    assert eye_in < 0.2 * eye_out
