"""The main job: headsets scored side by side, with everything a reader needs written to one folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import run_record, write_json
from hmcsim.report.write import ReportInput, write_report
from sim.metrics.config import ScoreConfig
from sim.metrics.result import ScoreResult
from sim.metrics.score import score

Progress = Callable[[int, int], None]
"""Called with the steps done and in all."""


@dataclass(frozen=True)
class Progresses:
    """Where to report how far each stage is; None: nowhere."""

    scoring: Progress | None = None
    report: Progress | None = None


def score_to_folder(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ScoreConfig,
    command: Sequence[str],
    folder: Path,
    progress: Progresses | None = None,
    workers: int | None = None,
) -> ScoreResult:
    """Score headsets and write scores.json, config.json and report.html into an existing folder.

    Args:
        command: the command line that does the same again, for the record.
        workers: processes; None: one a core.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something asked for breaks a rule.
    """
    progress = progress or Progresses()
    result = score(headsets, head, config, progress.scoring, workers)
    record = run_record(command, headsets, result.to_json()["config"])  # type: ignore[arg-type]
    write_json(folder / "scores.json", result.to_json())
    write_json(folder / "config.json", record)
    write_report(ReportInput(result, tuple(headsets), head, record), folder / "report.html", progress.report)
    return result
