"""Defocus and point spread against OpenCV and closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from headsets import load_headset
from headsets.lenses import Pinhole
from sim.sensor.blur import DISCS_PX, Blur, confusion_px, disc

BASE = load_headset("refa_green").cameras["mouth_left"]
SIZE = 81
LENS = Pinhole(SIZE, SIZE, 1000.0, 1000.0, 40.0, 40.0)
FOCUS = 0.05
CAMERA = replace(
    BASE, lens=LENS, optics=replace(BASE.optics, f_number=2.0, focus_mm=50.0, psf_sigma_px=0.8, veiling_glare=0.0)
)


def ranges(camera, z):
    """Depths at which every pixel has the same range from the pupil."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    return z * camera.lens.unproject(np.stack([x, y], -1))[..., 2]


def point():
    image = np.zeros((SIZE, SIZE), np.float32)
    image[40, 40] = 100.0
    return image


def spread(image):
    """Total and variance along x and y about the centre."""
    y, x = np.mgrid[:SIZE, :SIZE] - 40
    return image.sum(), (image * x**2).sum() / image.sum(), (image * y**2).sum() / image.sum()


def test_the_circle_of_confusion_is_that_of_a_thin_lens():
    """By similar triangles: a point at r has its image at v(r); the cone towards it meets the sensor at v(s)."""
    f, n, s, pixel = 3e-3, 2.0, FOCUS, 3e-6
    for r in (0.02, 0.035, 0.2):
        v_s, v_r = 1 / (1 / f - 1 / s), 1 / (1 / f - 1 / r)
        expected = f / n * abs(v_r - v_s) / v_r / pixel
        assert confusion_px(CAMERA) * abs(1 - s / r) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("share", [-0.2, -0.09, -0.05, -0.035, 0.035, 0.06, 0.15])
def test_a_point_out_of_focus_is_a_disc_of_the_right_size_and_energy(share):
    """The variance of an even disc of diameter c is c²/16 along an axis."""
    blur = Blur(CAMERA, point_spread=False)
    got = blur(point(), ranges(CAMERA, FOCUS / (1 - share)))
    total, across, down = spread(got)
    diameter = confusion_px(CAMERA) * abs(share)
    assert 1.0 < diameter < 9.0
    assert total == pytest.approx(100.0, rel=1e-5)
    assert across == pytest.approx(diameter**2 / 16, rel=2e-3)
    assert down == pytest.approx(diameter**2 / 16, rel=2e-3)
    assert np.count_nonzero(got) < 1.6 * np.pi / 4 * (diameter + 2) ** 2


@pytest.mark.parametrize("which", range(1, len(DISCS_PX)))
def test_an_image_at_one_depth_is_what_opencv_makes_of_it(pictures, which):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is the oracle")
    diameter = DISCS_PX[which]
    share = 4 * np.sqrt(disc(diameter)[1]) / confusion_px(CAMERA)
    image = np.random.default_rng(which).random((SIZE, SIZE)).astype(np.float32)
    got = Blur(CAMERA, point_spread=False)(image, ranges(CAMERA, FOCUS / (1 - share)))
    # The disc drawn at 40 times the size, shrunk by area.
    n, fine = 15, 40
    at = (np.arange(n * fine) + 0.5) / fine - n / 2
    drawn = (at[:, None] ** 2 + at**2 <= diameter**2 / 4).astype(np.float32)
    kernel = cv2.resize(drawn, (n, n), interpolation=cv2.INTER_AREA)
    expected = cv2.filter2D(image, -1, kernel / kernel.sum())
    pictures.keep("blurred", got, expected)
    np.testing.assert_allclose(got[8:-8, 8:-8], expected[8:-8, 8:-8], rtol=4e-3)


def test_what_is_in_focus_stays_as_it_is():
    image = np.random.default_rng(0).random((SIZE, SIZE)).astype(np.float32)
    np.testing.assert_array_equal(Blur(CAMERA, point_spread=False)(image, ranges(CAMERA, FOCUS)), image)


