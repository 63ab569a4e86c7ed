"""What `hmcsim tolerance` does: load, study, print."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.run_score import Kinds, command_words
from hmcsim.cli.tolerance_table import print_tolerance
from hmcsim.output import output_folder
from hmcsim.tolerances import StudyProgress, check_score, study_to_folder
from sim.tolerance.study import ToleranceConfig


def run_tolerance(
    name: str,
    settings: Sequence[str],
    options: Mapping[str, Any],
    main: str,
    allowed: float,
    signal: str | None,
    out: Path,
    workers: int | None = None,
) -> None:
    """Study one headset into `out` and print the tables.

    Args:
        name: a HEADSET argument.
        settings: of `--set`.
        options: fields of `ToleranceConfig` that are not left at their defaults.
        main: the score that ranks degrees of freedom.
        allowed: loss that a tolerance may cost, per cent.
        signal: preset to record the signal with; None: it is not recorded.
    """
    started = time.monotonic()
    if math.isnan(allowed):
        raise click.BadParameter("a number must be given, got nan", param_hint="--allowed")
    headset = load_argument(name, settings)
    config = tolerance_config(options, allowed)
    check_score(main, signal is not None)
    Kinds(signal).check([headset])
    words = command_words("tolerance", [name], options, settings, Kinds(signal))
    words += [f"--score={main}", f"--allowed={allowed:g}"]
    with output_folder(out) as folder:
        head = load_head()
        config.score(1).expression_names(head)
        with progress_bar("scoring variants") as scoring, progress_bar("recording variants") as recording:
            progress = StudyProgress(scoring, recording)
            result = study_to_folder(headset, head, config, main, words, folder, signal, progress, workers)
    print_tolerance(result, main)
    click.echo(
        f"\nReport: {out / 'report.html'}   Figures: {out / 'tolerance.json'}   ({time.monotonic() - started:.0f} s)"
    )


def tolerance_config(options: Mapping[str, Any], allowed: float) -> ToleranceConfig:
    """The configuration; a signal is recorded on no more draws and wearers than there are."""
    usual = ToleranceConfig()
    draws, identities = options.get("draws", usual.draws), options.get("identities", usual.identities)
    few = {
        "signal_draws": min(usual.signal_draws, draws),
        "signal_identities": min(usual.signal_identities, identities),
    }
    return ToleranceConfig(**options, **few, allowed=allowed / 100)
