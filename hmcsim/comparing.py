"""Layouts compared wearer by wearer, written to a folder: differences, intervals, groups, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import run_record, write_json
from hmcsim.errors import HmcsimError
from hmcsim.metric_names import METRIC_LABELS, needed_option, scores_taken
from hmcsim.report.write import ReportInput, write_report
from hmcsim.scoring import Progresses, Scorers, score_all
from sim.metrics.compare import Comparison, compare
from sim.metrics.config import ScoreConfig
from sim.metrics.result import ScoreResult
from sim.metrics.traits import parts, wearer_traits

COMPARED = ScoreConfig(identities=30, donnings=2, looks=True)
"""What comparisons are taken over by default: more wearers than a score, for the interval hangs on their number."""

LIMIT_MM = 1.0
"""Prior: an error on the face that an avatar may show."""


def parse_limits(texts: Sequence[str]) -> dict[str, float]:
    """Limits from SCORE=VALUE.

    Raises:
        HmcsimError: no such form, no finite number, or two limits of one score.
    """
    limits: dict[str, float] = {}
    for text in texts:
        metric, _, number = text.partition("=")
        metric = metric.strip()
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not metric or not abs(value) < float("inf"):
            raise HmcsimError(f"`SCORE=NUMBER` must be given, such as visible_fraction=0.6, got {text!r} (--limit)")
        if metric in limits:
            raise HmcsimError(f"{metric!r} must have one limit, got {limits[metric]:g} and {value:g} (--limit)")
        limits[metric] = value
    return limits


def check_limits(limits: Mapping[str, float], signal: bool, observability: bool) -> None:
    """Refuse limits of scores that will not be taken, before minutes go into those that are.

    Raises:
        HmcsimError: unknown; the message lists the valid ones.
    """
    valid = scores_taken(signal, observability)
    for metric in limits:
        if metric not in valid:
            raise HmcsimError(
                f"unknown score {metric!r}{needed_option(metric)} for --limit. Scores: {', '.join(valid)}"
            )


def compare_to_folder(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ScoreConfig,
    command: Sequence[str],
    folder: Path,
    limits: Mapping[str, float] | None = None,
    scorers: Scorers | None = None,
    progress: Progresses | None = None,
    workers: int | None = None,
) -> tuple[ScoreResult, Comparison]:
    """Score headsets, compare all with the first, and write comparison.json, scores.json, config.json and report.html.

    Args:
        limits: metric -> limit, for the shares of wearers within it; scores in mm have `LIMIT_MM` if none is given.
        scorers: scores to take beside the geometric ones; see `hmcsim.scoring`.
        command: the command line that does the same again, for the record.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something asked for breaks a rule.
    """
    progress = progress or Progresses()
    scored = score_all(headsets, head, config, scorers, progress, workers)
    held = {
        m for scores in scored.result.headsets.values() for metrics in scores.group_samples.values() for m in metrics
    }
    usual = {metric: LIMIT_MM for metric in held if metric in METRIC_LABELS and METRIC_LABELS[metric].unit == "mm"}
    comparison = compare(scored.result, parts(wearer_traits(head, config)), usual | dict(limits or {}))
    record = run_record(command, headsets, scored.result.to_json()["config"])  # type: ignore[arg-type]
    write_json(folder / "comparison.json", comparison.to_json())
    write_json(folder / "scores.json", scored.result.to_json())
    write_json(folder / "config.json", record)
    scored.write_beside(folder)
    data = ReportInput(
        scored.result,
        tuple(headsets),
        head,
        record,
        comparison=comparison,
        signal=scored.signal,
        observability=scored.observability,
    )
    write_report(data, folder / "report.html", progress.report)
    return scored.result, comparison


def compared(**options: object) -> ScoreConfig:
    """`COMPARED` with some fields otherwise."""
    return replace(COMPARED, **options)  # type: ignore[arg-type]