def test_an_even_scene_stays_even_at_any_depth():
    rng = np.random.default_rng(0)
    depth = np.where(rng.random((SIZE, SIZE)) < 0.1, np.nan, rng.uniform(0.02, 0.2, (SIZE, SIZE))).astype(np.float32)
    np.testing.assert_allclose(Blur(CAMERA)(np.full((SIZE, SIZE), 3.0), depth), 3.0, rtol=1e-5)


def test_a_small_disc_seen_through_the_point_spread_is_what_opencv_makes_of_it():
    cv2 = pytest.importorskip("cv2", reason="OpenCV is the oracle")
    taps, variance = disc(2.0)
    kernel = np.zeros((3, 3), np.float32)
    kernel[taps[:, 1].astype(int) + 1, taps[:, 0].astype(int) + 1] = taps[:, 2]
    image = np.random.default_rng(2).random((SIZE, SIZE)).astype(np.float32)
    share = 4 * np.sqrt(variance) / confusion_px(CAMERA)
    got = Blur(CAMERA)(image, ranges(CAMERA, FOCUS / (1 - share)))
    expected = cv2.GaussianBlur(cv2.filter2D(image, -1, kernel), (7, 7), 0.8)
    error = (got - expected)[8:-8, 8:-8]
    assert np.abs(error).max() < 0.03
    blunt = cv2.GaussianBlur(image, (7, 7), 0.8)
    assert (got - blunt)[8:-8, 8:-8].std() > 5 * error.std()


@pytest.mark.parametrize("step", [1.08, 1.4])
def test_what_is_sharp_in_front_stays_sharp_before_a_blurred_ground(step):
    """With small discs and with large ones; the ground's own texture is blurred."""
    image = np.ones((SIZE, SIZE), np.float32)
    image[:, :40] = 0.0
    image[::2, 50:] = 0.0
    x = np.arange(SIZE)[None, :] + np.zeros((SIZE, 1))
    got = Blur(CAMERA, point_spread=False)(image, np.where(x < 40, FOCUS, step * FOCUS) * ranges(CAMERA, 1.0))
    assert got[:, :40].max() < 1e-3
    assert got[40, 41] > 0.5
    assert np.ptp(got[20:60, 65]) < 0.75


def test_a_small_blurred_edge_in_front_is_half_transparent_on_both_sides_of_it():
    image = np.ones((SIZE, SIZE), np.float32)
    image[:, :40] = 0.0
    x = np.arange(SIZE)[None, :] + np.zeros((SIZE, 1))
    got = Blur(CAMERA, point_spread=False)(image, np.where(x < 40, FOCUS / 1.05, FOCUS) * ranges(CAMERA, 1.0))[40]
    assert 0.5 * (got[39] + got[40]) == pytest.approx(0.5, abs=1e-5)
    assert got[39] > 0.05
    assert got.sum() == pytest.approx(41.0, rel=1e-6)


def test_a_large_blurred_edge_in_front_veils_what_is_beside_it():
    image = np.ones((SIZE, SIZE), np.float32)
    image[:, :40] = 0.0
    x = np.arange(SIZE)[None, :] + np.zeros((SIZE, 1))
    got = Blur(CAMERA, point_spread=False)(image, np.where(x < 40, FOCUS / 1.2, FOCUS) * ranges(CAMERA, 1.0))[40]
    reach = int(np.ceil(confusion_px(CAMERA) * 0.2 / 2))
    assert 0.4 < got[40] < 0.75
    assert (np.diff(got) >= -1e-5).all()
    np.testing.assert_allclose(got[41 + reach :], 1.0, atol=1e-5)


def test_the_point_spread_is_opencvs_gaussian(pictures):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is the oracle")
    image = np.random.default_rng(1).random((SIZE, SIZE)).astype(np.float32)
    got = Blur(CAMERA, defocus=False)(image, None)
    expected = cv2.GaussianBlur(image, (7, 7), 0.8, borderType=cv2.BORDER_REPLICATE)
    pictures.keep("blurred", got, expected)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert Blur(CAMERA, defocus=False)(point(), None).sum() == pytest.approx(100.0, rel=1e-6)
    np.testing.assert_array_equal(Blur(CAMERA, defocus=False, point_spread=False)(image, None), image)
