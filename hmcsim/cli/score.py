"""`hmcsim score`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.types import observability_option, out_option, score_options, signal_options


@with_examples(
    "hmcsim score refa_green refa_orange refa_red",
    "hmcsim score my_headset.yaml refa_green --identities 30 --out outputs/mine",
    "hmcsim score refa_green refa_green:lenses.wide.f_number=2.0",
    "hmcsim score refa_green --signal --identities 6",
    "hmcsim score refa_green refa_red --observability",
    "hmcsim score ufe --expressions neutral,jaw_drop --donnings 8 --seed 3",
)
@click.command(short_help="Score headsets side by side, and report.")
@click.argument("headsets", nargs=-1, required=True, metavar="HEADSET...")
@set_option()
@score_options
@signal_options
@observability_option
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [default: one a core]")
@out_option("outputs/score")
def score(
    headsets: tuple[str, ...],
    settings: tuple[str, ...],
    identities: int | None,
    expressions: str | None,
    donnings: int | None,
    seed: int | None,
    signal: bool,
    preset: str,
    observability: bool,
    workers: int | None,
    out: Path,
) -> None:
    """Score headsets side by side: what each camera sees of each region, and how far expressions move it.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Settings of its own may follow behind
    colons (refa_green:KEY=VALUE:KEY=VALUE); --set sets a key of every headset. Prints the table and writes
    scores.json, config.json (the resolved configuration) and report.html; with --signal also signal.npz, the maps; with
    --observability also observability.json.
    """
    from hmcsim.cli.run_score import Kinds, run_score

    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    kinds = Kinds(preset if signal else None, observability)
    run_score(headsets, options, out, workers, settings=settings, kinds=kinds)
