"""Bins and temperature of LEDs, from the headset file to digital numbers, against sums and integrals by hand."""

from dataclasses import replace

import numpy as np

from sim.drive import Drive, driven
from sim.render import Renderer
from tests.sensor.test_capture import CAMERA, SETTINGS, electrons, with_camera

WARMING_K = 40.0


def response(centre_nm, fwhm_nm=30.0, band=(835.0, 865.0)):
    """∝ electrons per joule: a Gaussian line through the band pass onto silicon, summed in steps of 0.01 nm."""
    nm = np.linspace(*band, 3001)
    line = np.exp(-4 * np.log(2) * ((nm - centre_nm) / fwhm_nm) ** 2)
    return np.trapezoid(line * np.interp(nm, [850.0, 940.0], [0.25, 0.12]) * nm, nm)


def test_bins_and_warmth_show_in_the_image(pictures):
    """Each side's LEDs add what they add alone, times bin and droop, seen through the shifted line.

    -0.5 % and 0.3 nm a kelvin.
    """
    renderer, headset = Renderer(settings=SETTINGS), with_camera(quantum_efficiency={850.0: 0.25, 940.0: 0.12})
    bins = {name: 1.4 if "left" in name else 0.7 for name in headset.leds}

    def side(word):
        off = {name: replace(led, radiant_intensity_w_sr=0.0) for name, led in headset.leds.items() if word not in name}
        return electrons(renderer, replace(headset, leds={**headset.leds, **off}))

    left, right = side("left"), side("right")
    warm = (1.0 - 0.005 * WARMING_K) * response(850.0 + 0.3 * WARMING_K) / response(850.0)
    expected = warm * (1.4 * left + 0.7 * right)
    got = electrons(renderer, driven(headset, Drive(bins=bins, warming_k=WARMING_K)))
    pictures.keep(CAMERA, got, expected)
    assert left.max() > 50 < right.max()
    assert 0.5 < warm < 0.7  # 80 % by droop, and a quarter of the line has left the pass band
    np.testing.assert_allclose(got, expected, rtol=2e-3, atol=0.5)


def slow_response(sensor, band):
    """Electrons per joule of light spread evenly over a pass band, nm, summed in steps of 0.01 nm."""
    nm = np.linspace(*band, 3001)
    known = sorted(sensor.quantum_efficiency)
    efficiency = np.interp(nm, known, [sensor.quantum_efficiency[w] for w in known])
    return np.trapezoid(efficiency * nm * 1e-9 / (6.62607015e-34 * 299792458.0), nm) / (band[1] - band[0])
