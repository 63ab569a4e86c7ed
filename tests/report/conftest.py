"""A small report, scored and written once a test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from headsets import load_headset
from hmcsim.configuration import run_record
from hmcsim.report.write import ReportInput, write_report
from sim.metrics.config import ScoreConfig
from sim.metrics.result import ScoreResult
from sim.metrics.score import score
from tests.faces.ellipsoid_head import EllipsoidHead

NAMES = ("refa_green", "refa_orange", "refa_red")


@pytest.fixture(scope="session")
def report_input() -> ReportInput:
    """Three layouts on an analytic head."""
    head = EllipsoidHead()
    headsets = tuple(load_headset(name) for name in NAMES)
    config = ScoreConfig(identities=2, donnings=2, points_per_region=64, heat_map_samples=6)
    result = score(headsets, head, config, workers=1)
    return ReportInput(result, headsets, head, run_record(["hmcsim", "score", *NAMES], headsets, config.describe()))


@pytest.fixture(scope="session")
def result(report_input: ReportInput) -> ScoreResult:
    """Its scores."""
    return report_input.result


@pytest.fixture(scope="session")
def report(report_input: ReportInput, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its page."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(report_input, path)
    return path
