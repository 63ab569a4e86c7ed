"""A tolerance study written to a folder: tolerance.json, config.json, report.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import run_record, write_json
from hmcsim.errors import HmcsimError
from hmcsim.metric_names import METRIC_LABELS, NEEDS, needed_option, scores_taken
from hmcsim.report.tolerance import tolerance_page
from hmcsim.scoring import check_light
from sim.tolerance.result import ToleranceResult
from sim.tolerance.signal import signal_extra
from sim.tolerance.study import Progress, ToleranceConfig, study

MAIN_SCORE = "visible_fraction"
"""The score by which degrees of freedom are ranked unless another is asked for."""


@dataclass(frozen=True)
class StudyProgress:
    """Where to report how far each stage is; None: nowhere."""

    scoring: Progress | None = None
    recording: Progress | None = None


def study_to_folder(
    headset: Headset,
    head: HeadModel,
    config: ToleranceConfig,
    main: str,
    command: Sequence[str],
    folder: Path,
    signal: str | None = None,
    progress: StudyProgress | None = None,
    workers: int | None = None,
) -> ToleranceResult:
    """Study a headset and write tolerance.json, config.json and report.html into an existing folder.

    Args:
        main: the score that ranks degrees of freedom.
        command: the command line that does the same again, for the record.
        signal: the renderer's preset to record the signal with; None: geometric scores alone.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something asked for breaks a rule.
    """
    check_score(main, signal is not None)
    check_light([headset], signal is not None, False)
    progress = progress or StudyProgress()
    extras = () if signal is None else (signal_extra(signal),)
    result = study(headset, head, config, extras, progress.scoring, progress.recording, workers)
    record = run_record(command, [headset], dict(result.settings))
    write_json(folder / "tolerance.json", result.to_json())
    write_json(folder / "config.json", record)
    (folder / "report.html").write_text(tolerance_page(result, main, record), encoding="utf-8")
    return result


def check_score(name: str, signal: bool) -> None:
    """Refuse a score that a study does not take.

    Raises:
        HmcsimError: unknown; the message lists the valid ones.
    """
    valid = [key for key in scores_taken(signal, observability=False) if key in METRIC_LABELS]
    if name not in valid:
        hint = needed_option(name) if NEEDS.get(name) == "signal" else ""  # a study takes no observability
        raise HmcsimError(f"unknown score {name!r}{hint} for --score. Scores: {', '.join(valid)}")
