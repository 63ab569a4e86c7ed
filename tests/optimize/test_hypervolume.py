"""Hypervolume against counting the cells of a grid, and its growth against taking it anew."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.results.hypervolume import growth, hypervolume


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_it_counts_what_is_beaten(objectives: int) -> None:
    """Whole numbers fill whole cells of a grid, which are counted one by one."""
    rng = np.random.default_rng(objectives)
    values = rng.integers(-1, 7, size=(12, objectives)).astype(float)
    axes = [np.arange(6) + 0.5] * objectives
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, objectives)
    beaten = (cells[:, None] < values[None]).all(axis=-1).any(axis=1)
    # a layout that is no better than the reference in something beats no cell that is better in everything
    assert hypervolume(values, np.zeros(objectives), np.ones(objectives)) == pytest.approx(beaten.sum())


def test_less_may_be_better() -> None:
    values = np.array([[2.0, 10.0], [1.0, 4.0]])
    assert hypervolume(values, np.array([3.0, 0.0]), np.array([-1.0, 1.0])) == pytest.approx(10.0 + 4.0)
    assert hypervolume(values[:0], np.zeros(2), np.ones(2)) == 0.0


def test_growth_is_that_of_the_first_layouts() -> None:
    rng = np.random.default_rng(5)
    values, reference, signs = rng.random((25, 3)), np.full(3, 0.2), np.array([1.0, -1.0, 1.0])
    reference = np.array([0.2, 0.8, 0.2])
    grown = growth(values, reference, signs)
    assert grown == pytest.approx([hypervolume(values[: n + 1], reference, signs) for n in range(25)])
    assert (np.diff(grown) >= 0).all()
