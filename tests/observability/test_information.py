"""Fisher information against closed forms, numerical integrals, and the inverse of the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm, poisson

from sim.observability.information import NoiseModel, censored_share, fisher, log2_ratio, marginal


@pytest.mark.parametrize(
    ("low", "high"),
    [(-np.inf, np.inf), (-1.0, 2.0), (0.5, np.inf), (-3.0, -2.0), (2.5, 3.0), (-np.inf, 0.0), (8.0, 9.0)],
)
def test_censored_information_is_the_variance_of_the_score(low: float, high: float) -> None:
    # x ~ N(m, 1) cut to [low, high]: the score of what is seen, by differences of the log-likelihood alone
    def log_inside(x: float, m: float) -> float:
        return float(norm.logpdf(x - m))

    def score(of: object, step: float = 1e-4) -> float:
        return (of(step) - of(-step)) / (2 * step)  # type: ignore[operator]

    inside = quad(lambda x: score(lambda m: log_inside(x, m)) ** 2 * norm.pdf(x), max(low, -12.0), min(high, 12.0))[0]
    below = norm.cdf(low) * score(lambda m: norm.logcdf(low - m)) ** 2 if np.isfinite(low) else 0.0
    above = norm.sf(high) * score(lambda m: norm.logsf(high - m)) ** 2 if np.isfinite(high) else 0.0
    share = float(censored_share(np.array(low), np.array(high)))
    assert share == pytest.approx(inside + below + above, rel=2e-6, abs=1e-9)


def test_a_pixel_far_beyond_its_limit_tells_nothing_and_one_within_tells_all() -> None:
    assert float(censored_share(np.array(-400.0), np.array(-300.0))) == 0.0
    assert float(censored_share(np.array(-300.0), np.array(300.0))) == 1.0


def test_pixels_of_photons_alone_tell_what_poisson_numbers_tell() -> None:
    # Σ_n P(n) (d ln P / dμ)² = 1/μ; the Gaussian model adds ½/μ² for the variance, which is of the next order
    noise = NoiseModel(0.0, 0.0, 0.0, -np.inf, np.inf)
    for mean in (50.0, 400.0, 3000.0):
        counts = np.arange(0, int(mean + 20 * np.sqrt(mean)))
        score = counts / mean - 1.0
        exact = (poisson.pmf(counts, mean) * score**2).sum()
        got = float(noise.weights(np.array(mean)))
        assert exact == pytest.approx(1.0 / mean, rel=1e-9)
        assert got == pytest.approx(exact + 0.5 / mean**2, rel=1e-9)


def test_gaussian_pixels_whose_variance_follows_the_mean() -> None:
    # E[(d ln p / dμ)²] by integration, σ²(μ) = c + μ + r μ²; model error is of a stated size and does not tell the mean
    mean, constant, relative, error = 120.0, 30.0, 4e-4, 0.02
    fixed = error * mean**2

    def variance(m: float) -> float:
        return constant + m + relative * m**2 + fixed

    def log_density(x: float, m: float) -> float:
        return float(norm.logpdf(x, m, np.sqrt(variance(m))))

    sd, step = np.sqrt(variance(mean)), 1e-3

    def square(x: float) -> float:
        slope = (log_density(x, mean + step) - log_density(x, mean - step)) / (2 * step)
        return slope**2 * norm.pdf(x, mean, sd)

    expected = quad(square, mean - 10 * sd, mean + 10 * sd, epsabs=1e-12)[0]
    noise = NoiseModel(constant, relative, error, -np.inf, np.inf)
    assert float(noise.variance(np.array(mean))) == pytest.approx(sd**2)
    assert float(noise.weights(np.array(mean))) == pytest.approx(expected, rel=1e-5)


def test_place_of_a_blob_is_as_uncertain_as_localisation_microscopy_has_it() -> None:
    # Gaussian spot of N photons and width s on fine pixels without background: Var(x) = s²/N, Var(N) = N
    # (Thompson, Larson and Webb 2002; Mortensen et al. 2010)
    photons, s, scale = 1e6, 8.0, 1.0
    axis = np.arange(-48.0, 49.0) * scale
    x, y = np.meshgrid(axis, axis)
    spot = np.exp(-0.5 * (x**2 + y**2) / s**2) / (2 * np.pi * s**2) * scale**2
    mean = photons * spot
    derivatives = np.stack([mean * x / s**2, mean * y / s**2, spot])
    noise = NoiseModel(0.0, 0.0, 0.0, -np.inf, np.inf)
    bright = mean > 100.0  # the Gaussian model of photons holds there; outside lies 1 % of the light
    whitened = np.where(bright, derivatives * np.sqrt(noise.weights(np.maximum(mean, 1e-3))), 0.0)
    covariance = np.linalg.inv(fisher(whitened.reshape(3, -1)))
    outside = 1.0 - mean[bright].sum() / photons
    assert outside < 0.05
    # What is left of ∫ r² beyond a radius ρ with exp(−ρ²/2s²) = ε is ε (1 − ln ε) of the whole
    kept = 1.0 - outside * (1.0 - np.log(outside))
    assert np.sqrt(covariance[0, 0]) == pytest.approx(s / np.sqrt(photons * kept), rel=5e-3)
    assert np.sqrt(covariance[2, 2]) == pytest.approx(np.sqrt(photons / (1.0 - outside)), rel=5e-3)
    assert abs(covariance[0, 2]) < 1e-9 * np.sqrt(covariance[0, 0] * covariance[2, 2])


def test_unknown_background_costs_amplitude_what_the_closed_form_says() -> None:
    # μ = A h + B under even noise σ: Var(A) = σ² / (Σh² − (Σh)²/n)
    x, y = np.meshgrid(np.arange(40.0), np.arange(30.0))
    h = np.exp(-0.5 * ((x - 20) ** 2 + (y - 14) ** 2) / 9.0)
    sigma = 7.0
    information = fisher(np.stack([h.ravel(), np.ones(h.size)]) / sigma)
    expected = sigma**2 / ((h**2).sum() - h.sum() ** 2 / h.size)
    assert 1.0 / marginal(information, 1)[0, 0] == pytest.approx(expected, rel=1e-10)


def test_nuisances_left_out_as_the_whole_inverse_does() -> None:
    rng = np.random.default_rng(0)
    root = rng.standard_normal((9, 9))
    whole = root @ root.T + 0.1 * np.eye(9)
    block = np.linalg.inv(whole)[:4, :4]
    assert np.linalg.inv(marginal(whole, 4)) == pytest.approx(block, rel=1e-9, abs=1e-12)
    assert marginal(whole, 9) == pytest.approx(whole)


def test_bits_are_halvings_of_the_spread() -> None:
    prior = np.diag([4.0, 9.0])
    assert log2_ratio(prior * 4.0, prior) == pytest.approx(2.0)  # both SDs halved
    # and the mutual information of a Gaussian channel, ½ log2(1 + SNR)
    assert log2_ratio(np.array([[1.0 + 15.0]]), np.array([[1.0]])) == pytest.approx(0.5 * np.log2(16.0))


def test_pixels_in_pieces_give_the_same_sum() -> None:
    whitened = np.random.default_rng(1).standard_normal((3, 70_001)).astype(np.float32)
    expected = whitened.astype(np.float64) @ whitened.astype(np.float64).T
    assert fisher(whitened) == pytest.approx(expected, rel=1e-6, abs=1e-3)
