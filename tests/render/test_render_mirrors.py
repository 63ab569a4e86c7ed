"""Mirror images of LEDs against rays traced one by one, in numpy, from the LED."""

import numpy as np
import pytest
from mirror_rays import bounce
from render_scenes import pose

from sim.errors import SimError
from sim.render.apertures import aperture_radii
from sim.render.fresnel import coated, fresnel
from sim.render.mirrors import Mirror, MirrorSet


def traced(mirror, source, camera, size, seed=0):
    """Solid angle of the light that reaches the camera, per area, 1/m², and where it is reflected: brute force.

    Rays leave the source at random, first over the aperture, then ever closer around those that come near the camera;
    those within `size` of it, square to themselves, are counted.
    """
    rng = np.random.default_rng(seed)
    middle, half = mirror.T_device_mirror[:3, 3], 1.2 * mirror.aperture
    centre = middle - mirror.T_device_mirror[:3, 2] * mirror.radius
    for rays in (200_000, 200_000, 400_000):
        a, b = np.linalg.svd((middle - source)[None])[2][1:]
        grid = rng.uniform(-half, half, (2, rays))
        target = middle + grid[0][:, None] * a + grid[1][:, None] * b
        x, out = bounce(centre, mirror.radius, source, target)
        miss = np.linalg.norm(np.cross(out, camera - x), axis=1)
        miss = np.where(((camera - x) * out).sum(axis=1) > 0, miss, np.inf)
        near = np.argsort(miss)[:100]
        if rays == 200_000:
            half = 1.3 * np.abs(grid[:, miss < max(size, miss[near[-1]])] - grid[:, near[:1]]).max()
            middle = target[near[0]]
    hit = miss < size
    to = target[hit] - source
    length = np.linalg.norm(to, axis=1)
    cosine = np.abs(to @ (middle - source)) / length / np.linalg.norm(middle - source)
    solid = (2 * half) ** 2 / rays * cosine / length**2
    return solid.sum() / (np.pi * size**2), x[hit].mean(axis=0), int(hit.sum())


def sphere_mirror(radius, aperture=0.022):
    T = np.eye(4)
    return Mirror(T, radius, aperture, 1.5, 1.0)


CASES = [
    (0.100, (0.012, -0.004, 0.02), (-0.015, 0.006, 0.03)),  # a pane from outside
    (0.060, (0.025, 0.010, 0.015), (-0.01, -0.02, 0.02)),  # oblique
    (0.0078, (0.020, 0.015, 0.02), (-0.01, 0.0, 0.03)),  # a cornea
    (-0.100, (0.010, 0.003, 0.015), (-0.008, -0.006, 0.02)),  # the inside of a pane: concave
    (-0.250, (0.010, 0.003, 0.045), (-0.018, -0.006, 0.02)),
]


@pytest.mark.parametrize(("radius", "source", "camera"), CASES)
def test_place_and_brightness_agree_with_traced_rays(radius, source, camera):
    source, camera = np.array(source), np.array(camera)
    mirror = sphere_mirror(radius, min(0.022, 0.9 * abs(radius)))
    found = MirrorSet([mirror]).reflect(source[None], camera)
    assert len(found.mirror) == 1
    expected, point, count = traced(mirror, source, camera, 0.0004)
    assert count > 10_000
    assert found.gain[0] == pytest.approx(expected, rel=0.03)
    assert np.linalg.norm(found.points[0] - point) < 0.05e-3


@pytest.mark.parametrize("radius", [0.1, -0.1, 0.0078, np.inf])
def test_the_law_of_reflection_holds_at_every_image(radius):
    rng = np.random.default_rng(1)
    sources = rng.uniform([-0.02, -0.02, 0.01], [0.02, 0.02, 0.04], (20, 3))
    camera = np.array([0.005, -0.01, 0.02])
    found = MirrorSet([sphere_mirror(radius, 0.03)]).reflect(sources, camera)
    assert len(found.source) >= 15
    centre = np.array([0, 0, -radius])
    for k, x in zip(found.source, found.points, strict=True):
        n = np.array([0, 0, 1.0]) if np.isinf(radius) else (x - centre) / abs(radius)
        d = (x - sources[k]) / np.linalg.norm(x - sources[k])
        out = (camera - x) / np.linalg.norm(camera - x)
        np.testing.assert_allclose(d - 2 * (d @ n) * n, out, atol=1e-7)


