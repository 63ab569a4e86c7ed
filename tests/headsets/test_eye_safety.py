"""Eye safety against cases computed by hand: the arithmetic stands in the comments."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform, Rotation

from headsets import load_headset
from headsets.errors import HeadsetError
from headsets.eye_safety import burn_weight, corneal_limit, led_exposures, pulse_limit, retinal_limit
from headsets.eye_safety.limits import ICNIRP_RETINAL
from headsets.headset import Led
from headsets.leds import Lambertian, Table

LED = Led("one", RigidTransform.identity(), 0.008, Lambertian(1.0), 850.0, 30.0, 0.3e-3, 500.0, 30.0)
"""8 mW/sr, a Lambertian 0.3 mm chip that shines along +z, lit for 500 us 30 times a second: duty 0.015."""
AHEAD = np.array([0.0, 0.0, 0.040])


def moved(led: Led, name: str, x: float) -> Led:
    return replace(led, name=name, T_device_led=RigidTransform.from_translation([x, 0.0, 0.0]))


@pytest.mark.parametrize(
    ("exposure_s", "limit"),
    # 16^0.75 = 8, 81^0.75 = 27, 1000^0.75 = 177.828: 18000 over these.
    [(16.0, 2250.0), (81.0, 666.6667), (1000.0, 101.2214), (1000.1, 100.0), (math.inf, 100.0)],
)
def test_corneal_limit(exposure_s: float, limit: float) -> None:
    assert corneal_limit(exposure_s) == pytest.approx(limit, rel=1e-6)


@pytest.mark.parametrize("exposure_s", [0.0, -1.0, math.nan])
def test_a_corneal_limit_needs_an_exposure(exposure_s: float) -> None:
    with pytest.raises(HeadsetError, match="exposure_s > 0"):
        corneal_limit(exposure_s)


def test_retinal_limits() -> None:
    # 6000 / 0.011 = 545 454.5; 6000 / 0.05 = 120 000; 6000 / 0.1 = 60 000; 6300 / 0.05 = 126 000.
    np.testing.assert_allclose(retinal_limit([0.001, 0.05, 0.3]), [545454.545, 120000, 60000])
    assert float(retinal_limit(0.05, ICNIRP_RETINAL)) == pytest.approx(126000)
    # 50000 / (0.01 x 0.0001^0.25) = 50000 / (0.01 x 0.1) = 5e7; 0.0001 rad counts as 0.0017: 50000 / 0.00017 = 2.941e8.
    np.testing.assert_allclose(pulse_limit([0.01, 0.0001], 1e-4), [5e7, 2.94117647e8])


def test_burn_weight() -> None:
    # 10^(-150/500) = 0.501187, 10^(-240/500) = 0.331131, 10^(-350/500) = 0.199526, 0.2 beyond 1050 nm.
    weights = [burn_weight(w) for w in (850.0, 940.0, 1050.0, 1051.0, 1400.0)]
    assert weights == pytest.approx([0.5011872, 0.3311311, 0.1995262, 0.2, 0.2], rel=1e-6)


@pytest.mark.parametrize("wavelength_nm", [690.0, 779.9, 1400.1, 1550.0])
def test_wavelengths_with_other_hazards_are_refused(wavelength_nm: float) -> None:
    with pytest.raises(HeadsetError, match=r"780 <= wavelength_nm <= 1400.*LED 'one'"):
        led_exposures([replace(LED, wavelength_nm=wavelength_nm)], AHEAD)


def test_no_led_is_refused() -> None:
    with pytest.raises(HeadsetError, match="`leds` must not be empty"):
        led_exposures([], AHEAD)


def test_one_led_ahead() -> None:
    e = led_exposures([LED], AHEAD)
    # E = 0.008 / 0.04^2 = 5; strobed 5 x 0.015 = 0.075 W/m2.
    assert float(e.corneal_irradiance(stuck_on=True)) == pytest.approx(5.0)
    assert float(e.corneal_irradiance()) == pytest.approx(0.075)
    # L = 0.008 / (pi 0.0003^2 / 4) = 0.008 / 7.06858e-8 = 113 176.8; weighted 0.501187 x L = 56 722.8 W/m2/sr.
    assert e.radiance[0] == pytest.approx(113176.8, rel=1e-6)
    assert e.weighted_radiance(stuck_on=True)[0] == pytest.approx(56722.8, rel=1e-5)
    # alpha = 0.3 / 40 = 0.0075, counted as 0.011: 56 722.8 / 545 454.5 = 0.103992; strobed x 0.015 = 0.00155988.
    assert e.retinal_shares(stuck_on=True)[0] == pytest.approx(0.103992, rel=1e-5)
    assert e.retinal_shares()[0] == pytest.approx(0.00155988, rel=1e-5)
    # One flash: 0.0005^0.25 = 0.149535; 50000 / (0.0075 x 0.149535) = 4.45828e7; share 56 722.8 / that = 0.00127230.
    assert e.pulse_shares()[0] == pytest.approx(0.00127230, rel=1e-5)


def test_a_source_that_looks_large() -> None:
    # 2 mm at 40 mm: alpha = 0.05, limit 120 000. L = 0.008 / (pi 0.002^2 / 4) = 2546.48; x 0.331131 (940 nm) = 843.219.
    e = led_exposures([replace(LED, source_m=2e-3, wavelength_nm=940.0)], AHEAD)
    assert e.retinal_shares(stuck_on=True)[0] == pytest.approx(843.219 / 120000, rel=1e-5)


def test_off_axis_a_lambertian_chip_dims_but_stays_as_bright() -> None:
    # At 60 degrees I = 0.008 x cos 60 = 0.004; at 40 mm E = 2.5. The chip looks half as large: L as from the front.
    e = led_exposures([LED], 0.040 * np.array([math.sin(math.pi / 3), 0.0, 0.5]))
    assert float(e.corneal_irradiance(stuck_on=True)) == pytest.approx(2.5)
    assert e.radiance[0] == pytest.approx(113176.8, rel=1e-6)


@pytest.mark.parametrize("degrees", [0.0, 30.0, 60.0, 85.0, 89.9, 95.0])
def test_a_wide_beam_is_never_brighter_than_its_front_or_its_flux(degrees: float) -> None:
    """A batwing, 1.5 times its axial intensity at the side: L is at most I over the full disc there, and finite."""
    wide = replace(LED, profile=Table((0.0, math.pi / 2, math.pi), (1.0, 1.5, 1.5)))
    angle = math.radians(degrees)
    e = led_exposures([wide], 0.040 * np.array([math.sin(angle), 0.0, math.cos(angle)]))
    assert 113176.8 * 0.999 <= e.radiance[0] <= 1.5 * 113176.8 * 1.001


def test_the_axis_is_the_leds_own() -> None:
    turned = replace(LED, T_device_led=RigidTransform.from_rotation(Rotation.from_euler("y", 90, degrees=True)))
    e = led_exposures([turned], np.array([[0.040, 0.0, 0.0], [0.0, 0.0, 0.040], [-0.040, 0.0, 0.0]]))
    np.testing.assert_allclose(e.corneal_irradiance(stuck_on=True), [5.0, 0.0, 0.0], atol=1e-12)


def test_inverse_square_and_radiance_that_knows_no_distance() -> None:
    near, far = (led_exposures([LED], AHEAD * scale) for scale in (1.0, 3.0))
    assert float(near.corneal_irradiance()) == pytest.approx(9 * float(far.corneal_irradiance()))
    assert near.radiance[0] == far.radiance[0]


def test_irradiances_add_at_once_and_radiances_do_not() -> None:
    leds = [LED, moved(LED, "two", 0.02), replace(LED, name="three", radiant_intensity_w_sr=0.02, pulse_us=1000.0)]
    together = led_exposures(leds, AHEAD)
    alone = [led_exposures([led], AHEAD) for led in leds]
    for stuck_on in (False, True):
        total = sum(float(e.corneal_irradiance(stuck_on)) for e in alone)
        assert float(together.corneal_irradiance(stuck_on)) == pytest.approx(total)
        shares = [e.retinal_shares(stuck_on)[0] for e in alone]
        np.testing.assert_allclose(together.retinal_shares(stuck_on), shares)


@pytest.mark.parametrize(("apart_mm", "together"), [(3.0, True), (5.0, False)])
def test_leds_within_100_mrad_are_taken_together(apart_mm: float, together: bool) -> None:
    # At 40 mm, 3 mm are 75 mrad and 5 mm are 124 mrad.
    e = led_exposures([LED, moved(LED, "two", apart_mm * 1e-3)], AHEAD)
    shares = e.retinal_shares(stuck_on=True)
    expected = np.full(2, shares.sum()) if together else shares
    np.testing.assert_allclose(e.grouped(shares), expected)


def test_no_field_of_view_has_a_larger_share_than_the_group() -> None:
    """The limit as measured: all light within a cone, over the cone's solid angle, against 6000 / cone."""
    rng = np.random.default_rng(5)
    leds = [
        replace(moved(LED, f"led{i}", x), radiant_intensity_w_sr=power)
        for i, (x, power) in enumerate(zip(rng.uniform(-0.006, 0.006, 12), rng.uniform(0.002, 0.02, 12), strict=True))
    ]
    e = led_exposures(leds, AHEAD)
    largest = e.grouped(e.retinal_shares(stuck_on=True)).max()
    found = 0.0
    for cone in np.linspace(0.011, 0.1, 30):
        for x in np.linspace(-0.2, 0.2, 200):
            axis = np.array([math.sin(x), 0.0, -math.cos(x)])
            inside = np.arccos(np.clip(e.direction @ axis, -1, 1)) <= cone / 2
            radiance = (e.irradiance * e.weight)[inside].sum() / (math.pi * cone**2 / 4)
            found = max(found, radiance * cone / 6000)
    assert 0 < found <= largest


