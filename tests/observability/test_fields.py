"""Nuisance fields and coarser cameras against plain linear algebra and sums of pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import minimum_filter
from scipy.spatial.distance import cdist

from headsets.lenses import KannalaBrandt4
from sim.observability.albedo_field import albedo_modes, spread_points
from sim.observability.binning import BinnedLens, binned
from sim.observability.identity_modes import identity_modes
from sim.observability.pixels import noise_model
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from sim.render.settings import DIRECT
from sim.sensor.chain import SensorChain
from sim.sensor.recorder import Recorder
from sim.sensor.settings import ImageSettings
from tests.faces.ellipsoid_head import EllipsoidHead
from tests.render.render_scenes import LENSES, camera, headset, led, sphere


@pytest.fixture(scope="module")
def head() -> EllipsoidHead:
    return EllipsoidHead()


def kernel(points: np.ndarray, priors: Priors) -> np.ndarray:
    """Level² + variation² exp(−d²/2ℓ²)."""
    square = cdist(points, points, "sqeuclidean")
    return priors.reflectance**2 + priors.albedo**2 * np.exp(-square / (2 * (1e-3 * priors.albedo_length_mm) ** 2))


def test_modes_add_up_to_the_stated_covariance(head: EllipsoidHead) -> None:
    priors = Priors(albedo_length_mm=16.0)
    places = head.mesh(head.neutral_identity()).vertices
    labels = np.array(head.topology.region_labels)[head.topology.region_ids]
    face = np.unique(head.topology.triangles[labels != "none"])
    some = np.random.default_rng(0).choice(face, 150, replace=False)
    expected = kernel(places[some], priors)
    whole = albedo_modes(head.topology, places, priors, 400)[some].astype(float)
    assert np.abs(whole @ whole.T - expected).max() < 0.01 * expected.max()


def test_a_few_modes_are_nearly_the_best_few(head: EllipsoidHead) -> None:
    # No K modes come closer to a covariance than its K largest eigenvectors (Eckart and Young 1936)
    priors = Priors()
    places = head.mesh(head.neutral_identity()).vertices
    labels = np.array(head.topology.region_labels)[head.topology.region_ids]
    face = np.unique(head.topology.triangles[labels != "none"])
    exact = kernel(places[face], priors)
    for count in (6, 48):
        modes = albedo_modes(head.topology, places, priors, count)[face].astype(float)
        best = np.sqrt((np.linalg.eigvalsh(exact)[:-count] ** 2).sum())
        assert np.linalg.norm(modes @ modes.T - exact) < 1.3 * best


def test_modes_lie_on_the_face_alone(head: EllipsoidHead) -> None:
    modes = albedo_modes(head.topology, head.mesh(head.neutral_identity()).vertices, Priors(), 5)
    labels = np.array(head.topology.region_labels)[head.topology.region_ids]
    face = np.unique(head.topology.triangles[labels != "none"])
    off = np.setdiff1d(np.arange(len(modes)), face)
    assert len(off) > 0
    assert not modes[off].any()
    assert (np.abs(modes[face]).max(axis=0) > 0).all()


def test_points_are_spread_out() -> None:
    line = np.stack([np.linspace(0, 1, 101), np.zeros(101), np.zeros(101)], -1)
    assert sorted(spread_points(line, 3).tolist()) == [0, 50, 100]


def test_steps_of_shape_carry_the_populations_variance(head: EllipsoidHead) -> None:
    modes = identity_modes(head, 2)
    labels = np.array(head.topology.region_labels)[head.topology.region_ids]
    face = np.unique(head.topology.triangles[labels != "none"])
    shapes = np.stack([head.mesh(wearer).vertices[face] for wearer in modes.wearers])
    variance = shapes.var(axis=0, ddof=1).sum()
    base = head.neutral_identity()
    steps = [(head.mesh(modes.moved(head, base, k, 1.0)).vertices - head.mesh(base).vertices)[face] for k in range(2)]
    assert sum((s**2).sum() for s in steps) == pytest.approx(modes.kept * variance, rel=1e-6)
    assert [np.sqrt((s**2).sum() / len(face)) for s in steps] == pytest.approx(list(modes.rms_m), rel=1e-6)
    assert 0.5 < modes.kept < 1.0  # the population has three axes
    assert identity_modes(head, 3).kept == pytest.approx(1.0, abs=1e-6)
    # and they are at right angles: each tells of something else
    assert abs((steps[0] * steps[1]).sum()) < 1e-6 * (steps[0] ** 2).sum()


@pytest.mark.parametrize("name", sorted(LENSES))
def test_coarser_lens_sees_the_middle_of_each_block(name: str) -> None:
    lens = LENSES[name]
    coarse = BinnedLens(lens, 2)
    assert (coarse.width_px, coarse.height_px) == (lens.width_px // 2, lens.height_px // 2)
    pixels = np.array([[12.0, 9.0], [16.0, 14.0], [20.0, 10.0]])
    rays = coarse.unproject(pixels)
    back, valid = coarse.project(0.3 * rays)
    assert valid.all()
    assert back == pytest.approx(pixels, abs=1e-4)
    # the centre of coarse pixel k is between the fine pixels 2k and 2k + 1
    assert lens.project(rays)[0] == pytest.approx(2 * pixels + 0.5, abs=1e-4)
    again = coarse.mirrored().mirrored().unproject(pixels)
    assert again == pytest.approx(rays, abs=1e-9)


def test_coarser_camera_gathers_the_electrons_of_its_pixels() -> None:
    lens = KannalaBrandt4(96, 80, 60.0, 60.0, 47.5, 39.5, (0.02, 0.0, 0.0, 0.0))
    worn = headset([camera(lens, (0.01, 0.0, 0.1))], [led((0.02, 0.01, 0.1)), led((-0.03, 0.0, 0.09))])
    renderer = Renderer(settings=replace(DIRECT, sparse=False))
    images = {}
    for factor in (1, 2):
        read = binned(worn, factor)
        recorder = Recorder(renderer, read, ImageSettings(fixed_pattern=False, noise=False), exposure_us=200.0)
        images[factor] = recorder.expect(sphere(0.04))["c"].electrons.astype(float)
    summed = images[1].reshape(40, 2, 48, 2).sum(axis=(1, 3))
    bright = minimum_filter(summed, 3) > 0.2 * summed.max()
    off = np.abs(images[2] - summed)[bright] / summed[bright]
    assert bright.sum() > 200
    assert np.median(off) < 0.005
    assert np.percentile(off, 95) < 0.02
    # along the outline each block has the light at its middle, where four pixels sample a surface that darkens
    assert images[2].sum() == pytest.approx(summed.sum(), rel=0.03)


def test_coarser_camera_has_the_noise_of_the_sum() -> None:
    worn = headset([camera(LENSES["pinhole"])])
    fine, coarse = worn.cameras["c"].sensor, binned(worn, 3).cameras["c"].sensor
    assert coarse.read_noise_e**2 == pytest.approx(9 * fine.read_noise_e**2)
    assert coarse.dsnu_e**2 == pytest.approx(9 * fine.dsnu_e**2)
    assert coarse.dark_e_per_s == pytest.approx(9 * fine.dark_e_per_s)
    assert coarse.full_well_e == pytest.approx(9 * fine.full_well_e)
    # PRNU: 9 pixels of n electrons each vary by prnu n, their sum by 3 prnu n, of 9 n
    assert coarse.prnu * 9 == pytest.approx(3 * fine.prnu)
    # a full sum is white, as full pixels are
    full = coarse.gain * coarse.full_well_e + coarse.black_dn
    assert full == pytest.approx(fine.gain * fine.full_well_e + fine.black_dn)
    assert binned(worn, 1) is worn


def test_coarse_noise_is_that_of_summed_digital_numbers() -> None:
    # 8 bits: a step of some 40 electrons beside a shot noise of 32. Each pixel is rounded before they are summed.
    factor, mean, shape = 4, 1000.0, (1200, 1200)
    one = camera(LENSES["pinhole"])
    sensor = replace(one.sensor, bits=8, full_well_e=10_000.0, gain_dn_per_e=None, auto_exposure=None)
    worn = headset([replace(one, sensor=sensor)], [led((0, 0, 0.1))])
    dn = SensorChain(sensor, shape, np.random.default_rng(0)).expose(np.full(shape, mean), np.random.default_rng(1))
    electrons = (dn.astype(float) - sensor.black_dn) / sensor.gain
    sums = electrons.reshape(shape[0] // factor, factor, shape[1] // factor, factor).sum((1, 3))
    coarse = binned(worn, factor)
    seen = Recorder(Renderer(settings=DIRECT), coarse).expect(sphere(), buffers=("depth", "normal"))["c"]
    noise = noise_model(coarse.cameras["c"], seen, Priors(model_error=0.0), factor)
    expected = float(noise.variance(np.array(factor**2 * mean)).flat[0])
    assert sums.var() == pytest.approx(expected, rel=0.02)
    assert expected - sums.mean() > 0.1 * expected  # what is not shot noise counts
