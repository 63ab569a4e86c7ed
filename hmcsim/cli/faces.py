"""`hmcsim faces`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import SEED, out_option


@click.group(short_help="See and check the faces.")
def faces() -> None:
    """Who wears the headsets: pictures of the faces, and how they measure."""


@with_examples("hmcsim faces check", "hmcsim faces check --samples 200 --seed 1")
@faces.command()
@click.option(
    "--samples", type=click.IntRange(min=2), default=1000, show_default=True, metavar="N", help="Adults of each sex."
)
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="Of the sample.")
def check(samples: int, seed: int) -> None:
    """Measure sampled adults and print the table, ours beside NIOSH's survey.

    A measurement passes when its mean is within 2 mm and its SD within 35 % of the survey's. Exits with 1 when one
    does not pass.
    """
    from faces.population.check import check as take
    from hmcsim.cli.check_table import print_check
    from hmcsim.cli.load_head import load_head
    from hmcsim.cli.progress import progress_bar

    head = load_head()
    with progress_bar("measuring faces") as move:
        table = take(head.asset, samples, seed, lambda part: move(round(2 * samples * part), 2 * samples))
    print_check(table)
    if not table.passed:
        raise click.exceptions.Exit(1)


@with_examples("hmcsim faces show", "hmcsim faces show --expressions smile,jawOpen,wink_left --wearers 5 --seed 10")
@faces.command()
@click.option(
    "--expressions",
    default="neutral,smile,jaw_drop,closed_eyes,teeth_shown",
    show_default=True,
    metavar="NAMES",
    help="Peak expressions or ARKit names, separated by commas.",
)
@click.option(
    "--wearers",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    metavar="N",
    help="Drawn, beside the mean one.",
)
@click.option(
    "--seed", type=SEED, default=0, show_default=True, metavar="S", help="Of the first wearer; the next has S + 1."
)
@out_option("outputs/faces")
def show(expressions: str, wearers: int, seed: int, out: Path) -> None:
    """Write faces.png, a sheet of portraits: wearers in rows, expressions in columns."""
    from hmcsim.cli.load_head import load_head
    from hmcsim.cli.progress import progress_bar
    from hmcsim.contact_sheet import contact_sheet
    from hmcsim.output import output_folder

    names = [name for name in (part.strip() for part in expressions.split(",")) if name]
    if not names:
        raise click.BadParameter("at least one expression must be named", param_hint="--expressions")
    with output_folder(out) as folder:
        head = load_head()
        with progress_bar("rendering portraits") as move:
            contact_sheet(head, names, wearers, seed, move).save(folder / "faces.png")
    click.echo(out / "faces.png")
