"""`hmcsim gallery`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import load_argument, set_option
from hmcsim.cli.types import SEED, looks_option, out_option


@with_examples("hmcsim gallery refa_green", "hmcsim gallery ufe --seed 7 --out outputs/ufe_gallery")
@click.command(short_help="A contact sheet of what the cameras record.")
@click.argument("headset")
@set_option()
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of wearers, looks, LED bins and noise.")
@click.option("--rows", type=click.IntRange(1, 10), default=10, show_default=True, metavar="N", help="How many scenes.")
@looks_option
@click.option("--device", default="cpu", show_default=True, help="'cpu', or 'cuda' for a GPU.")
@out_option("outputs/gallery")
def gallery(
    headset: str, settings: tuple[str, ...], seed: int, rows: int, looks: Path | None, device: str, out: Path
) -> None:
    """Record every camera over wearers of different skin, beard, glasses, expression, donning and light.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. gallery.png shows it all; each image
    stands beside it at full size, and gallery.json says what it shows.
    """
    from faces.priors import LookPriors
    from faces.priors_file import load_look_priors
    from hmcsim.cli.load_head import load_head
    from hmcsim.cli.progress import progress_bar
    from hmcsim.gallery import write_gallery
    from hmcsim.gallery_scenes import SCENES
    from hmcsim.output import output_folder
    from hmcsim.rendering import PICTURE_SETTINGS
    from sim.render import Renderer

    loaded = load_argument(headset, settings)
    priors = LookPriors() if looks is None else load_look_priors(looks)
    renderer = Renderer(device, PICTURE_SETTINGS)
    with output_folder(out) as folder:
        head = load_head()
        with progress_bar("recording") as move:
            files = write_gallery(loaded, head, renderer, folder, seed, SCENES[:rows], move, priors)
    for file in files[:2]:
        click.echo(out / file.relative_to(folder))
