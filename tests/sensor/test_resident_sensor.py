"""Images that stay on their device: sums, metering and 8 bits against NumPy, and whole captures against the host's."""

from dataclasses import replace

import numpy as np
import pytest
import warp as wp

from headsets import AutoExposure, load_headset
from headsets.lenses import Pinhole
from sim.errors import SimError
from sim.render import Renderer, RenderSettings
from sim.render.ambient import Ambient
from sim.render.device import open_device
from sim.sensor import Recorder
from sim.sensor.chain import SensorChain
from sim.sensor.eight_bits import eight_bits
from sim.sensor.resident import resident_eight_bits
from sim.sensor.sums import Sums
from tests.render.render_scenes import plane

GREEN = load_headset("refa_green")
CAMERA = "glabella"
WALL = plane(half=0.06, n=8, z=0.012)


@pytest.fixture(scope="module")
def renderer():
    return Renderer(settings=RenderSettings(shadow_resolution=64, shell=False))


def device():
    return open_device("cpu")


def uploaded(values):
    return wp.array(np.ascontiguousarray(values, np.float32).ravel(), dtype=float, device=device())


@pytest.mark.parametrize("pixels", [1, 7, 1023, 1025, 40_001])
def test_means_and_least_values_are_numpys(pixels):
    rng = np.random.default_rng(pixels)
    image, weights = rng.exponential(100.0, (2, pixels)).astype(np.float32)
    sums = Sums(pixels, device())
    mean, least = sums.mean(uploaded(image), uploaded(weights))
    assert mean == pytest.approx(np.dot(image.astype(float), weights.astype(float)) / pixels, rel=1e-12)
    assert least == image.min()
    assert sums.mean(uploaded(image))[0] == pytest.approx(image.astype(float).mean(), rel=1e-12)
    image[pixels // 2] = np.nan
    assert np.isnan(sums.mean(uploaded(image), uploaded(weights))[0])


@pytest.mark.parametrize("percentile", [0.5, 37.3, 50.0, 95.0, 99.9, 100.0])
@pytest.mark.parametrize("kind", ["spread", "whole numbers", "clipped", "even", "two levels"])
def test_percentiles_are_numpys_to_a_millionth_of_the_range(kind, percentile):
    rng = np.random.default_rng(3)
    image = {
        "spread": rng.uniform(0.0, 1023.0, 30_001),
        "whole numbers": rng.poisson(200.0, 30_000),
        "clipped": rng.exponential(800.0, 30_000).clip(0.0, 1023.0),
        "even": np.full(5000, 64.25),
        "two levels": np.repeat([16.0, 1023.0], [10_000, 5000]),
    }[kind].astype(np.float32)
    got = Sums(image.size, device()).percentile(uploaded(image), percentile, 1023.0)
    assert got == pytest.approx(np.percentile(image.astype(float), percentile), abs=1023.0 * 1e-6)


@pytest.mark.parametrize("bits", [6, 8, 10, 12])
def test_eight_bits_are_those_of_the_host(bits):
    dn = np.arange(2**bits).reshape(8, -1).astype(np.uint16)
    got = resident_eight_bits(wp.array(dn, dtype=wp.uint16, device=device()), bits)
    np.testing.assert_array_equal(got.numpy(), eight_bits(dn, bits))


def changed(auto, **chip):
    """The headset, a lamp with another pulse among its own, and its glabella camera focused a little short."""
    camera = GREEN.cameras[CAMERA]
    sensor = replace(camera.sensor, auto_exposure=auto, bits=12, **chip)
    optics = replace(camera.optics, focus_mm=25.0, f_number=1.4)
    lens = Pinhole(200, 160, 130.0, 130.0, 99.5, 79.5)
    leds = {n: replace(led, pulse_us=200.0) if "left" in n else led for n, led in GREEN.leds.items()}
    camera = replace(camera, sensor=sensor, optics=optics, lens=lens)
    return replace(GREEN, cameras={CAMERA: camera}, leds=leds)


@pytest.mark.parametrize(
    "auto",
    [
        None,
        AutoExposure(target=0.2, min_us=20.0, max_us=500.0, max_gain=4.0),
        AutoExposure(target=0.6, min_us=20.0, max_us=500.0, max_gain=4.0, percentile=95.0),
    ],
    ids=["fixed", "mean", "percentile"],
)
def test_captures_are_those_of_the_host(renderer, auto):
    """Two groups of LEDs, ambient light, defocus, glare, noise, and exposures over three frames.

    Means are summed in another order, so that exposures and glare differ in the seventh digit: digital numbers differ
    by one in what few pixels lie as near to the edge between two.
    """
    headset = changed(auto)
    other = [Recorder(renderer, headset, seed=5) for _ in range(2)]
    for frame in range(3):
        light = {"ambient": Ambient.even(0.5 + frame), "settle": frame == 0, "frame": frame}
        here = other[0].record(WALL, **light)[CAMERA]
        there = other[1].record_resident(WALL, **light, buffers=("region",))[CAMERA]
        got = there.dn.numpy()
        assert got.shape == here.dn.shape
        assert got.dtype == np.uint16
        off = np.abs(got.astype(int) - here.dn)
        assert off.max() <= 1
        assert (off > 0).mean() < 1e-3
        assert there.exposure.exposure_us == pytest.approx(here.exposure.exposure_us, rel=1e-5)
        assert there.exposure.gain == pytest.approx(here.exposure.gain, rel=1e-5)
        assert here.dn.std() > 100.0  # else there would be little to compare
        assert set(there.frame.resident) == {"region", "radiance", "depth"}
        assert there.frame.radiance is there.frame.region is there.frame.depth is None
    if auto is not None:
        assert other[0].running(headset.cameras[CAMERA]).exposure != other[0].running(headset.cameras[CAMERA])._first


def test_resident_buffers_are_those_of_the_host_and_nothing_overwrites_them(renderer):
    names = ("radiance", "depth", "normal", "region", "triangle", "barycentric", "albedo", "irradiance")
    headset = changed(None)
    (one,) = renderer.render(headset, WALL, buffers=("region", "valid"), resident=names).values()
    (plain,) = renderer.render(headset, WALL, buffers=names).values()
    renderer.render(headset, plane(half=0.02, n=3, z=0.02), buffers=names, resident=names)
    assert set(one.resident) == set(names)
    for name in names:
        np.testing.assert_array_equal(one.resident[name].numpy(), getattr(plain, name), err_msg=name)
    np.testing.assert_array_equal(one.region, plain.region)
    assert one.valid is not None
    assert one.radiance is None


def test_what_cannot_be_is_refused(renderer):
    headset = changed(None)
    with pytest.raises(SimError, match=r"this buffer cannot stay on the device: 'valid'\. Buffers: radiance, depth"):
        renderer.render(headset, WALL, resident=("valid",))
    with pytest.raises(SimError, match="unknown buffer 'light'"):
        renderer.render(headset, WALL, resident=("light",))
    chain = SensorChain(GREEN.cameras[CAMERA].sensor, (4, 5), np.random.default_rng(0))
    for bad in (-1.0, np.nan, np.inf):
        light = np.full(20, 3.0)
        light[7] = bad
        with pytest.raises(SimError, match="`mean_electrons` must be finite and not negative"):
            chain.expose_on_device(uploaded(light), np.random.default_rng(0))
    with pytest.raises(SimError, match=r"`mean_electrons` must be \(4, 5\) like the sensor, got 21 pixels"):
        chain.expose_on_device(uploaded(np.ones(21)), np.random.default_rng(0))


def test_mitsubas_images_do_not_stay_on_a_device():
    pytest.importorskip("mitsuba")
    from sim.reference.renderer import ReferenceRenderer

    with pytest.raises(SimError, match="`resident` cannot hold 'radiance' where Mitsuba renders it"):
        ReferenceRenderer(settings=RenderSettings(shadow_resolution=64)).render(GREEN, WALL, resident=("radiance",))
