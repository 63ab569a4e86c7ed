"""The whole way from LEDs to digital numbers, rendered in a shipped headset."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import RigidTransform

from headsets import AutoExposure, Opening, load_headset
from sim.drive import Drive, driven
from sim.errors import SimError
from sim.render import Renderer, RenderSettings
from sim.render.ambient import Ambient
from sim.render.pool import map_frames
from sim.sensor import ImageSettings, Recorder, capture
from tests.render.render_scenes import plane, sphere

CAMERA = "glabella"
GREEN = load_headset("refa_green")
SETTINGS = RenderSettings(shadow_resolution=64, sparse=False, shell=False)
CLEAN = ImageSettings(noise=False, fixed_pattern=False)
BARE = ImageSettings(*[False] * 7)
WALL = plane(half=0.06, n=2, z=0.012)


def with_camera(headset=GREEN, optics=None, **sensor):
    """The headset with its glabella camera's sensor changed, at 16 bits and fixed unless told otherwise."""
    camera = headset.cameras[CAMERA]
    changes = {"bits": 16, "auto_exposure": None, "dark_e_per_s": 0.0, **sensor}
    camera = replace(camera, sensor=replace(camera.sensor, **changes), optics=replace(camera.optics, **(optics or {})))
    return replace(headset, cameras={**headset.cameras, CAMERA: camera})


@pytest.fixture(scope="module")
def renderer():
    return Renderer(settings=SETTINGS)


def electrons(renderer, headset, settings=BARE, scene=WALL, **other):
    """(H, W) electrons that the digital numbers stand for."""
    shot = capture(renderer, headset, scene, settings=settings, cameras=[CAMERA], **other)[CAMERA]
    sensor = headset.cameras[CAMERA].sensor
    return (shot.dn.astype(float) - sensor.black_dn) / sensor.gain / shot.exposure.gain


def test_photon_transfer_on_rendered_flat_fields(renderer):
    """Two images at each of ten exposures, at 12 bits (EMVA 1288, sections 6 to 8).

    The wall fills the upper half of the image. The field is uneven; temporal noise is linear in the signal, so that
    means over the image do, and the fixed pattern is what two images have in common beside what a smooth filter keeps.
    """
    chip = {"bits": 12, "prnu": 0.013, "dsnu_e": 5.0, "read_noise_e": 6.0, "offset_dn": 100.0, "dark_e_per_s": 20.0}
    headset = driven(with_camera(**chip), Drive(current=8.0))
    sensor = headset.cameras[CAMERA].sensor

    def pair(exposure_us, scene=WALL, lamps=headset):
        recorder = Recorder(renderer, lamps, seed=3, exposure_us=exposure_us)
        return [
            recorder.record(scene, frame=k, cameras=[CAMERA])[CAMERA].dn[:150, 100:300].astype(float) for k in (0, 1)
        ]

    dark = pair(1.0, lamps=driven(headset, Drive(current=0.0)))
    offset = np.mean(dark)
    signals, noises, patterns = [], [], []
    for exposure in np.linspace(50.0, 400.0, 8):
        a, b = pair(exposure)
        mean = 0.5 * (a + b)
        assert mean.max() < 4000
        signals.append(mean.mean() - offset)
        noises.append(0.5 * ((a - b) ** 2).mean())
        smooth = gaussian_filter(mean, 5.0)
        common = ((a - smooth) * (b - smooth))[20:-20, 20:-20].mean()
        patterns.append((common, ((smooth - offset) ** 2)[20:-20, 20:-20].mean()))
    gain = np.polyfit(signals, noises, 1)[0]
    assert gain == pytest.approx((4095 - 100) / sensor.full_well_e, rel=0.05)
    read = np.sqrt(0.5 * ((dark[0] - dark[1]) ** 2).mean() - 1 / 12) / gain
    assert read == pytest.approx(6.0, rel=0.05)
    dsnu2 = np.cov(dark[0].ravel(), dark[1].ravel())[0, 1]
    assert np.sqrt(dsnu2) / gain == pytest.approx(5.0, rel=0.05)
    common, level2 = np.array(patterns[-3:]).T
    # The filtered mean image, σ = 5, holds a little of each pixel's own pattern (its share k(0) = 1 / (2 π σ²), and
    # Σ k² half of that) and noise: what is left of a pattern is 1 - 3 / (4 π σ²), and -3 / (8 π σ²) of the noise.
    kept, taken = 1 - 3 / (4 * np.pi * 25), 3 / (8 * np.pi * 25)
    prnu2 = ((common + taken * np.array(noises[-3:])) / kept - dsnu2) / level2
    assert np.sqrt(prnu2.mean()) == pytest.approx(0.013, rel=0.05)
    full = np.median(pair(500.0, lamps=driven(headset, Drive(current=50.0)))[0]) - offset
    assert full / gain == pytest.approx(sensor.full_well_e, rel=0.05)


