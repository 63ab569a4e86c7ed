"""Signal scores: closed forms on flat scenes, statistics of the sensor's own noise, counts by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import c, h
from scipy.spatial.transform import RigidTransform

from headsets import load_headset
from headsets.headset import Optics, Sensor
from headsets.housing import housing_of
from headsets.leds.lambertian import Lambertian
from headsets.lenses import KannalaBrandt4, Pinhole
from sim.errors import SimError
from sim.metrics import ScoreConfig
from sim.metrics.face_sums import shares, triangle_sums
from sim.metrics.irradiance import FaceIrradiance, led_irradiance
from sim.metrics.pixel_area import STEEPEST, pixel_areas
from sim.metrics.score import face_triangles
from sim.metrics.signal import SignalConfig, signal_scores
from sim.metrics.snr import pixel_signal
from sim.render import DIRECT, Renderer
from sim.sensor import capture
from sim.sensor.auto_exposure import Exposure
from sim.sensor.chain import SensorChain
from sim.sensor.recorder import Recorder
from sim.sensor.settings import ImageSettings
from tests.faces.ellipsoid_head import EllipsoidHead
from tests.render import render_scenes as scenes

CHIP = Sensor(3.0, {850: 0.25}, 6000.0, 4.0, 200.0, 10, 500.0, prnu=0.01, dsnu_e=2.0)
IDENTITY = RigidTransform.identity()
DISTANCE = 0.05


@pytest.mark.parametrize(("mean", "gain"), [(3.0, 8.0), (60.0, 4.0), (900.0, 1.0), (4000.0, 1.0)])
def test_snr_is_that_of_noisy_images(mean: float, gain: float) -> None:
    """Mean above the dark image and SD of all numbers, over 240,000 noisy pixels of chips with a fixed pattern."""
    shape = (400, 600)
    chain = SensorChain(CHIP, shape, np.random.default_rng(1))
    light, dark = (
        chain.expose(np.full(shape, e), np.random.default_rng(k), 500e-6, gain).astype(float)
        for k, e in enumerate((mean, 0.0))
    )
    found = pixel_signal(np.full((1, 1), mean), CHIP, Exposure(500.0, gain))
    # In the dark, numbers are not clipped from below here: the offset is 16 DN.
    assert float(found.snr[0, 0]) == pytest.approx((light.mean() - dark.mean()) / light.std(), rel=0.02)


def test_snr_by_hand() -> None:
    """900 electrons: √(900 + 0.1 + 16 + 4 + 81 + 1/(12 K²)), K = 1007/6000."""
    found = pixel_signal(np.array([[900.0]]), CHIP, Exposure(500.0))
    expected = 900 / np.sqrt(900 + 0.1 + 16 + 4 + 81 + 1 / (12 * (1007 / 6000) ** 2))
    assert float(found.snr[0, 0]) == pytest.approx(expected, rel=1e-4)


def test_clipped_and_dark_pixels_are_told() -> None:
    electrons = np.array([[0.0, 2.0, 7.0, 740.0, 760.0, 5990.0, 7000.0]])
    found = pixel_signal(electrons, CHIP, Exposure(500.0, 8.0))  # 1007/6000 · 8 = 1.343 DN an electron
    np.testing.assert_array_equal(found.saturated[0], [False, False, False, False, True, True, True])
    np.testing.assert_array_equal(np.isnan(found.snr[0]), found.saturated[0])
    np.testing.assert_array_equal(found.black[0], [True, True, False, False, False, False, False])


def _flat(power: float, sensor: Sensor = CHIP) -> tuple:
    """A plane 50 mm before a pinhole camera, an LED beside it; no housing."""
    lens = Pinhole(40, 40, 50.0, 50.0, 19.5, 19.5)
    view = replace(scenes.camera(lens, (0, 0, DISTANCE)), sensor=sensor,
                   optics=Optics(2.4, 50.0, 0.85, None, 0.0, 0.0))  # fmt: skip
    lamp = scenes.led((0.02, 0, DISTANCE), (0.02, 0, 0), power, Lambertian(1.0), fwhm_nm=1e-3)
    worn = scenes.headset([view], [replace(lamp, name="led0", pulse_us=500.0)])
    return worn, view, scenes.plane(0.05, 40)


def test_electrons_and_snr_of_a_flat_scene_in_closed_form() -> None:
    worn, view, plane = _flat(0.004)
    shot = Recorder(Renderer(settings=replace(DIRECT, specular=False, sparse=False)), worn).record(
        plane, electrons=True, buffers=("triangle",)
    )["c"]
    x = (np.arange(40) - 19.5) / 50.0 * DISTANCE
    X, Y = np.meshgrid(x, -x)
    r = np.sqrt((X - 0.02) ** 2 + Y**2 + DISTANCE**2)
    cosine = DISTANCE / r
    irradiance = 0.004 * cosine * cosine / r**2  # Lambertian LED, axis normal to the plane
    radiance = 0.5 * irradiance / np.pi
    fall = (DISTANCE / np.sqrt(X**2 + Y**2 + DISTANCE**2)) ** 4
    gather = np.pi * 0.85 / (1 + 4 * 2.4**2) * (3e-6) ** 2 * 500e-6
    expected = gather * radiance * fall * 0.25 * 850e-9 / (h * c)
    # The camera looks along −z with y down: its x runs along the device's.
    np.testing.assert_allclose(shot.electrons, expected, rtol=0.01)
    found = pixel_signal(shot.electrons, view.sensor, shot.exposure)
    n = expected[20, 20]
    total = n + 200 * 500e-6 + 16 + 4 + (0.01 * n) ** 2 + 1 / (12 * view.sensor.gain**2)
    assert float(found.snr[20, 20]) == pytest.approx(n / np.sqrt(total), rel=0.01)


def test_saturated_share_is_a_count_of_pixels() -> None:
    """On a plane square to a pinhole camera all pixels cover the same area."""
    worn, view, plane = _flat(0.4, replace(CHIP, auto_exposure=None))
    quiet = ImageSettings(noise=False, fixed_pattern=False)
    shot = Recorder(Renderer(settings=replace(DIRECT, specular=False)), worn, quiet).record(
        plane, electrons=True, buffers=("triangle", "depth")
    )["c"]
    area = pixel_areas(view, plane, IDENTITY, shot.frame.triangle, shot.frame.depth)
    assert area == pytest.approx((DISTANCE / 50.0) ** 2, rel=1e-3)
    found = pixel_signal(shot.electrons, view.sensor, shot.exposure)
    full = shot.electrons + 200 * 500e-6 >= CHIP.full_well_e
    np.testing.assert_array_equal(found.saturated, (shot.dn >= 1023) | full)
    assert 0.05 < found.saturated.mean() < 0.95
    sums = triangle_sums(
        shot.frame.triangle.ravel(), area.ravel(), found.snr.ravel(), found.black.ravel(), len(plane.triangles)
    )
    _, saturated, black = shares(sums, np.arange(len(plane.triangles)))
    assert saturated == pytest.approx(np.count_nonzero(found.saturated) / 1600, rel=1e-3)
    assert black == 0.0


def test_pixel_areas_add_up_to_the_cap_of_a_sphere() -> None:
    """A camera at distance D from the centre of a sphere sees the cap 2πR²(1 − R/D)."""
    radius, distance = 0.02, 0.06
    sphere = scenes.sphere(radius)
    view = scenes.camera(KannalaBrandt4(400, 400, 380.0, 380.0, 199.5, 199.5, (0.0,) * 4), (0, 0, distance))
    worn = scenes.headset([view], [scenes.led((0, 0, distance))])
    frame = Renderer(settings=DIRECT).render(worn, sphere, buffers=("triangle", "depth"))["c"]
    area = pixel_areas(view, sphere, IDENTITY, frame.triangle, frame.depth)
    # Rays steeper than `STEEPEST` count less: integrate over the polar angle, from the rim of the cap to its middle.
    cos_polar = np.linspace(radius / distance, 1.0, 20_001)
    away = np.sqrt(distance**2 + radius**2 - 2 * distance * radius * cos_polar)
    share = np.minimum((distance * cos_polar - radius) / away / STEEPEST, 1.0)
    cap = 2 * np.pi * radius**2 * np.trapezoid(share, cos_polar)
    assert cap == pytest.approx(2 * np.pi * radius**2 * (1 - radius / distance), rel=0.02)
    assert area.sum() == pytest.approx(cap, rel=0.01)


def test_irradiance_of_chosen_points_is_intensity_times_cosines_over_distance_squared() -> None:
    lamp = scenes.led((0.01, 0.02, 0.05), (0, 0, 0), 0.008, Lambertian(2.0))
    rng = np.random.default_rng(3)
    points = rng.uniform(-0.03, 0.03, (50, 3))
    normals = rng.standard_normal((50, 3))
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    axis = -np.array([0.01, 0.02, 0.05]) / np.linalg.norm([0.01, 0.02, 0.05])
    for point, normal, found in zip(points, normals, led_irradiance(lamp, points, normals), strict=True):
        d = np.array([0.01, 0.02, 0.05]) - point
        r = np.sqrt(d @ d)
        leaving = max(-(d / r) @ axis, 0.0)
        assert found == pytest.approx(0.008 * leaving**2 * max((d / r) @ normal, 0.0) / r**2, rel=1e-9, abs=1e-12)


def test_irradiance_of_a_head_is_what_the_renderer_finds() -> None:
    """Rays against shadow maps: on the pixels of a camera, all LEDs, head and housing in the way."""
    head, green = EllipsoidHead(), load_headset("refa_green")
    mesh = head.mesh(head.neutral_identity())
    chosen = np.unique(mesh.triangles[face_triangles(head)])
    light = np.zeros((len(green.leds), len(mesh.vertices)))
    light[:, chosen] = FaceIrradiance(green, housing_of(green))(mesh, IDENTITY, chosen, np.arange(len(mesh.triangles)))
    frame = Renderer(settings=DIRECT).render(
        green, mesh, buffers=("irradiance", "triangle", "barycentric"), cameras=["eye_left"]
    )["eye_left"]
    seen = np.isin(frame.triangle, face_triangles(head))
    corners = mesh.triangles[frame.triangle[seen]]
    ours = (light.sum(axis=0)[corners] * frame.barycentric[seen]).sum(-1)
    theirs = frame.irradiance[seen]
    bright = theirs > 0.05 * theirs.max()
    assert np.median(np.abs(ours[bright] / theirs[bright] - 1)) < 0.02
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.05)


def test_what_stands_before_an_led_casts_a_shadow() -> None:
    plane, wall = scenes.plane(0.02, 8), scenes.plane(0.004, 2, z=0.02)
    both = scenes.together(plane, wall)
    lamp = replace(scenes.led((0, 0, 0.05)), name="led0")
    worn = scenes.headset([scenes.camera(Pinhole(8, 8, 8.0, 8.0, 3.5, 3.5))], [lamp])
    chosen = np.arange(len(plane.vertices))
    found = FaceIrradiance(worn, None)(both, IDENTITY, chosen, np.arange(len(both.triangles)))[0]
    reach = 0.004 * 0.05 / 0.03  # of the wall's shadow on the plane
    x, y = np.abs(plane.vertices[:, 0]), np.abs(plane.vertices[:, 1])
    dark = (x < reach - 1e-4) & (y < reach - 1e-4)
    assert dark.any()
    np.testing.assert_array_equal(found == 0.0, dark)


def test_the_same_for_any_number_of_workers() -> None:
    head, config = EllipsoidHead(), ScoreConfig(identities=2, donnings=1, seed=1, looks=True)
    small = {"width_px": 80, "height_px": 80, "fx_px": 34.6, "cx_px": 39.5, "cy_px": 39.5}
    sizes = {f"lenses.wide.{key}": value for key, value in small.items()}
    green = load_headset("refa_green", {**sizes, "shell": None, "search": None, "name": "small"})
    fast = SignalConfig(("neutral",), preset="fast")
    one, two = (signal_scores([green], head, config, fast, n)["small"] for n in (1, 2))
    for camera, regions in one.samples.items():
        for region, metrics in regions.items():
            for metric, values in metrics.items():
                assert values.shape == (2, 1, 1)
                np.testing.assert_array_equal(values, two.samples[camera][region][metric])
        np.testing.assert_array_equal(one.maps[camera].snr, two.maps[camera].snr)
    for led, values in one.irradiance.items():
        np.testing.assert_array_equal(values, two.irradiance[led])
        assert np.nanmax(values) < 5.0  # mW/cm²: 8 mW/sr some 30 mm away is 0.9
    eye = one.samples["eye_left"]["eye_left"]
    assert (eye["snr"] > 3).all()
    assert ((eye["saturated_fraction"] >= 0) & (eye["saturated_fraction"] <= 1)).all()


def test_the_fast_preset_records_every_wearer() -> None:
    """Its diffusion once undershot to −1e-5 W/m²/sr, which no sensor takes (wearer 1 of seed 0)."""
    from faces import load_head_model
    from sim.render import PRESETS
    from sim.seeding import generator

    head = load_head_model()
    mesh = head.mesh(head.sample_identity(generator(0, "identity", 1)))
    shots = capture(Renderer(settings=PRESETS["fast"]), load_headset("refa_green"), mesh, cameras=["eye_left"])
    assert shots["eye_left"].frame.radiance.min() >= 0.0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "words"),
    [({"preset": "best"}, "`preset`.*fast"), ({"donnings": 0}, "donnings >= 1"), ({"expressions": ()}, "expression")],
)
def test_bad_configurations_are_named(values: dict, words: str) -> None:
    with pytest.raises(SimError, match=words):
        SignalConfig(**values)


def test_what_a_score_lacks_signal_cannot_have() -> None:
    head, green = EllipsoidHead(), load_headset("refa_green")
    with pytest.raises(SimError, match="donnings <= 1"):
        signal_scores([green], head, ScoreConfig(donnings=1), SignalConfig(donnings=2))
    with pytest.raises(SimError, match=r"'grin'.*smile"):
        signal_scores([green], head, ScoreConfig(), SignalConfig(("grin",)))
