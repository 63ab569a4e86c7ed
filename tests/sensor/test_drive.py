"""LED currents, bins and temperature."""

import numpy as np
import pytest

from headsets import UnknownPartError, build_headset, load_headset
from sim.drive import Drive, driven, sample_drive
from sim.errors import SimError

HEADSET = load_headset("refa_green")
NAME = "eye_left_a"


def test_current_bin_and_warmth_multiply():
    """60 K at -0.5 %/K leave 70 %, and shift 850 nm by 18."""
    got = driven(HEADSET, Drive(2.0, {NAME: 0.5}, {NAME: 1.2}, warming_k=60.0))
    before = HEADSET.leds[NAME].radiant_intensity_w_sr
    assert got.leds[NAME].radiant_intensity_w_sr == pytest.approx(before * 2.0 * 0.5 * 1.2 * 0.7)
    assert got.leds["eye_left_b"].radiant_intensity_w_sr == pytest.approx(before * 2.0 * 0.7)
    assert got.leds[NAME].wavelength_nm == pytest.approx(868.0)
    assert list(got.leds) == list(HEADSET.leds)


def test_bins_fill_their_spread_evenly_in_the_logarithm():
    draws = [sample_drive(np.random.default_rng(k), HEADSET) for k in range(150)]
    factors = np.log2([list(d.bins.values()) for d in draws]).ravel()
    assert -0.5 <= factors.min() < -0.49
    assert 0.49 < factors.max() <= 0.5
    assert abs(factors.mean()) < 4 * np.sqrt(1 / 12 / factors.size)
    assert factors.std() == pytest.approx(np.sqrt(1 / 12), rel=0.05)
    assert draws[0] == sample_drive(np.random.default_rng(0), HEADSET)
    assert {0.0 <= d.warming_k <= 30.0 for d in draws} == {True}


def test_the_file_states_current_and_spread():
    led = HEADSET.spec.leds["eye_left_a"].model_copy(update={"current": 2.5})
    spec = HEADSET.spec.model_copy(update={"leds": {**HEADSET.spec.leds, NAME: led}})
    built = build_headset(spec, HEADSET.source)
    assert built.leds[NAME].radiant_intensity_w_sr == pytest.approx(2.5 * 0.008)
    assert built.leds["eye_right_a"].radiant_intensity_w_sr == pytest.approx(2.5 * 0.008)
    assert built.leds["eye_left_b"].radiant_intensity_w_sr == pytest.approx(0.008)
    assert built.leds[NAME].bin_spread == 2.0


def test_bad_input():
    with pytest.raises(UnknownPartError, match="nowhere"):
        driven(HEADSET, Drive(bins={"nowhere": 1.0}))
    with pytest.raises(SimError, match=r"`factor >= 0` must hold, got -1"):
        Drive(current=-1.0)
    with pytest.raises(SimError, match="warming_k"):
        Drive(warming_k=1e9)
