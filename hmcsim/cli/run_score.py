"""What `score` and `demo` share: load, score, print, and say where the results are."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.cli.headset_argument import load_argument, set_words
from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.table import print_scores
from hmcsim.output import output_folder
from hmcsim.scoring import Progresses, score_to_folder
from sim.metrics.config import ScoreConfig

Extra = Callable[[Sequence[Headset], HeadModel, Path], None]
"""More to write into the folder before it is published."""


def run_score(
    names: Sequence[str],
    options: Mapping[str, Any],
    out: Path,
    workers: int | None = None,
    extra: Extra | None = None,
    settings: Sequence[str] = (),
) -> None:
    """Score headsets into `out` and print the table.

    Args:
        names: shipped headsets or files.
        options: fields of `ScoreConfig` that are not left at their defaults.
        settings: of `--set`.
    """
    started = time.monotonic()
    headsets = [load_argument(name, settings) for name in names]
    config = ScoreConfig(**options)
    with output_folder(out) as folder:
        head = load_head()
        config.expression_names(head)
        with progress_bar("scoring faces") as scoring, progress_bar("rendering the report") as report:
            progress = Progresses(scoring, report)
            result = score_to_folder(
                headsets, head, config, _command(names, options, settings), folder, progress, workers
            )
        if extra is not None:
            extra(headsets, head, folder)
    print_scores(result)
    click.echo(
        f"\nReport: {out / 'report.html'}   Scores: {out / 'scores.json'}   ({time.monotonic() - started:.0f} s)"
    )


def _command(names: Sequence[str], options: Mapping[str, Any], settings: Sequence[str]) -> list[str]:
    words = [*names, *set_words(settings), *(f"--{name}={value}" for name, value in options.items())]
    return ["hmcsim", "score", *(shlex.quote(word) for word in words)]