def test_electrons_follow_from_radiance_by_hand(renderer):
    """π L τ / (1 + 4 N²) · area · time · λ/(h c) · QE, the band pass holding 76.1 % of a 30 nm wide line at 850 nm."""
    headset = with_camera(quantum_efficiency={850.0: 0.25})
    shot = capture(renderer, headset, WALL, settings=BARE, cameras=[CAMERA])[CAMERA]
    sensor = headset.cameras[CAMERA].sensor
    got = (shot.dn[200, 200] - sensor.black_dn) / sensor.gain
    irradiance = np.pi * shot.frame.radiance[200, 200] * 0.85 / (1 + 4 * 2.4**2)
    assert got == pytest.approx(irradiance * 9 * 0.5 * 4279 * 0.25 * 0.761, rel=5e-3)


def test_twice_the_current_gives_twice_the_electrons_until_the_full_well(renderer):
    headset = with_camera()
    one, two, many = (electrons(renderer, driven(headset, Drive(current=c)), CLEAN) for c in (1.0, 2.0, 1000.0))
    lit = one > 50
    assert lit.mean() > 0.4
    np.testing.assert_allclose(two[lit], 2 * one[lit], rtol=3e-3)
    np.testing.assert_allclose(many[one > 30], headset.cameras[CAMERA].sensor.full_well_e, rtol=1e-4)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_no_light_gives_the_dark_offset_alone(renderer, bits):
    headset = driven(with_camera(bits=bits, offset_dn=7.0), Drive(current=0.0))
    shot = capture(renderer, headset, WALL, settings=CLEAN, cameras=[CAMERA])[CAMERA]
    assert (shot.dn == 7).all()
    assert shot.dn.dtype == (np.uint8 if bits == 8 else np.uint16)


def test_leds_of_any_spectrum_and_pulse_add_up(renderer):
    """Each by itself gives what it adds to both; the exposure records 300 of 500 µs, and all of 100."""
    odd = {"wavelength_nm": 880.0, "pulse_us": 100.0}
    leds = {
        name: replace(led, **(odd if "left" in name else {"fwhm_nm": 50.0} if name.endswith("b") else {}))
        for name, led in GREEN.leds.items()
    }
    headset = replace(with_camera(optics={"band_pass_nm": (840.0, 900.0)}), leds=leds)

    def only(choose):
        return replace(
            headset,
            leds={n: led if choose(n) else replace(led, radiant_intensity_w_sr=0.0) for n, led in headset.leds.items()},
        )

    both = electrons(renderer, headset, exposure_us=300.0)
    parts = [
        electrons(renderer, only(c), exposure_us=300.0)
        for c in (
            lambda n: "left" in n,
            lambda n: "left" not in n and n.endswith("b"),
            lambda n: "left" not in n and not n.endswith("b"),
        )
    ]
    assert all(p.max() > 20 for p in parts)
    np.testing.assert_allclose(sum(parts), both, rtol=1e-3, atol=0.5)
    longer = electrons(renderer, only(lambda n: "left" in n), exposure_us=500.0)
    np.testing.assert_allclose(longer, parts[0], atol=0.2)


def test_ambient_light_falls_in_for_the_whole_exposure_and_leds_for_their_pulse(renderer):
    headset = with_camera(prnu=0.0)
    dark = driven(headset, Drive(current=0.0))
    light = Ambient.even(2.0)
    one, two = (electrons(renderer, dark, ambient=light, exposure_us=t) for t in (400.0, 800.0))
    assert one.max() > 20
    np.testing.assert_allclose(two, 2 * one, atol=0.3)
    lamps, all_of_it = (
        electrons(renderer, headset, exposure_us=800.0),
        electrons(renderer, headset, ambient=light, exposure_us=800.0),
    )
    np.testing.assert_allclose(all_of_it, lamps + two, atol=0.5)
    np.testing.assert_allclose(electrons(renderer, headset, exposure_us=500.0), lamps, atol=0.3)


def test_glare_illumination_and_vignetting_act_on_the_image(renderer, pictures):
    from sim.sensor.exposure import housing_vignetting, relative_illumination

    headset = with_camera(optics={"veiling_glare": 0.05, "vignetting": Opening(0.12, 0.05)})
    camera = headset.cameras[CAMERA]
    plain = electrons(renderer, headset)
    field = electrons(renderer, headset, replace(BARE, illumination=True))
    pictures.keep("illumination", field, plain * relative_illumination(camera.lens))
    np.testing.assert_allclose(field, plain * relative_illumination(camera.lens), atol=0.3)
    cut = electrons(renderer, headset, replace(BARE, vignetting=True))
    np.testing.assert_allclose(cut, plain * housing_vignetting(camera.lens, camera.optics, camera.sensor), atol=0.3)
    assert cut.min() < 0.8 * plain.min() or (cut < 0.8 * plain).any()
    veiled = electrons(renderer, headset, replace(BARE, glare=True))
    np.testing.assert_allclose(veiled, 0.95 * plain + 0.05 * plain.mean(), atol=0.3)


