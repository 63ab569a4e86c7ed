"""`hmcsim tolerance`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.ranges import FloatRange
from hmcsim.cli.types import SEED, out_option, signal_options


@with_examples(
    "hmcsim tolerance refa_green",
    "hmcsim tolerance ufe --draws 512 --score resolution_px_per_mm",
    "hmcsim tolerance refa_green --set fit.donning.up_mm=5 --allowed 10",
    "hmcsim tolerance refa_green --signal --preset fast",
)
@click.command(short_help="What donning and assembly tolerances cost.")
@click.argument("headset")
@set_option()
@click.option("--draws", type=click.IntRange(min=2), metavar="N", help="Headsets built and worn.  [default: 128]")
@click.option("--identities", type=click.IntRange(min=1), metavar="N", help="Wearers of each.  [default: 6]")
@click.option("--expressions", metavar="SET",
              help="'peaks', 'neutral', or names separated by commas.  [default: neutral,smile,jaw_drop]")  # fmt: skip
@click.option("--seed", type=SEED, metavar="S", help="Of every random draw.  [default: 0]")
@click.option("--score", "main", default="visible_fraction", show_default=True, metavar="NAME",
              help="The score that ranks degrees of freedom, of those that the tables show.")  # fmt: skip
@click.option("--allowed", type=FloatRange(min=0, max=100, min_open=True, max_open=True), default=5.0,
              show_default=True, metavar="%", help="Loss that a tolerance may cost.")  # fmt: skip
@signal_options
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [default: one a core]")
@out_option("outputs/tolerance")
def tolerance(
    headset: str,
    settings: tuple[str, ...],
    draws: int | None,
    identities: int | None,
    expressions: str | None,
    seed: int | None,
    main: str,
    allowed: float,
    signal: bool,
    preset: str,
    workers: int | None,
    out: Path,
) -> None:
    """Draw headsets as built and worn, and turn one degree of freedom at a time: how scores spread, which freedom costs
    most, and the largest tolerance of each that costs less than 5 %.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Prints the table and writes
    tolerance.json, config.json and report.html.
    """
    from hmcsim.cli.run_tolerance import run_tolerance

    chosen = {"draws": draws, "identities": identities, "expressions": expressions, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    run_tolerance(headset, settings, options, main, allowed, preset if signal else None, out, workers)
