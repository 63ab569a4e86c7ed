"""Irradiance of ambient light against sums over directions."""

import numpy as np
import pytest

from sim.errors import SimError
from sim.render.ambient import Ambient


def directions(n=200_000):
    """Points on a sphere by Fibonacci's spiral."""
    z = 1 - 2 * (np.arange(n) + 0.5) / n
    turn = np.pi * (1 + np.sqrt(5)) * np.arange(n)
    r = np.sqrt(1 - z**2)
    return np.stack([r * np.cos(turn), r * np.sin(turn), z], -1)


def test_irradiance_is_the_integral_of_radiance_times_cosine():
    coefficients = np.array([1.0, 0.3, -0.2, 0.15, 0.1, -0.12, 0.08, 0.05, -0.07])
    d = directions()
    x, y, z = d.T
    # Real spherical harmonics by their closed forms, √ and all.
    s, p = np.sqrt, np.pi
    basis = [
        s(1 / (4 * p)) + 0 * x,
        *(s(3 / (4 * p)) * v for v in (y, z, x)),
        s(15 / (4 * p)) * x * y,
        s(15 / (4 * p)) * y * z,
        s(5 / (16 * p)) * (3 * z**2 - 1),
        s(15 / (4 * p)) * x * z,
        s(15 / (16 * p)) * (x**2 - y**2),
    ]
    radiance = coefficients @ np.array(basis)
    normals = directions(7)
    expected = [(radiance * np.maximum(d @ n, 0)).mean() * 4 * p for n in normals]
    np.testing.assert_allclose(Ambient(tuple(coefficients)).irradiance(normals), expected, rtol=1e-3)


def test_even_surroundings_and_sun():
    up = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.5, np.sqrt(0.75)]])
    np.testing.assert_allclose(Ambient.even(3.0).irradiance(up), 3.0, rtol=1e-5)
    np.testing.assert_allclose(Ambient(sun_irradiance_w_m2=8.0).irradiance(up), [8.0, 0.0, 4.0], atol=1e-9)
    assert Ambient().dark
    assert not Ambient.even(1.0).dark


@pytest.mark.parametrize(
    "wrong", [{"radiance": ()}, {"radiance": (-1.0,)}, {"radiance": (np.nan,)}, {"sun_direction": (0.0, 2.0, 0.0)}]
)
def test_bad_input(wrong):
    with pytest.raises(SimError):
        Ambient(**wrong)
