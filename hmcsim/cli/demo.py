"""`hmcsim demo`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import out_option, score_options

if TYPE_CHECKING:
    from faces.protocol import HeadModel
    from headsets import Headset
    from hmcsim.scoring import Told


@with_examples("hmcsim demo", "hmcsim demo --identities 4 --out /tmp/demo")
@click.command(short_help="Score three published layouts, improve one, train an encoder on it.")
@score_options
@out_option("outputs/demo")
def demo(identities: int | None, expressions: str | None, donnings: int | None, seed: int | None, out: Path) -> None:
    """Compare the three camera layouts of REFA's figure 1, the way the paper does, and render each one; search 20
    layouts for better mouth cameras; make 100 labelled frames, train a small encoder on them, and stress it.

    Takes a few minutes. Writes report.html, scores.json, config.json, for each layout a folder of pictures and buffers
    of one frame, and the search's results, the frames, the encoder and its stress report. What needs pip install
    'hmcsim[train]' is left out without it, and a line says so.
    """
    from hmcsim.cli.progress import progress_bar
    from hmcsim.cli.run_score import run_score
    from hmcsim.demo import DEMO_HEADSETS, SEARCH, demo_search, render_demo_frames
    from hmcsim.demo_encoder import (
        DATA,
        ENCODER,
        STRESS,
        EncoderProgresses,
        demo_encoder,
        missing_packages,
        skipped_text,
    )
    from hmcsim.scoring import Told
    from hmcsim.searching import SearchProgresses, drop_stale

    def before(headsets: Sequence[Headset], head: HeadModel, folder: Path) -> Told:
        with (
            progress_bar("posing wearers") as wearers,
            progress_bar("trying layouts") as trials,
            progress_bar("taking pictures") as page,
        ):
            search = demo_search(headsets[0], head, folder, out, SearchProgresses(wearers, trials, page))
        with (
            progress_bar("making frames") as frames,
            progress_bar("training") as training,
            progress_bar("stressing") as stressing,
            progress_bar("rendering worst frames") as pictures,
        ):
            bars = EncoderProgresses(frames, training, stressing, pictures)
            encoder = demo_encoder(headsets[0], head, folder, out, bars)  # type: ignore[arg-type]  # the built-in head
        return Told(search, encoder)

    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    run_score(DEMO_HEADSETS, options, out, extra=render_demo_frames, before=before)
    drop_stale(out / SEARCH)
    click.echo(f"Frames: {', '.join(str(out / name) for name in DEMO_HEADSETS)}")
    click.echo(f"Search: {out / SEARCH / 'search.html'}")
    click.echo(f"Labelled frames: {out / DATA}")
    missing = missing_packages()
    if missing:
        click.echo(skipped_text(missing))
    else:
        click.echo(f"Encoder: {out / ENCODER / 'encoder.pt'}   Stress: {out / STRESS / 'stress.html'}")
    click.echo(f"Open {(out / 'report.html').resolve().as_uri()} in a browser.")
