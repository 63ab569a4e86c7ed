"""The sensor against the photon-transfer method of EMVA 1288, and its invariants."""

from dataclasses import replace

import numpy as np
import pytest

from headsets import load_headset
from sim.errors import SimError
from sim.sensor.chain import SensorChain

SENSOR = replace(load_headset("refa_green").cameras["mouth_left"].sensor, bits=12)
SHAPE = (200, 200)
QUIET = replace(SENSOR, prnu=0.0, dsnu_e=0.0)


def images(chain, mean, count, seed):
    rng = np.random.default_rng(seed)
    return np.array([chain.expose(np.full(SHAPE, float(mean)), rng) for _ in range(count)], dtype=float)


def test_photon_transfer_recovers_what_was_configured():
    """Gain from the slope of temporal variance over signal, read noise from the dark, patterns from mean images."""
    sensor = replace(SENSOR, prnu=0.012, dsnu_e=6.0, offset_dn=100.0)
    chain = SensorChain(sensor, SHAPE, np.random.default_rng(1))
    levels = np.linspace(0.0, 0.8 * SENSOR.full_well_e, 9)
    stacks = [images(chain, level, 30, k) for k, level in enumerate(levels)]
    signal = np.array([s.mean() for s in stacks]) - stacks[0].mean()
    temporal = np.array([s.var(axis=0, ddof=1).mean() for s in stacks])
    gain = np.polyfit(signal, temporal, 1)[0]
    assert gain == pytest.approx((4095 - 100) / SENSOR.full_well_e, rel=0.05)
    # The dark's variance holds read noise, quantisation (1/12) and a little dark current.
    dark_e2 = SENSOR.dark_e_per_s * SENSOR.exposure_us * 1e-6
    read = np.sqrt((temporal[0] - 1 / 12) / gain**2 - dark_e2)
    assert read == pytest.approx(SENSOR.read_noise_e, rel=0.05)

    def pattern(k):
        stack = stacks[k]
        return np.sqrt(stack.mean(0).var(ddof=1) - stack.var(axis=0, ddof=1).mean() / len(stack))

    assert pattern(0) / gain == pytest.approx(sensor.dsnu_e, rel=0.05)
    prnu = np.sqrt(pattern(-1) ** 2 - pattern(0) ** 2) / signal[-1]
    assert prnu == pytest.approx(sensor.prnu, rel=0.05)
    saturated = images(chain, 5 * SENSOR.full_well_e, 4, 99).mean()
    assert (saturated - stacks[0].mean()) / gain == pytest.approx(SENSOR.full_well_e, rel=0.05)


def test_no_light_gives_the_offset_alone():
    silent = replace(QUIET, read_noise_e=0.0, dark_e_per_s=0.0)
    chain = SensorChain(silent, SHAPE, np.random.default_rng(0))
    assert (chain.expose(np.zeros(SHAPE), np.random.default_rng(1)) == 64).all()


def test_twice_the_light_gives_twice_the_electrons_until_the_full_well():
    chain = SensorChain(QUIET, SHAPE, np.random.default_rng(0))
    one, two, many = (images(chain, f * SENSOR.full_well_e, 10, 3).mean() - 64 for f in (0.3, 0.6, 4.0))
    assert two / one == pytest.approx(2.0, rel=2e-3)
    assert many == pytest.approx(4095 - 64, rel=1e-3)


def test_dark_current_gathers_over_the_exposure():
    chain = SensorChain(replace(QUIET, dark_e_per_s=2e6), SHAPE, np.random.default_rng(0))
    dark = chain.expose(np.zeros(SHAPE), np.random.default_rng(1), exposure_s=1e-3).astype(float)
    assert (dark.mean() - 64) / QUIET.gain == pytest.approx(2000.0, rel=5e-3)


def test_analogue_gain_lifts_the_signal_and_not_the_offset():
    chain = SensorChain(QUIET, SHAPE, np.random.default_rng(0))
    mean = np.full(SHAPE, 300.0)
    plain, lifted = (chain.expose(mean, np.random.default_rng(1), gain=g, noise=False) for g in (1.0, 4.0))
    assert lifted[0, 0] - 64.0 == pytest.approx(4 * (300 * QUIET.gain), abs=0.51)
    assert plain[0, 0] - 64.0 == pytest.approx(300 * QUIET.gain, abs=0.51)


def test_glare_spreads_its_share_evenly():
    chain = SensorChain(QUIET, SHAPE, np.random.default_rng(0))
    half = np.zeros(SHAPE)
    half[:, 100:] = 4000.0
    got = (chain.expose(half, np.random.default_rng(1), glare=0.1, noise=False) - 64.0) / QUIET.gain
    assert got[0, 0] == pytest.approx(0.1 * 2000.0, abs=1.0)
    assert got[0, -1] == pytest.approx(0.9 * 4000.0 + 0.1 * 2000.0, abs=1.0)
    assert got.mean() == pytest.approx(2000.0, abs=1.0)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_numbers_fit_the_bits_and_repeat_with_the_seed(bits):
    chain = SensorChain(replace(SENSOR, bits=bits), SHAPE, np.random.default_rng(0))
    mean = np.linspace(0.0, 2e12, SHAPE[0] * SHAPE[1]).reshape(SHAPE)
    a, b = (chain.expose(mean, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert a.max() == 2**bits - 1


def test_bad_input_names_the_rule():
    with pytest.raises(SimError, match=r"`0 <= offset_dn < 255` must hold at 8 bits, got 300"):
        SensorChain(replace(SENSOR, bits=8, offset_dn=300.0), SHAPE, np.random.default_rng(0))
    chain = SensorChain(SENSOR, SHAPE, np.random.default_rng(0))
    with pytest.raises(SimError, match=r"must be \(200, 200\) like the sensor, got \(3, 3\)"):
        chain.expose(np.zeros((3, 3)), np.random.default_rng(0))
    with pytest.raises(SimError, match="finite and not negative"):
        chain.expose(np.full(SHAPE, np.nan), np.random.default_rng(0))
    with pytest.raises(SimError, match="finite and not negative"):
        chain.expose(np.full(SHAPE, -1.0), np.random.default_rng(0))
