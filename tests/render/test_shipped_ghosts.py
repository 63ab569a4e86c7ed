"""Ghosts in shipped headsets: LEDs in the viewing lenses and in a cover glass, against rays traced in the test.

The picture with `ghosts` less the one without holds the ghosts alone. As drawn, no shipped headset shows one: their
LEDs stand behind the rims of the barrels. With longer eye relief, a key of the file, they do.
"""

from functools import cache

import numpy as np
import pytest
from mirror_rays import shortest, solid_angle_per_area
from scipy.optimize import brentq

from headsets import load_headset
from headsets.headset import Headset
from sim.render import Renderer, RenderSettings
from tests.shipped import Fisheye, body, towards, wearer

APEX_MM, BULGE, INDEX, RIM_MM = 13.3, 0.060, 1.5, 3.0
"""Cornea before the eye's centre; radius, m, and index of the viewing lens, and what the barrel's rim covers of it."""
SPOT_PX = 12


@cache
def renderer(ghosts: bool) -> Renderer:
    return Renderer(settings=RenderSettings(ghosts=ghosts))


def ghosts(parts: Headset, name: str, mesh) -> np.ndarray:
    """(H, W) radiance that the setting adds."""
    with_, without = (renderer(on).render(parts, mesh, cameras=[name])[name].radiance for on in (True, False))
    return with_.astype(float) - without


def bare(sine: float, index: float) -> float:
    """Fresnel, unpolarised, from the angles on both sides."""
    i = np.arcsin(min(max(sine, 1e-6), 1.0))
    t = np.arcsin(np.sin(i) / index)
    return 0.5 * ((np.sin(i - t) / np.sin(i + t)) ** 2 + (np.tan(i - t) / np.tan(i + t)) ** 2)


def lens_ghosts(parts: Headset, name: str, mesh, from_eye_mm: float, radius_mm: float):
    """Of every LED in either lens that nothing hides: pixel (2,) and E, W/m², at the camera."""
    view = parts.camera(name)
    positions, triangles = renderer(True).drawn()
    solid = body(positions, np.concatenate([mesh.triangles, triangles]))
    z = 1e-3 * (APEX_MM + from_eye_mm)
    half = 0.5 * np.clip(mesh.T_head_eye[0, 0, 3] - mesh.T_head_eye[1, 0, 3], 0.058, 0.072)
    clear = 1e-3 * (radius_mm - RIM_MM)
    found = []
    for side in (1.0, -1.0):
        apex = np.array([side * half, 0.0, z])
        centre = apex + np.array([0.0, 0.0, BULGE])
        for led in parts.leds.values():
            if max(led.position[2], view.position[2]) >= z:
                continue  # behind the rim, which nothing passes there
            axes = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])  # their cross product looks towards the eye
            point = shortest(centre, BULGE, apex, axes, led.position, view.position)
            if np.hypot(*(point - apex)[:2]) > clear:
                continue
            ends = np.array([led.position, view.position])
            share = (z - point[2]) / (ends[:, 2] - point[2])  # where they cross the plane of the rim
            if (np.linalg.norm((point + share[:, None] * (ends - point) - apex)[:, :2], axis=1) > clear).any():
                continue
            if hidden(solid, point, ends):
                continue
            back = (view.position - point) / np.linalg.norm(view.position - point)
            n = (point - centre) / BULGE
            share = bare(np.sqrt(1 - (back @ n) ** 2), INDEX)
            gather = solid_angle_per_area(centre, BULGE, led.position, point, view.position)
            pixel = view.lens.project(view.T_device_camera.inv().apply(point))[0]
            if (power := towards(led, point[None])[0]) > 0.0:
                found.append((pixel, share * gather * power))
    size = np.array([view.width_px, view.height_px])
    return [one for one in found if (one[0] > -SPOT_PX).all() and (one[0] < size + SPOT_PX).all()]


def hidden(solid, point, ends) -> bool:
    """Whether a body stands between a point and one of the ends, farther than 0.5 mm from either."""
    for end in ends:
        way = end - point
        far = np.linalg.norm(way)
        hits = solid.ray.intersects_location([point], [way / far], multiple_hits=True)[0]
        reach = np.linalg.norm(hits - point, axis=1)
        if ((reach > 0.5e-3) & (reach < far - 0.5e-3)).any():
            return True
    return False


