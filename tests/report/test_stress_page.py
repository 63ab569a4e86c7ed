"""Tables and panels of the stress page, on numbers made up by hand."""

from __future__ import annotations

from typing import Any

import pytest

from hmcsim.report.stress_panels import FLAT, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, panels
from hmcsim.report.stress_tables import borne


def _step(label: str, severity: float | None, error: float) -> dict[str, Any]:
    between = [error - 0.5, error + 0.5]
    return {
        "label": label, "severity": severity, "errors": {"mesh_mm": {"mean": error, "interval95": between}},
        "mean_predictor": {"mesh_mm": 2.0},
    }  # fmt: skip


def _factor(errors: dict[float, float], tolerance: tuple[float | None, float | None]) -> dict[str, Any]:
    steps = [_step(f"{value:+g} mm", value, error) for value, error in errors.items()]
    return {
        "unit": "mm", "steps": steps, "fails": True, "nominal_severity": 0.0, "tolerance": {"absolute": tolerance},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        ((-1.25, 2.04), "-1.2 to +2 mm"),
        ((None, 2.04), "up to +2 mm"),
        ((-0.4, None), "from -0.4 mm"),
        ((None, None), "all"),
    ],
)
def test_what_is_borne_in_words(tolerance: tuple[float | None, float | None], words: str) -> None:
    assert borne(_factor({-3.0: 2.0, 3.0: 1.0}, tolerance), 1.0, "absolute", 1.5) == words
    assert borne(_factor({-3.0: 2.0}, tolerance), 1.6, "absolute", 1.5) == "nominally above"


def test_what_is_borne_of_steps_without_an_order() -> None:
    factor = {"steps": [_step("a", None, 1.0), _step("b", None, 2.0)]}
    assert borne(factor, 0.9, "absolute", 1.5) == "all but b"
    assert borne(factor, 0.9, "absolute", 2.5) == "all"
    assert borne(factor, 0.9, "absolute", 0.95) == "none"


def test_curves_of_headsets_with_other_steps_share_an_axis() -> None:
    runs = [
        {"name": "one", "nominal": _step("nominal", 0.0, 1.0),
         "factors": {"up": _factor({-4.0: 2.0, 4.0: 3.0}, (None, None))}},
        {"name": "two", "nominal": _step("nominal", 0.0, 1.5),
         "factors": {"up": _factor({-6.0: 9.0, 4.0: 3.0}, (None, None))}},
    ]  # fmt: skip
    axis = Axis.of(runs)
    assert axis.top == pytest.approx(1.05 * 2.5 * 2.0)  # 9 mm is beyond what is drawn
    (panel,) = panels(runs, ["#000", "#fff"], axis)
    assert [text for text, _ in panel.labels] == ["−6", "−4", "nominal", "+4"]
    pitch = (WIDTH - LEFT - RIGHT) / 4
    assert [x for _, x in panel.labels] == pytest.approx([LEFT + pitch * (k + 0.5) for k in range(4)])
    one, two = panel.curves
    assert [mark.x for mark in one.marks] == pytest.approx([LEFT + pitch * (k + 0.5) for k in (1, 2, 3)])
    assert [mark.x for mark in two.marks] == pytest.approx([LEFT + pitch * (k + 0.5) for k in (0, 2, 3)])
    bottom = HEIGHT - FLAT
    assert two.marks[0].y == pytest.approx(TOP)
    assert two.marks[1].y == pytest.approx(bottom - (bottom - TOP) * 1.5 / axis.top)
    assert one.marks[1].low == pytest.approx(bottom - (bottom - TOP) * 0.5 / axis.top)