def test_on_top_of_a_chip_nothing_is_infinite() -> None:
    e = led_exposures([LED], np.zeros(3))
    assert np.isfinite(e.irradiance).all()
    assert np.isfinite(e.retinal_shares()).all()


def test_shares_grow_with_the_current() -> None:
    for factor in (1.5, 7.0):
        more = replace(LED, radiant_intensity_w_sr=factor * LED.radiant_intensity_w_sr)
        weak, strong = led_exposures([LED], AHEAD), led_exposures([more], AHEAD)
        assert strong.retinal_shares()[0] == pytest.approx(factor * weak.retinal_shares()[0])
        assert strong.pulse_shares()[0] == pytest.approx(factor * weak.pulse_shares()[0])
        assert float(strong.corneal_irradiance()) == pytest.approx(factor * float(weak.corneal_irradiance()))


def test_a_shipped_headset_by_a_slow_loop() -> None:
    headset = load_headset("ufe")
    points = np.array([[0.031, 0.0, 0.0133], [-0.034, 0.004, 0.012]])
    e = led_exposures(tuple(headset.leds.values()), points)
    for j, point in enumerate(points):
        total = 0.0
        for led in headset.leds.values():
            away = point - led.position
            r = math.sqrt(sum(float(c) ** 2 for c in away))
            cosine = max(float(away @ led.axis) / r, 0.0)
            order = led.profile.order  # type: ignore[attr-defined]
            total += led.radiant_intensity_w_sr * cosine**order / r**2 * led.pulse_us * 1e-6 * led.rate_hz
        assert e.corneal_irradiance()[j] == pytest.approx(total, rel=1e-9)
