"""What `hmcsim compare` does: load, score, compare, print."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from headsets import Headset
from hmcsim.cli.compare_table import print_comparison
from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.run_score import Kinds, command_words, progresses
from hmcsim.comparing import check_limits, compare_to_folder, compared, parse_limits
from hmcsim.errors import HmcsimError
from hmcsim.output import output_folder


def run_compare(
    names: Sequence[str],
    settings: Sequence[str],
    options: Mapping[str, Any],
    limits: Sequence[str],
    kinds: Kinds,
    out: Path,
    workers: int | None = None,
) -> None:
    """Compare headsets into `out` and print the table.

    Args:
        names: HEADSET arguments; one alone is compared with itself as `settings` change it.
        settings: of `--set`.
        options: fields of `ScoreConfig` that are not left at their defaults.
        limits: of `--limit`.
        kinds: what is scored beside geometry.

    Raises:
        HmcsimError: one headset and nothing set; and what scoring and loading raise.
    """
    started = time.monotonic()
    headsets = _headsets(names, settings)
    asked = parse_limits(limits)
    check_limits(asked, kinds.signal is not None, kinds.observability)
    kinds.check(headsets)
    config = compared(**options)
    words = command_words("compare", names, options, settings, kinds)
    words += [shlex.quote(f"--limit={limit}") for limit in limits]
    with output_folder(out) as folder:
        head = load_head()
        config.expression_names(head)
        scorers = kinds.scorers(config, head)
        with progresses() as progress:
            result, comparison = compare_to_folder(
                headsets, head, config, words, folder, asked, scorers, progress, workers
            )
    print_comparison(result, comparison)
    click.echo(
        f"\nReport: {out / 'report.html'}   Comparison: {out / 'comparison.json'}   "
        f"({time.monotonic() - started:.0f} s)"
    )


def _headsets(names: Sequence[str], settings: Sequence[str]) -> list[Headset]:
    if len(names) == 1 and settings:
        return [load_argument(names[0]), load_argument(names[0], settings)]
    if len(names) == 1:
        raise HmcsimError(f"two headsets, or one and `--set`, must be given to compare, got {names[0]!r} alone")
    return [load_argument(name, settings) for name in names]
