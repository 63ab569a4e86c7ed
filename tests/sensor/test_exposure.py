"""Light at the sensor against closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from headsets import load_headset
from headsets.lenses import KannalaBrandt4, Pinhole
from sim.sensor.exposure import mean_electrons, photons_per_joule, quantum_efficiency, relative_illumination

CAMERA = load_headset("refa_green").cameras["mouth_left"]


def angles(lens):
    y, x = np.mgrid[: lens.height_px, : lens.width_px]
    return np.arccos(np.clip(lens.unproject(np.stack([x, y], -1).astype(float))[..., 2], -1, 1))


def test_a_pinhole_darkens_with_the_fourth_power_of_the_cosine():
    lens = Pinhole(81, 61, 60.0, 60.0, 40.0, 30.0)
    np.testing.assert_allclose(relative_illumination(lens), np.cos(angles(lens)) ** 4, rtol=2e-4)


def test_an_equidistant_fisheye_darkens_less_and_is_black_beyond_90_degrees():
    lens = KannalaBrandt4(121, 121, 30.0, 30.0, 60.0, 60.0, (0.0, 0.0, 0.0, 0.0))
    theta = angles(lens)
    got = relative_illumination(lens)
    inside = theta < np.deg2rad(85)
    expected = np.cos(theta) * np.sinc(theta / np.pi)
    np.testing.assert_allclose(got[inside], expected[inside], rtol=5e-3, atol=1e-4)
    assert (got[theta > np.deg2rad(90)] == 0).all()
    assert (theta > np.deg2rad(90)).any()


def test_photons_of_a_pixel_are_those_of_the_standard():
    """EMVA 1288: photons = 50.34 · area/µm² · time/ms · λ/µm · irradiance/(µW/cm²); 1 W/m² is 100 µW/cm²."""
    per_um2_ms = photons_per_joule(850.0) * 1e-12 * 1e-3
    assert per_um2_ms == pytest.approx(50.34 * 0.850 * 100, rel=1e-4)
    assert per_um2_ms == pytest.approx(4279, rel=1e-3)


def test_electrons_by_hand():
    sensor, optics = CAMERA.sensor, CAMERA.optics
    got = mean_electrons(np.array([[2.0]]), np.array([[0.5]]), optics, sensor, 850.0)
    irradiance = np.pi * 2.0 / (1 + 4 * 2.4**2) * 0.85 * 0.5
    assert got[0, 0] == pytest.approx(irradiance * 9.0 * 0.5 * 4279 * 0.25, rel=1e-3)
    doubled = mean_electrons(np.array([[2.0]]), np.array([[0.5]]), optics, sensor, 850.0, exposure_s=1e-3)
    assert doubled[0, 0] == pytest.approx(2 * got[0, 0])
    assert mean_electrons(np.array([[2.0]]), np.array([[0.5]]), optics, sensor, 940.0)[0, 0] == 0.0  # the band pass
    assert mean_electrons(np.ones((1, 1)), np.ones((1, 1)), replace(optics, band_pass_nm=None), sensor, 940.0)[0, 0] > 0


def test_quantum_efficiency_is_linear_between_what_the_file_states():
    assert quantum_efficiency(CAMERA.sensor, 895.0) == pytest.approx((0.25 + 0.12) / 2)
    assert quantum_efficiency(CAMERA.sensor, 700.0) == pytest.approx(0.25)
