"""What a loss curve says: closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from sim.tolerance.curves import cost, crossing, worst_within

GRID = np.array([-4.0, -2.0, -1.0, 1.0, 2.0, 4.0])


def test_a_line_is_crossed_where_algebra_says() -> None:
    """s = 10 − 0.2 x loses 5 % at x = 2.5, on one side alone."""
    found = cost("visible_fraction", 0.0, 10.0, GRID, 10.0 - 0.2 * GRID, 1.0, 0.05)
    assert found.largest == pytest.approx(2.5)
    assert found.at_spread == pytest.approx(0.02)
    assert found.values == (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0)
    assert found.losses == pytest.approx([-0.08, -0.04, -0.02, 0.0, 0.02, 0.04, 0.08])


def test_the_worse_side_counts() -> None:
    scores = 1.0 - np.where(GRID < 0, 0.04, 0.01) * np.abs(GRID)
    found = cost("visible_fraction", 0.0, 1.0, GRID, scores, 2.0, 0.05)
    assert found.largest == pytest.approx(1.25)
    assert found.at_spread == pytest.approx(0.08)


def test_where_lower_is_better_growth_is_loss_and_zero_no_divisor() -> None:
    found = cost("saturated_fraction", 0.0, 0.0, GRID, 0.02 * np.maximum(GRID, 0.0), 1.0, 0.05)
    assert found.at_spread == pytest.approx(0.02)  # points of area
    assert found.largest == pytest.approx(2.5)
    errors = cost("observability_mm", 0.0, 2.0, GRID, 2.0 + 0.1 * np.abs(GRID), 1.0, 0.05)
    assert errors.largest == pytest.approx(1.0)


def test_what_never_costs_as_much_has_no_largest() -> None:
    found = cost("visible_fraction", 0.0, 1.0, GRID, 1.0 - 0.001 * np.abs(GRID), 1.0, 0.05)
    assert found.largest is None
    assert found.reach == 4.0


def test_a_loss_within_the_spread_counts_where_the_end_is_better_again() -> None:
    scores = np.array([1.0, 1.0, 1.0, 0.9, 1.0, 1.0])
    assert cost("visible_fraction", 0.0, 1.0, GRID, scores, 2.0, 0.05).at_spread == pytest.approx(0.1)


def test_bins_start_at_one() -> None:
    values = np.array([1.5, 2.0, 4.0])
    found = cost("snr", 1.0, 20.0, values, 20.0 - 1.0 * (values - 1.0), 2.0, 0.05)
    assert found.at_spread == pytest.approx(0.05)
    assert found.largest == pytest.approx(2.0)
    assert found.values[0] == 1.0


def test_nothing_seen_is_all_lost_and_no_nominal_no_cost() -> None:
    scores = np.array([np.nan, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert cost("resolution_px_per_mm", 0.0, 1.0, GRID, scores, 1.0, 0.05).largest == pytest.approx(2.1)
    assert np.isnan(cost("range_of_motion", 0.0, 0.0, GRID, np.zeros(6), 1.0, 0.05).at_spread)


def test_crossing_and_worst_by_hand() -> None:
    x, loss = np.array([0.0, 1.0, 3.0]), np.array([0.0, 0.02, 0.10])
    assert crossing(x, loss, 0.06) == pytest.approx(2.0)
    assert crossing(x, loss, 0.2) is None
    assert crossing(x, loss + 0.5, 0.2) == 0.0
    assert worst_within(x, loss, 2.0) == pytest.approx(0.06)
