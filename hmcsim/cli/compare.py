"""`hmcsim compare`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.types import SEED, observability_option, out_option, signal_options


@with_examples(
    "hmcsim compare refa_green refa_red",
    "hmcsim compare refa_green --set lenses.wide.fx_px=150",
    "hmcsim compare refa_green ufe my_headset.yaml --limit visible_fraction=0.6",
    "hmcsim compare refa_green refa_green:sensors.vga_nir.auto_exposure=null --signal --identities 12",
)
@click.command(short_help="Compare headsets wearer by wearer, with intervals.")
@click.argument("headsets", nargs=-1, required=True, metavar="HEADSET...")
@set_option()
@click.option("--identities", type=click.IntRange(min=1), metavar="N", help="Wearers drawn.  [default: 30]")
@click.option("--expressions", metavar="SET",
              help="'peaks', 'neutral', or names separated by commas.  [default: peaks]")  # fmt: skip
@click.option("--donnings", type=click.IntRange(min=1), metavar="N", help="Re-wearings of each.  [default: 2]")
@click.option("--seed", type=SEED, metavar="S", help="Of every random draw.  [default: 0]")
@click.option("--limit", "limits", multiple=True, metavar="SCORE=VALUE",
              help="Print the share of wearers within this limit. Repeatable.")  # fmt: skip
@signal_options
@observability_option
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [default: one a core]")
@out_option("outputs/compare")
def compare(
    headsets: tuple[str, ...],
    settings: tuple[str, ...],
    identities: int | None,
    expressions: str | None,
    donnings: int | None,
    seed: int | None,
    limits: tuple[str, ...],
    signal: bool,
    preset: str,
    observability: bool,
    workers: int | None,
    out: Path,
) -> None:
    """Compare headsets with the first one, over the same wearers, expressions, donnings and noise: the mean difference,
    its 95 % interval over wearers, and groups by face size, skin, glasses, beard and interpupillary distance.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Settings of its own may follow behind
    colons (refa_green:KEY=VALUE). With one HEADSET and --set, it is compared with itself as set; with several, --set is
    for all of them. Prints the table and writes comparison.json, scores.json, config.json and report.html.
    """
    from hmcsim.cli.run_compare import run_compare
    from hmcsim.cli.run_score import Kinds

    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    kinds = Kinds(preset if signal else None, observability)
    run_compare(headsets, settings, options, limits, kinds, out, workers)
