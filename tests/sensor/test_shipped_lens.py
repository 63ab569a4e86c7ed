"""What lens and chip make of a face in a shipped headset: each step of `capture` alone, switched on and off.

The oracles are closed forms and slow sums of the test's own; of the product they take the image without the step.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from headsets.headset import Headset
from headsets.housing import housing_of
from sim.render import DIRECT, Renderer, RenderSettings
from sim.render.scene import face_points
from sim.sensor import ImageSettings, Recorder
from tests.shipped import Fisheye, body, fixed_sensor, towards, wearer

OFF = ImageSettings(*[False] * 7)
CASES = [("refa_green", "eye_left"), ("ufe", "mouth_aug_left")]
OPENING = {"opening_radius_mm": 0.11, "opening_distance_mm": 0.08}


@cache
def renderer(settings: RenderSettings = RenderSettings()) -> Renderer:  # noqa: B008
    return Renderer(settings=settings)


@cache
def headset(name: str) -> Headset:
    return fixed_sensor(name, {"lenses.wide.vignetting": OPENING})


@cache
def electrons(name: str, camera: str, **on: bool) -> np.ndarray:
    """(H, W) that the digital numbers are drawn from, with these steps alone."""
    recorder = Recorder(renderer(), headset(name), replace(OFF, **on))
    shot = recorder.record(wearer(3, bare=False), cameras=[camera], electrons=True)[camera]
    return np.asarray(shot.electrons, float)


@pytest.mark.parametrize(("name", "camera"), CASES)
def test_the_point_spread_is_a_gaussian_of_the_files_width(pictures, name, camera):
    """0.6 px, wherever the file says nothing else; glints and outlines among it; the light is kept."""
    off, on = electrons(name, camera), electrons(name, camera, point_spread=True)
    expected = gaussian_filter(off, 0.6, truncate=8.0, mode="nearest")
    pictures.keep("electrons", on, expected)
    np.testing.assert_allclose(on, expected, atol=2e-3 * np.abs(expected - off).max())
    assert on.sum() == pytest.approx(off.sum(), rel=1e-4)
    assert np.abs(on - off).max() > 0.05 * off.max()


@pytest.mark.parametrize(("name", "camera"), CASES)
def test_the_image_darkens_by_the_lens_formula(pictures, name, camera):
    """cos t · sin t dt / (r dr), 1 on the axis, of the polynomial in the file."""
    off, on = electrons(name, camera), electrons(name, camera, illumination=True)
    lens = Fisheye(headset(name).camera(camera))
    expected = off * np.maximum(np.cos(lens.theta), 0.0) * lens.solid * lens.focal**2  # corners look back
    pictures.keep("electrons", on, expected)
    np.testing.assert_allclose(on, expected, rtol=2e-3, atol=1e-3)
    assert (on < 0.9 * off).mean() > 0.1


def test_an_opening_before_the_lens_cuts_the_pupil_of_oblique_light(pictures):
    """The share of 4,000 points of the pupil, f / N across, from which a ray leaves through the opening."""
    name, camera = CASES[0]
    off, on = electrons(name, camera), electrons(name, camera, vignetting=True)
    view = headset(name).camera(camera)
    lens, k = Fisheye(view), np.arange(4000) + 0.5
    pupil_mm = 0.5e-3 * lens.focal * view.sensor.pixel_um / view.optics.f_number
    far, turn = pupil_mm * np.sqrt(k / 4000), 2.399963 * k
    x, y = far * np.cos(turn), far * np.sin(turn)
    theta = np.linspace(0.0, lens.theta.max(), 400)
    shift = OPENING["opening_distance_mm"] * np.tan(theta)
    free = [(np.hypot(x + s, y) <= OPENING["opening_radius_mm"]).mean() for s in shift]
    expected = off * np.interp(lens.theta, theta, free)
    pictures.keep("electrons", on, expected)
    np.testing.assert_allclose(on, expected, atol=4e-3 * off.max(), rtol=4e-3)
    assert (on < 0.8 * off)[off > 1.0].mean() > 0.1


@pytest.mark.parametrize(("name", "camera"), CASES)
def test_glare_spreads_the_files_share_evenly(name, camera):
    off, on = electrons(name, camera), electrons(name, camera, glare=True)
    np.testing.assert_allclose(on, off + 0.015 * (off.mean() - off), rtol=1e-4)


def response() -> float:
    """Electrons per joule of a 30 nm wide line at 850 nm: band pass, photon's energy, and the file's efficiencies."""
    nm = np.linspace(835.0, 865.0, 3001)
    line = np.exp(-4 * np.log(2) * ((nm - 850.0) / 30.0) ** 2)
    line /= np.sqrt(np.pi / (4 * np.log(2))) * 30.0
    photons = nm * 1e-9 / (6.62607015e-34 * 299792458.0)
    return float(np.trapezoid(line * photons * np.interp(nm, [850.0, 940.0], [0.25, 0.12]), nm))


def test_electrons_of_a_face_are_lamberts_sum_over_the_leds(pictures):
    """From the headset file to electrons, along rays of the test's own: shadows, 1 / r², cosines, lens and chip.

    A matt face; each LED by rays towards it; 1,500 pixels. Shadows' edges are as wide as a texel of their maps.
    """
    name, camera = "refa_green", "mouth_left"
    parts, mesh = fixed_sensor(name), wearer(3)
    settings = replace(DIRECT, specular=False, sparse=False, antialias=False)
    recorder = Recorder(renderer(settings), parts, replace(OFF, illumination=True))
    got = np.asarray(recorder.record(mesh, cameras=[camera], electrons=True)[camera].electrons, float)

    view, lens = parts.camera(camera), Fisheye(parts.camera(camera))
    eyes, housing = mesh.T_head_eye[:, :3, 3], housing_of(parts)
    around = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), mesh.vertices[face_points(mesh.topology)])
    first = len(mesh.vertices)
    solid = body(np.concatenate([mesh.vertices, around]), np.concatenate([mesh.triangles, housing.triangles + first]))
    rng = np.random.default_rng(0)
    at = rng.permutation(np.argwhere(got > 0.02 * np.percentile(got, 99)))[:1500]
    rays = lens.rays[at[:, 0], at[:, 1]]
    place, ray, triangle = solid.ray.intersects_location(np.tile(view.position, (len(at), 1)), rays, False)
    on_face = (triangle < len(mesh.triangles)) & (place[:, 1] < -0.035)  # above, the facial interface presses the skin
    place, ray, triangle = place[on_face], ray[on_face], triangle[on_face]
    corners = mesh.triangles[triangle]
    weights = barycentric(mesh.vertices[corners], place)
    n = np.einsum("nk,nkj->nj", weights, mesh.normals[corners])
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    albedo = (weights * mesh.albedo[0][corners]).sum(1)
    irradiance = np.zeros(len(place))
    for led in parts.leds.values():
        to = led.position - place
        far = np.linalg.norm(to, axis=1)
        cosine = np.einsum("ij,ij->i", n, to) / far
        start = place + 3e-4 * n
        hits, index, _ = solid.ray.intersects_location(start, (to.T / far).T, False)
        shaded = np.zeros(len(place), bool)
        shaded[index] = np.linalg.norm(hits - start[index], axis=1) < far[index] - 1e-3
        irradiance += np.where(shaded, 0.0, np.maximum(cosine, 0.0) * towards(led, place) / far**2)
    optics, pixel = view.optics, at[ray]
    gather = np.pi * optics.transmission / (1 + 4 * optics.f_number**2) * 9e-12 * 500e-6 * response()
    theta, size = (a[pixel[:, 0], pixel[:, 1]] for a in (lens.theta, lens.solid))
    expected = albedo / np.pi * irradiance * gather * np.cos(theta) * size * lens.focal**2
    seen = got[pixel[:, 0], pixel[:, 1]]
    image = np.zeros((2, *got.shape))
    image[:, pixel[:, 0], pixel[:, 1]] = seen, expected
    pictures.keep("electrons", *image)
    error = np.abs(seen - expected) / np.maximum(expected, 0.05 * np.percentile(expected, 95))
    assert len(seen) > 500
    assert np.median(error) < 1e-4
    assert np.percentile(error, 90) < 2e-3
    assert np.percentile(error, 99) < 0.08


def barycentric(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(N, 3) of points (N, 3) in triangles (N, 3, 3): areas over the whole."""
    whole = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    to = corners - points[:, None]
    parts = np.stack([np.cross(to[:, (k + 1) % 3], to[:, (k + 2) % 3]) for k in range(3)], axis=1)
    return np.einsum("nkj,nj->nk", parts, whole) / (whole**2).sum(1)[:, None]