def test_blur_keeps_the_light_and_softens_edges(renderer):
    ball = sphere(0.012, centre=(0.0, 0.0, 0.006))
    wide = with_camera(optics={"focus_mm": 20.0, "f_number": 0.5}, full_well_e=60000.0)
    sharp = electrons(renderer, wide, scene=ball)
    for settings in (replace(BARE, point_spread=True), replace(BARE, defocus=True)):
        soft = electrons(renderer, wide, settings, ball)
        assert soft.sum() == pytest.approx(sharp.sum(), rel=0.02)
        assert np.abs(np.diff(soft, axis=1)).max() < 0.7 * np.abs(np.diff(sharp, axis=1)).max()


def test_motion_blur_is_the_mean_of_the_moments(renderer, pictures):
    poses = [RigidTransform.from_translation([x, 0.0, 0.0]) for x in (-1e-3, 0.0, 1e-3)]
    ball = sphere(0.012, centre=(0.0, 0.0, 0.006))
    moments = tuple((ball, pose) for pose in poses)
    got = electrons(renderer, with_camera(), scene=ball, moments=moments)
    each = []
    for pose in poses:
        shot = capture(renderer, with_camera(), ball, pose, settings=BARE, cameras=[CAMERA])[CAMERA]
        sensor = with_camera().cameras[CAMERA].sensor
        each.append((shot.dn.astype(float) - sensor.black_dn) / sensor.gain)
    pictures.keep("electrons", got, np.mean(each, axis=0))
    np.testing.assert_allclose(got, np.mean(each, axis=0), atol=0.3)
    assert np.abs(each[0] - each[2]).max() > 50


def test_automatic_exposure_settles_on_its_target_or_its_limit(renderer):
    loop = AutoExposure(target=0.3, min_us=20.0, max_us=500.0, max_gain=1000.0)
    for current, checks in ((0.5, "gain"), (60.0, "exposure")):
        headset = driven(with_camera(bits=10, auto_exposure=loop), Drive(current=current))
        shot = capture(renderer, headset, WALL, cameras=[CAMERA])[CAMERA]
        sensor = headset.cameras[CAMERA].sensor
        share = (shot.dn.mean() - sensor.black_dn) / (sensor.white_dn - sensor.black_dn)
        assert share == pytest.approx(0.3, rel=0.02)
        assert (shot.exposure.gain > 1.0) == (checks == "gain")
    least = replace(loop, max_gain=1.5)
    dim = driven(with_camera(bits=10, auto_exposure=least), Drive(current=0.01))
    shot = capture(renderer, dim, WALL, cameras=[CAMERA])[CAMERA]
    assert (shot.exposure.exposure_us, shot.exposure.gain) == (500.0, 1.5)
    fixed = capture(renderer, dim, WALL, cameras=[CAMERA], exposure_us=123.0)[CAMERA]
    assert (fixed.exposure.exposure_us, fixed.exposure.gain) == (123.0, 1.0)


def test_automatic_exposure_lags_from_frame_to_frame(renderer):
    loop = AutoExposure(target=0.2, min_us=1.0, max_us=500.0, lag=0.6)
    bright = driven(with_camera(bits=12, auto_exposure=loop), Drive(current=60.0))
    recorder = Recorder(renderer, bright, CLEAN)
    first = recorder.record(WALL, frame=0, cameras=[CAMERA], settle=True)[CAMERA].exposure.exposure_us
    brighter = driven(bright, Drive(current=1.3))
    values = [
        recorder.record(WALL, frame=k, cameras=[CAMERA], headset=brighter)[CAMERA].exposure.exposure_us
        for k in range(1, 6)
    ]
    errors = np.log(np.array(values) / (first / 1.3))
    assert errors[0] == pytest.approx(np.log(1.3), rel=0.02)
    np.testing.assert_allclose(errors[1:4] / errors[:3], 0.6, atol=0.04)


def numbers(renderer, frame):
    """Everything that one frame's cameras record; called in other processes."""
    shots = capture(renderer, GREEN, sphere(0.02, 2), frame=frame, seed=7, cameras=["mouth_left", CAMERA])
    return [shot.dn for shot in shots.values()]


def test_the_same_seed_gives_the_same_bytes_whoever_works():
    here, there = (
        list(map_frames(numbers, frames, SETTINGS, workers)) for frames, workers in ((range(2), 1), (range(1), 2))
    )
    for one, other in zip(here[0], there[0], strict=True):
        np.testing.assert_array_equal(one, other)
    assert (here[0][0] != here[1][0]).mean() > 0.2
    assert (here[0][0] != here[0][1]).mean() > 0.2


def test_bad_input(renderer):
    with pytest.raises(SimError, match=r"`0 < exposure_us < 1e7` must hold, got -5"):
        Recorder(renderer, GREEN, exposure_us=-5.0)
