"""What `score` and `demo` share: load, score, print, and say where the results are."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.cli.headset_argument import load_argument, set_words
from hmcsim.cli.load_head import load_head
from hmcsim.cli.observability_table import print_observability
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.table import print_scores
from hmcsim.output import output_folder
from hmcsim.scoring import Progresses, Scorers, Told, check_light, observability_config, score_to_folder, signal_config
from sim.metrics.config import ScoreConfig

Extra = Callable[[Sequence[Headset], HeadModel, Path], None]
"""More to write into the folder before it is published."""
Before = Callable[[Sequence[Headset], HeadModel, Path], Told]
"""The same, before the report is written, which tells of it."""


@dataclass(frozen=True)
class Kinds:
    """What is scored beside geometry.

    Attributes:
        signal: preset to score the signal with; None: it is not scored.
        observability: whether it is scored.
    """

    signal: str | None = None
    observability: bool = False

    def check(self, headsets: Sequence[Headset]) -> None:
        """Refuse headsets that cannot be scored so, before a head is loaded.

        Raises:
            SimError: none of a headset's LEDs shines.
        """
        check_light(headsets, self.signal is not None, self.observability)

    def scorers(self, config: ScoreConfig, head: HeadModel) -> Scorers:
        """Their settings for a score."""
        return Scorers(
            None if self.signal is None else signal_config(config, head, self.signal),
            observability_config(config, head) if self.observability else None,
        )

    def words(self) -> list[str]:
        """As words of a command line."""
        words = [] if self.signal is None else ["--signal", f"--preset={self.signal}"]
        return [*words, *(["--observability"] if self.observability else [])]


def run_score(
    names: Sequence[str],
    options: Mapping[str, Any],
    out: Path,
    workers: int | None = None,
    extra: Extra | None = None,
    settings: Sequence[str] = (),
    kinds: Kinds = Kinds(),
    before: Before | None = None,
) -> None:
    """Score headsets into `out` and print the table.

    Args:
        names: shipped headsets or files.
        options: fields of `ScoreConfig` that are not left at their defaults.
        settings: of `--set`.
        kinds: what is scored beside geometry.
        extra, before: see there.
    """
    started = time.monotonic()
    headsets = [load_argument(name, settings) for name in names]
    kinds.check(headsets)
    config = ScoreConfig(**options)
    with output_folder(out) as folder:
        head = load_head()
        config.expression_names(head)
        scorers = kinds.scorers(config, head)
        words = command_words("score", names, options, settings, kinds)
        told = None if before is None else before(headsets, head, folder)
        with progresses() as progress:
            scored = score_to_folder(headsets, head, config, words, folder, progress, workers, scorers, told)
        if extra is not None:
            extra(headsets, head, folder)
    print_scores(scored.result)
    if scored.observability is not None:
        print_observability(scored.observability)
    click.echo(
        f"\nReport: {out / 'report.html'}   Scores: {out / 'scores.json'}   ({time.monotonic() - started:.0f} s)"
    )


@contextmanager
def progresses() -> Iterator[Progresses]:
    """Bars for the stages of a score."""
    with (
        progress_bar("scoring faces") as scoring,
        progress_bar("recording wearers") as signal,
        progress_bar("differentiating images") as observability,
        progress_bar("rendering the report") as report,
    ):
        yield Progresses(scoring, report, signal, observability)


def command_words(
    command: str,
    names: Sequence[str],
    options: Mapping[str, Any],
    settings: Sequence[str],
    kinds: Kinds = Kinds(),
) -> list[str]:
    """The command line that does the same again."""
    words = [*names, *set_words(settings), *(f"--{name}={value}" for name, value in options.items())]
    words += kinds.words()
    return ["hmcsim", command, *(shlex.quote(word) for word in words)]
