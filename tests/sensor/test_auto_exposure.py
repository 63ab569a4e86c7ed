"""The exposure loop on a sensor that answers linearly."""

from dataclasses import replace

import numpy as np
import pytest

from headsets import AutoExposure, load_headset
from sim.sensor.auto_exposure import Exposure, default_auto_exposure, first_exposure, metered, next_exposure

SENSOR = replace(load_headset("refa_green").cameras["mouth_left"].sensor, bits=12)
LOOP = AutoExposure(target=0.2, min_us=10.0, max_us=1000.0, lag=0.7, max_gain=4.0)
START = Exposure(100.0)
RANGE = SENSOR.white_dn - SENSOR.black_dn


def levels(loop, brightness, frames, start=START):
    """Exposures of successive frames of a scene that gives this share of the range per µs."""
    now, out = start, []
    for _ in range(frames):
        out.append(now)
        now = next_exposure(now, min(brightness * now.exposure_us * now.gain, 1.0), loop)
    return out


def test_each_frame_keeps_the_lag_of_the_error():
    """In ratios: log(value / final) shrinks by the lag from frame to frame."""
    final = 0.2 / 0.0005
    values = np.array([e.exposure_us for e in levels(LOOP, 0.0005, 12)])
    errors = np.log(values / final)
    np.testing.assert_allclose(errors[1:] / errors[:-1], 0.7, rtol=1e-9)
    assert np.log(levels(replace(LOOP, lag=0.0), 0.0005, 2)[1].exposure_us / final) == pytest.approx(0.0, abs=1e-9)


def test_it_stops_at_its_limits_and_takes_gain_after_exposure():
    for brightness, exposure, gain in ((1.0, 10.0, 1.0), (1e-9, 1000.0, 4.0), (0.2 / 2000.0, 1000.0, 2.0)):
        last = levels(LOOP, brightness, 60)[-1]
        assert last.exposure_us == pytest.approx(exposure, rel=1e-6)
        assert last.gain == pytest.approx(gain, rel=1e-6)


def test_a_saturated_image_is_left_behind():
    last = levels(LOOP, 0.2 / 50.0, 60, Exposure(1000.0, 4.0))[-1]
    assert last.exposure_us == pytest.approx(50.0, rel=1e-6)


def test_the_meter_reads_the_mean_or_a_percentile_above_the_offset():
    dn = np.full((10, 10), SENSOR.black_dn)
    dn[:2] += 0.5 * RANGE
    assert metered(dn, SENSOR, LOOP) == pytest.approx(0.1)
    assert metered(dn, SENSOR, replace(LOOP, percentile=95.0)) == pytest.approx(0.5)
    assert 0.0 < metered(np.zeros((4, 4)), SENSOR, LOOP) < 1e-3


def test_the_first_exposure_is_the_stated_one_within_the_limits():
    assert first_exposure(SENSOR, None) == Exposure(SENSOR.exposure_us)
    assert first_exposure(SENSOR, replace(LOOP, max_us=200.0)) == Exposure(200.0)
    assert default_auto_exposure(SENSOR).max_us == SENSOR.exposure_us
