"""The noise kernel against the distributions that it stands for."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from headsets import load_headset
from sim.sensor.chain import SensorChain

SHAPE = (300, 300)
# One electron is one digital number, and nothing else adds to it.
COUNTER = replace(
    load_headset("refa_green").cameras["mouth_left"].sensor,
    bits=16,
    full_well_e=65000.0,
    read_noise_e=0.0,
    dark_e_per_s=0.0,
    prnu=0.0,
    dsnu_e=0.0,
    offset_dn=0.0,
    gain_dn_per_e=1.0,
)


def counts(mean, seed, sensor=COUNTER):
    chain = SensorChain(sensor, SHAPE, np.random.default_rng(0))
    return chain.expose(np.full(SHAPE, mean), np.random.default_rng(seed)).ravel().astype(int)


@pytest.mark.parametrize("mean", [0.02, 0.7, 3.0, 3.9, 4.1, 6.0, 14.0, 40.0, 333.0, 5000.0])
def test_counts_are_poisson(mean):
    """Chi-square over at most 40 bins that hold 50 counts or more, and mean and variance."""
    got = counts(mean, seed=int(10 * mean))
    n = got.size
    edges = np.unique(stats.poisson.ppf(np.linspace(0.001, 0.999, 40), mean))
    cumulative = np.concatenate([[0.0], stats.poisson.cdf(edges, mean), [1.0]])
    expected = n * np.diff(cumulative)
    observed = np.histogram(got, [-np.inf, *(edges + 0.5), np.inf])[0]
    keep = expected >= 50
    pairs = [*zip(observed[keep], expected[keep], strict=True), (observed[~keep].sum(), expected[~keep].sum())]
    observed, expected = np.array([p for p in pairs if p[1] > 5]).T
    assert stats.chi2.sf(((observed - expected) ** 2 / expected).sum(), len(expected) - 1) > 1e-3
    assert got.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / n))
    assert got.var() == pytest.approx(mean, abs=4 * mean * np.sqrt((2 + 1 / mean) / n))


def test_read_noise_is_gaussian_to_its_tails():
    reader = replace(COUNTER, read_noise_e=1000.0, offset_dn=20000.0)
    got = (counts(0.0, 5, reader) - 20000.0) / 1000.0
    assert stats.kstest(got, "norm").pvalue > 1e-3
    for bound in (2.5, 3.0, 3.5):
        expected = got.size * stats.norm.sf(bound)
        assert np.abs((got > bound).sum() - expected) < 4 * np.sqrt(expected)
        assert np.abs((got < -bound).sum() - expected) < 4 * np.sqrt(expected)


def test_photons_and_read_noise_of_a_pixel_and_of_its_neighbours_have_nothing_in_common():
    quiet, loud = counts(400.0, 3), counts(400.0, 3, replace(COUNTER, read_noise_e=50.0))
    read = loud - quiet
    image = quiet.reshape(SHAPE) - 400.0
    bound = 4 / np.sqrt(quiet.size)
    for a, b in (
        (quiet, read),
        (image[:, 1:].ravel(), image[:, :-1].ravel()),
        (image[1:].ravel(), image[:-1].ravel()),
        (quiet, counts(400.0, 4)),
    ):
        assert abs(np.corrcoef(a, b)[0, 1]) < bound
