"""`hmcsim safety`."""

from __future__ import annotations

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.types import SEED


@with_examples(
    "hmcsim safety refa_green",
    "hmcsim safety my_headset.yaml --identities 100 --donnings 64",
    "hmcsim safety ufe --set emitters.chip_850.radiant_intensity_mw_sr=20",
    "hmcsim safety ufe --json > safety.json",
)
@click.command(short_help="Estimate whether a headset's LEDs are safe for eyes.")
@click.argument("headset")
@set_option()
@click.option("--identities", type=click.IntRange(min=1), metavar="N", help="Wearers drawn.  [default: 24]")
@click.option("--donnings", type=click.IntRange(min=1), metavar="N", help="Re-wearings of each.  [default: 32]")
@click.option("--seed", type=SEED, metavar="S", help="Of every random draw.  [default: 0]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def safety(
    headset: str,
    settings: tuple[str, ...],
    identities: int | None,
    donnings: int | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Estimate infrared exposure of both eyes against IEC 62471's exempt group, over wearers, donnings and gaze.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Prints corneal irradiance, retinal
    radiance, what happens if strobes stay on, and the largest current. It is an estimate, and no certificate.
    """
    from hmcsim.cli.run_safety import run_safety

    chosen = {"identities": identities, "donnings": donnings, "seed": seed}
    run_safety(headset, {name: value for name, value in chosen.items() if value is not None}, as_json, settings)
