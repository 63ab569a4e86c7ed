"""Cover glasses: mirror images and losses against closed forms of the plane-parallel plate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import camera, headset, led, plane, pose, rays
from scipy.optimize import brentq

from headsets.cover_glass import CoverGlass
from headsets.headset import Camera, Headset, Led
from headsets.lenses import KannalaBrandt4
from sim.render import DIRECT, Renderer

INDEX, THICK = 1.51, 0.7e-3
FOCAL = 80.0
LENS = KannalaBrandt4(160, 160, FOCAL, FOCAL, 79.5, 79.5, (0.0, 0.0, 0.0, 0.0))
"""Equidistant: a pixel at an angle a is sin a / (a f²) sr."""
PLAIN = replace(DIRECT, panes=True, ghosts=True, antialias=False, sparse=False, shadows=False)


def window(half: tuple[float, float] | None = (0.006, 0.004), **other: object) -> CoverGlass:
    """A glass around the origin that looks along -z of the device, towards the face."""
    given = {"radius_m": None, "thickness_m": THICK, "index": INDEX, "surface_reflectance": bare(1.0), "name": "w"}
    given |= {"T_device_glass": pose((0, 0, 0), (0, 0, -1)), "half_m": half, "transmission": 0.97, **other}
    return CoverGlass(**given)


def bare(cosine: float) -> float:
    """Fresnel, unpolarised, from the Snell angle."""
    i = np.arccos(min(cosine, 1 - 1e-9))
    t = np.arcsin(np.sin(i) / INDEX)
    return 0.5 * ((np.sin(i - t) / np.sin(i + t)) ** 2 + (np.tan(i - t) / np.tan(i + t)) ** 2)


def plate(light: Led, view: Camera, z_inner: float) -> list[tuple[np.ndarray, float]]:
    """Unit direction at the camera and E, W/m², of the images in inner and outer surface, both behind the inner one.

    Light falls at an angle i and travels (a + b) tan i across in air and 2 t tan r in glass, sin i = n sin r. A ring
    di wide around the glass's normal holds 2 pi sin i di sr, and is cos i dx wide and 2 pi x round at the camera.
    """
    a, b = light.position[2] - z_inner, view.position[2] - z_inner
    across = view.position[:2] - light.position[:2]
    x = float(np.linalg.norm(across))
    out = []
    for depth in (0.0, THICK):

        def lateral(i: float, depth: float = depth) -> float:
            return (a + b) * np.tan(i) + 2 * depth * np.tan(np.arcsin(np.sin(i) / INDEX))

        i = brentq(lambda i: lateral(i) - x, 0.0, 1.5)
        slope = (lateral(i + 1e-6) - lateral(i - 1e-6)) / 2e-6
        c = np.cos(i)
        back = np.array([*(-across / x * np.sin(i)), -c])
        away = np.array([*(across / x * np.sin(i)), -c])
        power = light.radiant_intensity_w_sr * float(light.profile.relative(np.arccos(away @ light.axis)))
        share = bare(c) * ((1 - bare(c)) ** 2 * 0.97**2 if depth else 1.0)
        out.append((back, share * power * np.sin(i) / (x * c * slope)))
    return out


def image(parts: Headset, settings=PLAIN) -> np.ndarray:
    far = plane(0.001, 1, z=-5.0)
    return Renderer(settings=settings).render(parts, far)["c"].radiance.astype(float)


@pytest.mark.parametrize("x", [0.0045, 0.003])
def test_an_led_shows_in_both_surfaces_where_and_as_bright_as_a_plate_has_it(x: float):
    view = camera(LENS, (-0.002, 0.0005, THICK + 0.002), (-0.002, 0.0005, -1.0))
    light = led((x - 0.002, 0.001, THICK + 0.0012), (0.002, 0.0, -1.0), 0.01, source_m=0.0001)
    parts = replace(headset([view], [light]), cover_glasses={"w": window()})
    seen = image(parts)
    d = rays(LENS)
    angle = np.arccos(d[..., 2])
    flux = seen * np.sinc(angle / np.pi) / FOCAL**2
    expected = plate(light, view, THICK)
    assert flux.sum() == pytest.approx(sum(e for _, e in expected), rel=0.02)
    pixels = np.array([LENS.project(back @ view.T_device_camera.rotation.as_matrix())[0] for back, _ in expected])
    assert np.linalg.norm(pixels[0] - pixels[1]) > 5
    y, x_ = np.mgrid[:160, :160]
    for (_, e), at in zip(expected, pixels, strict=True):
        own = np.where(np.hypot(x_ - at[0], y - at[1]) < 0.45 * np.linalg.norm(pixels[0] - pixels[1]), flux, 0.0)
        assert own.sum() == pytest.approx(e, rel=0.03)
        middle = np.array([(x_ * own).sum(), (y * own).sum()]) / own.sum()
        assert np.abs(middle - at).max() < 0.1
    assert image(parts, replace(PLAIN, ghosts=False)).max() == 0.0


def test_images_end_at_the_edge_of_the_glass_and_need_the_led_behind_it():
    view = camera(LENS, (-0.002, 0.0, THICK + 0.002), (-0.002, 0.0, -1.0))
    light = led((0.002, 0.0, THICK + 0.002), (0.002, 0.0, -1.0), 0.01, source_m=0.0001)
    parts = headset([view], [light])
    for half, shows in (((0.006, 0.004), True), (None, True), ((0.0001, 0.004), True)):
        glass = window(half, radius_m=0.005)
        assert (image(replace(parts, cover_glasses={"w": glass})).max() > 0) == shows
    aside = window((0.0009, 0.004), T_device_glass=pose((0.001, 0, 0), (0.001, 0, -1)))
    assert image(replace(parts, cover_glasses={"w": aside})).max() == 0.0
    outside = replace(parts, leds={"l": led((0.002, 0.0, -0.002), (0.002, 0.0, -1.0), 0.01)})
    assert image(replace(outside, cover_glasses={"w": window()})).max() == 0.0


def test_what_is_seen_and_lit_through_a_glass_loses_both_surfaces_at_its_angle():
    """A wall before the glass: the camera's loss and the LED's multiply, each at its own angle, pixel by pixel."""
    wall = plane(0.3, 30, z=-0.05)
    view = camera(LENS, (-0.002, 0.0, THICK + 0.002), (-0.002, 0.0, -1.0))
    light = led((0.002, 0.0, THICK + 0.0012), (0.002, 0.0, -1.0), 0.01)
    far = headset([view], [light])
    settings = replace(PLAIN, ghosts=False, specular=False)
    draw = Renderer(settings=settings).render
    glazed = replace(far, cover_glasses={"w": window((0.02, 0.02))})
    with_, without = (draw(parts, wall, buffers=("radiance", "depth"))["c"] for parts in (glazed, far))
    d = rays(LENS)
    at = d / d[..., 2:] * without.depth[..., None]
    turn = view.T_device_camera.rotation.as_matrix()
    p = at @ turn.T + view.position
    seen = without.radiance > 1e-4 * without.radiance.max()
    assert seen.mean() > 0.9
    for i, j in np.argwhere(seen)[::37]:
        out = p[i, j] - light.position
        c1, c2 = d[i, j, 2], -out[2] / np.linalg.norm(out)
        expected = ((1 - bare(c1)) * (1 - bare(c2))) ** 2 * 0.97**2
        assert with_.radiance[i, j] / without.radiance[i, j] == pytest.approx(expected, abs=2e-3)
