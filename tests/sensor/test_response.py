"""Spectral response and vignetting against slow integrals."""

from dataclasses import replace

import numpy as np
import pytest

from headsets import Opening, load_headset
from headsets.lenses import KannalaBrandt4, Pinhole
from sim.sensor.exposure import focal_length_px, housing_vignetting
from sim.sensor.response import band_response, led_response

CAMERA = load_headset("refa_green").cameras["mouth_left"]
SENSOR = replace(CAMERA.sensor, quantum_efficiency={800.0: 0.35, 850.0: 0.25, 940.0: 0.12})
PLANCK_TIMES_LIGHT = 6.62607015e-34 * 299792458.0


def slow(spectrum, band):
    nm = np.linspace(500.0, 1200.0, 700_001)
    efficiency = np.interp(nm, [800, 850, 940], [0.35, 0.25, 0.12])
    inside = 1.0 if band is None else (nm >= band[0]) & (nm <= band[1])
    return np.trapezoid(spectrum(nm) * inside * efficiency * nm * 1e-9 / PLANCK_TIMES_LIGHT, nm)


@pytest.mark.parametrize("band", [None, (835.0, 865.0), (845.0, 960.0), (900.0, 930.0)])
@pytest.mark.parametrize(("centre", "fwhm"), [(850.0, 30.0), (858.0, 45.0), (940.0, 10.0)])
def test_an_led_counts_by_its_spectrum(centre, fwhm, band):
    def gaussian(nm):
        shape = np.exp(-4 * np.log(2) * ((nm - centre) / fwhm) ** 2)
        return shape / (fwhm * np.sqrt(np.pi / (4 * np.log(2))))

    got = led_response(SENSOR, replace(CAMERA.optics, band_pass_nm=band), centre, fwhm)
    assert got == pytest.approx(slow(gaussian, band), rel=5e-4, abs=1e8)


def test_a_narrow_line_is_one_wavelength_and_a_filter_beside_it_is_dark():
    open_lens = replace(CAMERA.optics, band_pass_nm=None)
    line = led_response(SENSOR, open_lens, 870.0)
    assert led_response(SENSOR, open_lens, 870.0, 0.5) == pytest.approx(line, rel=1e-4)
    assert line == pytest.approx(870e-9 / PLANCK_TIMES_LIGHT * np.interp(870, [850, 940], [0.25, 0.12]), rel=1e-9)
    assert led_response(SENSOR, replace(CAMERA.optics, band_pass_nm=(930.0, 950.0)), 870.0) == 0.0


def test_ambient_light_is_even_over_the_band():
    band = (835.0, 865.0)
    got = band_response(SENSOR, replace(CAMERA.optics, band_pass_nm=band), 850.0)
    assert got == pytest.approx(slow(lambda nm: np.ones_like(nm) / 30.0, band), rel=1e-4)


@pytest.mark.parametrize(
    "lens", [Pinhole(61, 41, 30.0, 30.0, 30.0, 20.0), KannalaBrandt4(61, 61, 20.0, 20.0, 30.0, 30.0, (0.0,) * 4)]
)
@pytest.mark.parametrize("opening", [Opening(0.05, 0.05), Opening(0.01, 0.02), Opening(0.3, 0.08)])
def test_the_housing_cuts_the_pupil(lens, opening):
    """Oracle: points of the pupil, each with a ray that passes the opening or does not."""
    optics, sensor = replace(CAMERA.optics, vignetting=opening, f_number=1.0), replace(CAMERA.sensor, pixel_um=3.0)
    got = housing_vignetting(lens, optics, sensor)
    radius = 0.5 * focal_length_px(lens) * 3e-3
    u, v = np.meshgrid(*2 * [(np.arange(301) - 150) / 150 * radius])
    disc = np.hypot(u, v) <= radius
    for x, y in ((30, 20), (40, 20), (45, 30), (60, 20), (0, 0)):
        ray = lens.unproject(np.array([x, y], float))
        if ray[2] <= 0:
            assert got[y, x] == 0.0
            continue
        at_u, at_v = (p[disc] + ray[i] / ray[2] * opening.distance_mm for i, p in ((0, u), (1, v)))
        free = (np.hypot(at_u, at_v) <= opening.radius_mm).mean()
        assert got[y, x] == pytest.approx(free, abs=0.01)
    assert got.max() <= 1.0
    if opening.radius_mm == 0.05:
        assert got.min() < 0.5


def test_the_focal_length_is_that_of_the_centre():
    assert focal_length_px(Pinhole(61, 41, 30.0, 30.0, 30.0, 20.0)) == pytest.approx(30.0)
    assert focal_length_px(CAMERA.lens) == pytest.approx(173.0, rel=1e-6)
