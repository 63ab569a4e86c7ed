"""Looks of eyes: ranges, draws, and the maps made from a seed."""

import numpy as np
import pytest

from faces.errors import FaceError
from faces.eyes.illumination import ALONG, iris_light
from faces.eyes.look import EyeLook, sample_eye_look
from faces.eyes.optics import IRIS_OUTER, paraxial_pupil
from faces.eyes.priors import RANGES
from faces.eyes.texture import IRIS_SIZE, REFERENCE_PUPIL, SCLERA_SIZE, iris_map, vessel_map


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, (a, b) in RANGES.items() for v in (a - 0.01, b + 0.01)])
def test_a_number_out_of_range_says_so(name, value):
    with pytest.raises(FaceError, match=name):
        EyeLook(**{name: value})
    with pytest.raises(FaceError, match=name):
        EyeLook(**{name: float("nan")})


def test_draws_are_plausible_adults_and_repeat():
    looks = [sample_eye_look(np.random.default_rng(k), age_years=30.0) for k in range(300)]
    assert looks[7] == sample_eye_look(np.random.default_rng(7), age_years=30.0)
    pupils = np.array([k.pupil_diameter_mm for k in looks])
    assert 2.0 <= pupils.min() < 3.5 < 5.0 < pupils.max() <= 8.0
    assert all(0.15 <= k.iris_albedo <= 0.35 and 0.5 <= k.sclera_albedo <= 0.7 for k in looks)
    old = np.mean([sample_eye_look(np.random.default_rng(k), age_years=75.0).pupil_diameter_mm for k in range(300)])
    assert 0.5 < pupils.mean() - old < 1.1


def test_maps_repeat_and_differ_from_seed_to_seed():
    axis = ((np.arange(IRIS_SIZE) + 0.5) / IRIS_SIZE * 2 - 1) * IRIS_OUTER
    radius = np.hypot(*np.meshgrid(axis, axis))
    ring = (radius > REFERENCE_PUPIL) & (radius < IRIS_OUTER)
    iris_map.cache_clear()
    first = iris_map(3).copy()
    iris_map.cache_clear()
    np.testing.assert_array_equal(first, iris_map(3))
    assert abs(first[0][ring].mean() - 1) < 0.02
    assert 0.08 < first[0][ring].std() < 0.35
    assert np.abs(first[0] - iris_map(4)[0])[ring].mean() > 0.05
    vessels = vessel_map(3)[0]
    at = (np.arange(SCLERA_SIZE) + 0.5) / SCLERA_SIZE * 2 - 1
    cornea = np.hypot(*np.meshgrid(at, at)) < 0.28
    assert vessels[cornea].max() < 0.01
    assert vessels.max() == 1.0


def test_the_paraxial_pupil_is_that_of_the_thick_lens_matrix():
    """Ray-transfer matrices from the iris to the air, an independent way to image it."""
    step = np.array([[1, 0.0032], [0, 1]])
    back = np.array([[1, 0], [-(1.370 - 1.330) / -0.0067 / 1.370, 1.330 / 1.370]])
    thickness = np.array([[1, 0.00055], [0, 1]])
    front = np.array([[1, 0], [-(1 - 1.370) / -0.0078, 1.370]])
    (a, b), (c, d) = front @ thickness @ back @ step
    depth = b / d  # rays of one point, traced straight back, meet this far behind the apex
    assert paraxial_pupil() == pytest.approx((depth, a - depth * c), rel=1e-6)


def test_light_from_the_front_is_gathered_and_symmetric():
    front = iris_light()[0]
    np.testing.assert_allclose(front, front[::-1], atol=0.03)
    magnified = paraxial_pupil()[1] ** 2 * 0.98
    assert front[ALONG // 2, 0] / magnified == pytest.approx(1.0, abs=0.02)
