"""The main job: headsets scored side by side, with everything a reader needs written to one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import run_record, write_json
from hmcsim.report.pictures import shown_expressions
from hmcsim.report.write import ReportInput, write_report
from hmcsim.signal_maps import write_signal_maps
from sim.metrics.config import ScoreConfig
from sim.metrics.result import ScoreResult
from sim.metrics.score import score
from sim.metrics.signal import SignalConfig, SignalScores, signal_scores

Progress = Callable[[int, int], None]
"""Called with the steps done and in all."""


@dataclass(frozen=True)
class Progresses:
    """Where to report how far each stage is; None: nowhere."""

    scoring: Progress | None = None
    report: Progress | None = None
    signal: Progress | None = None


@dataclass(frozen=True)
class Scorers:
    """What is scored beside geometry; None: not.

    Attributes:
        signal: SNR, saturation and darkness, through the whole image model.
    """

    signal: SignalConfig | None = None


@dataclass(frozen=True, eq=False)
class Scored:
    """All scores of some headsets.

    Attributes:
        result: every metric of every scorer.
        signal: by headset, with maps; None: not asked for.
    """

    result: ScoreResult
    signal: Mapping[str, SignalScores] | None = None


def score_all(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ScoreConfig,
    scorers: Scorers | None = None,
    progress: Progresses | None = None,
    workers: int | None = None,
) -> Scored:
    """Take all scores that are asked for; a new scorer joins here, by `HeadsetScores.joined`.

    Raises:
        FaceError, HeadsetError, SimError: something asked for breaks a rule.
    """
    progress, scorers = progress or Progresses(), scorers or Scorers()
    result = score(headsets, head, config, progress.scoring, workers)
    signal = None
    if scorers.signal is not None:
        signal = signal_scores(headsets, head, config, scorers.signal, workers, progress.signal)
        joined = {name: own.joined(signal[name].samples) for name, own in result.headsets.items()}
        result = replace(result, headsets=joined)
    return Scored(result, signal)


def signal_config(config: ScoreConfig, head: HeadModel, preset: str = "full") -> SignalConfig:
    """Signal scores over few of a score's expressions, as each frame is rendered: neutral and two telling ones."""
    return SignalConfig(tuple(shown_expressions(config.expression_names(head))), 1, preset)


def score_to_folder(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ScoreConfig,
    command: Sequence[str],
    folder: Path,
    progress: Progresses | None = None,
    workers: int | None = None,
    scorers: Scorers | None = None,
) -> ScoreResult:
    """Score headsets and write scores.json, config.json and report.html into an existing folder, and signal.npz, where
    signal is scored.

    Args:
        command: the command line that does the same again, for the record.
        workers: processes; None: one a core.
        scorers: what else is scored.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something asked for breaks a rule.
    """
    progress = progress or Progresses()
    scored = score_all(headsets, head, config, scorers, progress, workers)
    result = scored.result
    record = run_record(command, headsets, result.to_json()["config"])  # type: ignore[arg-type]
    write_json(folder / "scores.json", result.to_json())
    write_json(folder / "config.json", record)
    if scored.signal is not None:
        write_signal_maps(scored.signal, folder / "signal.npz")
    data = ReportInput(result, tuple(headsets), head, record, signal=scored.signal)
    write_report(data, folder / "report.html", progress.report)
    return result