def test_a_plane_is_the_limit_of_large_spheres_and_shows_the_mirrored_source():
    source, camera = np.array([[0.01, 0.0, 0.02]]), np.array([-0.02, 0.01, 0.03])
    flat = MirrorSet([sphere_mirror(np.inf)]).reflect(source, camera)
    near = MirrorSet([sphere_mirror(1e3)]).reflect(source, camera)
    image = source[0] * [1, 1, -1]
    r2 = ((camera - image) ** 2).sum()
    assert flat.gain[0] == pytest.approx(1 / r2, rel=1e-9)
    np.testing.assert_allclose(near.points, flat.points, atol=1e-6)
    assert near.gain[0] == pytest.approx(flat.gain[0], rel=1e-3)


def test_far_away_a_ball_is_a_source_of_a_quarter_of_its_radius_squared():
    source, camera, r = np.array([[3.0, 0.0, 4.0]]), np.array([-6.0, 0.0, 8.0]), 0.0078
    T = np.eye(4)
    T[2, 3] = r
    found = MirrorSet([Mirror(T, r, 0.02, 1.376, 1.0)]).reflect(source, camera)
    assert found.gain[0] == pytest.approx(r**2 / 4 / 25 / 100, rel=5e-3)


def test_no_image_outside_the_aperture_nor_from_the_other_side():
    source = np.array([[0.012, -0.004, 0.02]])
    camera = np.array([-0.015, 0.006, 0.03])
    whole = MirrorSet([sphere_mirror(0.1)]).reflect(source, camera)
    x, y = whole.points[0, :2]
    for size, seen in ((np.hypot(x, y) + 1e-5, 1), (np.hypot(x, y) - 1e-5, 0)):
        assert len(MirrorSet([sphere_mirror(0.1, size)]).reflect(source, camera).mirror) == seen
    assert not len(MirrorSet([sphere_mirror(0.1)]).reflect(source, camera * [1, 1, -1]).mirror)
    square = 0.01 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1.0]])
    radii = aperture_radii(square)
    angle = (np.arange(360) + 0.5) * np.pi / 180
    np.testing.assert_allclose(radii, 0.01 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle))), rtol=1e-9)


def test_fresnel_matches_known_values_and_energy_never_grows():
    assert fresnel(np.array([1.0]), 1.5)[0] == pytest.approx(0.04)
    brewster = np.cos(np.arctan(1.5))
    c = brewster
    inside = np.sqrt(1 - (1 - c**2) / 1.5**2)
    assert fresnel(np.array([c]), 1.5)[0] == pytest.approx(0.5 * ((c - 1.5 * inside) / (c + 1.5 * inside)) ** 2)
    cosine = np.linspace(0, 1, 101)
    for reflectance in (0.0, 0.02, 0.0512):
        f = coated(cosine, 1.585, reflectance)
        front, back, passed = f, (1 - f) ** 2 * f, (1 - f) ** 2
        assert (front + back + passed <= 1 + 1e-12).all()
        assert f[-1] == pytest.approx(reflectance)
        assert f[0] == pytest.approx(1.0)


def test_a_rim_hides_what_looks_in_too_flatly():
    T = np.eye(4)
    bare, ringed = Mirror(T, 0.06, 0.02, 1.5, 0.04), Mirror(T, 0.06, 0.02, 1.5, 0.04, rim=0.02)
    steep = (np.array([[0.02, 0.0, 0.04]]), np.array([-0.01, 0.0, 0.04]))
    flat = (np.array([[0.018, 0.0, -0.0005]]), np.array([0.012, 0.002, 0.02]))
    assert len(MirrorSet([bare]).reflect(*steep).mirror) == len(MirrorSet([ringed]).reflect(*steep).mirror) == 1
    assert len(MirrorSet([bare]).reflect(*flat).mirror) == 1
    assert len(MirrorSet([ringed]).reflect(*flat).mirror) == 0


def test_a_needle_is_no_mirror():
    with pytest.raises(SimError, match="radius"):
        MirrorSet([Mirror(pose((0, 0, 0), (0, 0, 1)).as_matrix(), 1e-6, 0.01, 1.5, 0.04)])
