"""Options shared by commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

SEED = click.IntRange(min=0)


def out_option(default: str) -> Decorator:
    """`--out DIR`."""
    return click.option(
        "--out", type=click.Path(path_type=Path), default=Path(default), show_default=True, metavar="DIR",
        help="Folder for the results; made if missing.",
    )  # fmt: skip


def looks_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--looks FILE`."""
    return click.option(
        "--looks", type=click.Path(path_type=Path), metavar="FILE",
        help="YAML file of what looks are drawn from; see docs/priors.md.",
    )(command)  # fmt: skip


def signal_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--signal`, and the renderer's preset for it."""
    options = (
        click.option("--signal", is_flag=True, help="Score SNR, saturated and black shares too: renders wearers."),
        click.option("--preset", type=click.Choice(["full", "fast"]), default="full", show_default=True,
                     help="Of the renderer, for --signal."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def observability_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--observability`."""
    return click.option(
        "--observability", is_flag=True,
        help="Score how well expressions can be told from the pixels, too: minutes; see docs/observability.md.",
    )(command)  # fmt: skip


def score_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say what a score is taken over; none has a default here, `ScoreConfig` has them."""
    options = (
        click.option("--identities", type=click.IntRange(min=1), metavar="N", help="Wearers drawn.  [default: 12]"),
        click.option(
            "--expressions",
            metavar="SET",
            help="'peaks' (all peak expressions), 'neutral', or names separated by commas.  [default: peaks]",
        ),
        click.option(
            "--donnings", type=click.IntRange(min=1), metavar="N", help="Re-wearings of each wearer.  [default: 4]"
        ),
        click.option("--seed", type=SEED, metavar="S", help="Of every random draw.  [default: 0]"),
    )
    for option in reversed(options):
        command = option(command)
    return command
