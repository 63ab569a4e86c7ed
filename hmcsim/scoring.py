"""The main job: headsets scored side by side, with everything a reader needs written to one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import run_record, write_json
from hmcsim.report.encoder_card import EncoderCard
from hmcsim.report.pictures import shown_expressions
from hmcsim.report.search.page import SearchCard
from hmcsim.report.write import ReportInput, write_report
from hmcsim.signal_maps import write_signal_maps
from sim.metrics.config import ScoreConfig
from sim.metrics.lit import check_lit
from sim.metrics.result import ScoreResult, group_name
from sim.metrics.score import score
from sim.metrics.signal import SIGNAL, SignalConfig, SignalScores, signal_scores
from sim.observability.config import ObservabilityConfig
from sim.observability.evaluate import ALL
from sim.observability.result import SCHEMA_VERSION as OBSERVABILITY_SCHEMA
from sim.observability.result import Observability, observe

Progress = Callable[[int, int], None]
"""Called with the steps done and in all."""


@dataclass(frozen=True)
class Progresses:
    """Where to report how far each stage is; None: nowhere."""

    scoring: Progress | None = None
    report: Progress | None = None
    signal: Progress | None = None
    observability: Progress | None = None


@dataclass(frozen=True)
class Scorers:
    """What is scored beside geometry; None: not.

    Attributes:
        signal: SNR, saturation and darkness, through the whole image model.
        observability: how well expressions can be told from the pixels.
    """

    signal: SignalConfig | None = None
    observability: ObservabilityConfig | None = None


@dataclass(frozen=True, eq=False)
class Scored:
    """All scores of some headsets.

    Attributes:
        result: every metric of every scorer.
        signal: by headset, with maps; None: not asked for.
        observability: by headset; None: not asked for.
    """

    result: ScoreResult
    signal: Mapping[str, SignalScores] | None = None
    observability: Mapping[str, Observability] | None = None

    def write_beside(self, folder: Path) -> None:
        """What does not fit into scores.json: signal.npz, observability.json."""
        if self.signal is not None:
            write_signal_maps(self.signal, folder / "signal.npz")
        if self.observability is not None:
            plain = {name: one.to_json() for name, one in self.observability.items()}
            write_json(folder / "observability.json", {"schema_version": OBSERVABILITY_SCHEMA, "headsets": plain})


@dataclass(frozen=True)
class Told:
    """What a report tells of beside the score; None: nothing.

    Attributes:
        search: a search from one of the layouts.
        encoder: one that was trained and stressed on one of them.
    """

    search: SearchCard | None = None
    encoder: EncoderCard | None = None


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
    check_light(headsets, scorers.signal is not None, scorers.observability is not None)
    result = score(headsets, head, config, progress.scoring, workers)
    signal = None
    if scorers.signal is not None:
        signal = signal_scores(headsets, head, config, scorers.signal, workers, progress.signal)
        joined = {name: own.joined(signal[name].samples) for name, own in result.headsets.items()}
        result = replace(result, headsets=joined)
    observed = None
    if scorers.observability is not None:
        observed = observe(headsets, head, scorers.observability, progress.observability, workers)
        more = {name: observability_samples(one, config.identities) for name, one in observed.items()}
        whole = {name: own.joined(of_all_cameras=more[name]) for name, own in result.headsets.items()}
        result = replace(result, headsets=whole)
    return Scored(result, signal, observed)


def check_light(headsets: Sequence[Headset], signal: bool, observability: bool) -> None:
    """Refuse headsets without light for scores that need it, before anything is scored.

    Raises:
        SimError: none of a headset's LEDs shines.
    """
    if signal:
        check_lit(headsets, SIGNAL)
    if observability:
        check_lit(headsets, "observability")


def observability_config(config: ScoreConfig, head: HeadModel) -> ObservabilityConfig:
    """The bound over a score's first wearers, in the expressions of its defaults that the head has."""
    defaults = ObservabilityConfig()
    names = tuple(name for name in defaults.expressions if name in head.peaks)
    return replace(
        defaults, identities=min(config.identities, defaults.identities), expressions=names, seed=config.seed
    )


def observability_samples(one: Observability, identities: int) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Group -> "observability_mm" -> (identities, E), the mean over a group's regions; NaN for wearers left out."""
    members: dict[str, list[NDArray[np.float64]]] = {}
    for region, values in one.mm.items():
        if region != ALL:
            members.setdefault(group_name(region), []).append(values)
    out = {}
    for group, parts in members.items():
        mean = np.mean(parts, axis=0)
        padded = np.full((identities, mean.shape[1]), np.nan)
        padded[: len(mean)] = mean
        out[group] = {"observability_mm": padded}
    return out


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
    told: Told | None = None,
) -> Scored:
    """Score headsets and write scores.json, config.json and report.html into an existing folder, and what else the
    scorers give.

    Args:
        command: the command line that does the same again, for the record.
        workers: processes; None: one a core.
        scorers: what else is scored.
        told: what else the report tells of.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something asked for breaks a rule.
    """
    progress, told = progress or Progresses(), told or Told()
    scored = score_all(headsets, head, config, scorers, progress, workers)
    result = scored.result
    record = run_record(command, headsets, result.to_json()["config"])  # type: ignore[arg-type]
    write_json(folder / "scores.json", result.to_json())
    write_json(folder / "config.json", record)
    scored.write_beside(folder)
    data = ReportInput(
        result, tuple(headsets), head, record,
        signal=scored.signal, observability=scored.observability, search=told.search,
        encoder=told.encoder,
    )  # fmt: skip
    write_report(data, folder / "report.html", progress.report)
    return scored
