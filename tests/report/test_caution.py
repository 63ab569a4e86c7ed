"""What is said above a comparison's rows."""

from __future__ import annotations

from hmcsim.report.comparison import caution, comparison_panels
from sim.metrics.compare import Comparison, Difference
from sim.metrics.paired import LEVEL, paired


def compared(**differences: list[float]) -> Comparison:
    """Two layouts, these differences of the wearers in each score of the mouth."""
    rows = [Difference("b", "mouth", m, 1.0, 1.0, paired(d), 0.5, None, ()) for m, d in differences.items()]
    return Comparison("a", LEVEL, tuple(rows))


def test_nothing_is_said_where_scores_differ() -> None:
    assert caution(compared(visibility=[0.1, 0.2, 0.0])) == ""


def test_layouts_that_score_alike_are_told_apart_by_signal_alone() -> None:
    geometric = caution(compared(visibility=[0.0, 0.0], resolution_px_per_mm=[0.0, 0.0]))
    assert "No score differs" in geometric
    assert "--signal" in geometric
    recorded = caution(compared(visibility=[0.0, 0.0], snr=[0.0, 0.0]))
    assert "No score differs" in recorded
    assert "--signal" not in recorded


def test_differences_that_cancel_are_differences() -> None:
    assert caution(compared(visibility=[-0.1, 0.1])) == ""


def test_one_wearer_gives_no_interval_and_equals_itself() -> None:
    one = compared(visibility=[0.0])
    assert "One wearer gives no interval" in caution(one)
    assert comparison_panels(one)[0].rows[0].better == "equal"


def test_a_score_of_fewer_wearers_is_named() -> None:
    said = caution(compared(visibility=[0.1] * 30, observability_mm=[0.1] * 4 + [float("nan")] * 26))
    assert said == "Observability is taken over 4 of the 30 wearers."
