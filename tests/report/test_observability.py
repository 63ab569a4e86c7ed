"""Observability as it is printed and joined to the scores."""

from __future__ import annotations

import numpy as np
import pytest

from hmcsim.report.observability import observability_panel
from hmcsim.scoring import observability_samples
from sim.observability.result import Observability

MM = {"eye_left": [[1.0, 3.0]], "eye_right": [[3.0, 5.0]], "mouth": [[2.0, 2.0]], "all": [[2.0, 4.0]]}


@pytest.fixture
def one() -> Observability:
    """One wearer, two expressions, two parameters, two cameras."""
    mm = {region: np.array(values) for region, values in MM.items()}
    return Observability(
        cameras=("a", "b"),
        expressions=("smile", "jaw_drop"),
        parameters=("jawOpen", "gaze_left_azimuth"),
        units=("", "deg"),
        sd=np.array([[[0.1, 9.0], [0.2, 10.0]]]),
        prior_sd=np.array([0.3, 10.0]),
        mm=mm,
        prior_mm={region: 10.0 * values for region, values in mm.items()},
        bits=np.array([[10.0, 20.0]]),
        bits_alone=np.array([[[8.0, 8.0]], [[4.0, 6.0]]]),
        bits_added=np.array([[[5.0, 7.0]], [[1.0, 3.0]]]),
        mm_without={"all": np.array([[[6.0, 6.0]], [[3.0, 3.0]]])},
        reasons=np.array([[["observable", "occluded"], ["observable", "observable"]]]),
    )


def test_a_group_is_the_mean_of_its_regions_and_wearers_left_out_have_no_value(one: Observability) -> None:
    samples = observability_samples(one, identities=3)
    assert set(samples) == {"eye", "mouth"}
    eye = samples["eye"]["observability_mm"]
    np.testing.assert_array_equal(eye[0], [2.0, 4.0])
    assert eye.shape == (3, 2)
    assert np.isnan(eye[1:]).all()


def test_the_panel_says_what_a_designer_asks(one: Observability) -> None:
    panel = observability_panel(one)
    assert (panel.headline, panel.bits) == ("3.000", "15")
    assert [(row.region, row.mean, row.prior) for row in panel.regions][-1] == ("all regions", "3.000", "30.00")
    assert [(row.alone, row.added, row.without, row.loss) for row in panel.cameras] == [
        ("8", "6", "6.000", "+100 %"),
        ("5", "2", "3.000", "+0 %"),
    ]
    assert list(panel.worst) == ["gaze_left_azimuth", "jawOpen"]
    assert panel.worst["jawOpen"] == (50, "0.150")
    assert panel.worst["gaze_left_azimuth"] == (95, "9.500 deg")
    assert [(u.parameter, dict(u.reasons)) for u in panel.unobservable] == [("gaze_left_azimuth", {"occluded": 50})]