@pytest.mark.parametrize(("name", "camera", "from_eye_mm", "radius_mm"), [
    ("refa_green", "glabella", 34.0, 28.0),
    ("refa_green", "glabella", 40.0, 28.0),
    ("ufe", "eye_aug_left", 24.0, 24.0),
])  # fmt: skip
def test_leds_show_in_viewing_lenses_where_and_as_bright_as_traced(pictures, name, camera, from_eye_mm, radius_mm):
    """All that the setting adds to the picture is these spots: each one's flux to 3 %, its place to 0.15 px."""
    parts, mesh = load_headset(name, {"keep_out.lens_barrels.from_eye_mm": from_eye_mm}), wearer(3)
    added = ghosts(parts, camera, mesh)
    flux = added * Fisheye(parts.camera(camera)).solid
    expected = lens_ghosts(parts, camera, mesh, from_eye_mm, radius_mm)
    pictures.keep("ghosts", added)
    assert expected
    assert flux.sum() == pytest.approx(sum(e for _, e in expected), rel=0.03)
    y, x = np.mgrid[: added.shape[0], : added.shape[1]]
    for at, e in expected:
        near = np.hypot(x - at[0], y - at[1]) < SPOT_PX
        assert (flux * near).sum() == pytest.approx(e, rel=0.03)
        middle = np.array([(x * flux * near).sum(), (y * flux * near).sum()]) / (flux * near).sum()
        assert np.abs(middle - at).max() < 0.15


@pytest.mark.parametrize("name", ["refa_green", "ufe"])
def test_as_drawn_rims_hide_all_leds_from_the_lenses(name):
    parts, mesh = load_headset(name), wearer(4)
    radius = 28.0 if name == "refa_green" else 24.0
    for camera in ("eye_left", "mouth_right"):
        assert ghosts(parts, camera, mesh).max() == 0.0
        assert not lens_ghosts(parts, camera, mesh, 18.0, radius)


GLASS = {"thickness_mm": 0.7, "index": 1.51, "transmission": 0.97, "width_mm": 24.0, "height_mm": 18.0}
GLASS |= {"position_mm": [31.1, -42.0, 41.7], "look_at_mm": [6.4, -73.7, 20.3]}


def plate_ghosts(parts: Headset, name: str, led: str):
    """Pixel and E of an LED's images in the inner and outer surface of a plane plate, both seen from behind it.

    Light falls at an angle i and travels (a + b) tan i across in air and 2 t tan r in glass, sin i = n sin r. A ring
    di wide around the glass's normal holds 2 pi sin i di sr, and is cos i dx wide and 2 pi x round at the camera.
    """
    t, n = 1e-3 * GLASS["thickness_mm"], GLASS["index"]
    at, look = (1e-3 * np.array(GLASS[key]) for key in ("position_mm", "look_at_mm"))
    out = (look - at) / np.linalg.norm(look - at)
    view, lamp = parts.camera(name), parts.leds[led]
    a, b = ((at - t * out - p) @ out for p in (lamp.position, view.position))
    assert min(a, b) > 0
    apart = view.position - lamp.position
    across = apart - (apart @ out) * out
    x = np.linalg.norm(across)
    found = []
    for depth in (0.0, t):

        def lateral(i: float, depth: float = depth) -> float:
            return (a + b) * np.tan(i) + 2 * depth * np.tan(np.arcsin(np.sin(i) / n))

        i = brentq(lambda i: lateral(i) - x, 0.0, 1.5)
        slope = (lateral(i + 1e-6) - lateral(i - 1e-6)) / 2e-6
        leaving = np.sin(i) * across / x + np.cos(i) * out
        power = towards(lamp, (lamp.position + leaving)[None])[0]
        share = bare(np.sin(i), n)
        share *= (1 - share) ** 2 * GLASS["transmission"] ** 2 if depth else 1.0
        seen = -np.sin(i) * across / x + np.cos(i) * out
        pixel = view.lens.project(view.T_device_camera.rotation.as_matrix().T @ seen)[0]
        found.append((pixel, share * power * np.sin(i) / (x * np.cos(i) * slope)))
    return found


def test_an_led_shows_in_both_surfaces_of_a_cover_glass_on_a_headset(pictures):
    """A window before the left mouth camera and its LED: flux to 3 %, the middle of both spots to 0.1 px."""
    name, led = "mouth_left", "mouth_left_a"
    parts, mesh = load_headset("refa_green", {"cover_glasses": {"window": GLASS}}), wearer(3)
    added = ghosts(parts, name, mesh)
    flux = added * Fisheye(parts.camera(name)).solid
    expected = plate_ghosts(parts, name, led)
    pictures.keep("ghosts", added)
    total = sum(e for _, e in expected)
    at = sum(e * pixel for pixel, e in expected) / total
    y, x = np.mgrid[: added.shape[0], : added.shape[1]]
    own = np.where(np.hypot(x - at[0], y - at[1]) < 2 * SPOT_PX, flux, 0.0)
    assert own.sum() == pytest.approx(total, rel=0.03)
    assert flux.sum() == pytest.approx(total, rel=0.03)
    assert np.abs(np.array([(x * own).sum(), (y * own).sum()]) / own.sum() - at).max() < 0.1
