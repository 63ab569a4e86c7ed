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
    from hmcsim.report.search.page import SearchCard


@with_examples("hmcsim demo", "hmcsim demo --identities 4 --out /tmp/demo")
@click.command(short_help="Score and render three published layouts, and improve one.")
@score_options
@out_option("outputs/demo")
def demo(identities: int | None, expressions: str | None, donnings: int | None, seed: int | None, out: Path) -> None:
    """Compare the three camera layouts of REFA's figure 1, the way the paper does, and render each one; search 20
    layouts for better mouth cameras.

    Takes a few minutes. Writes report.html, scores.json, config.json, for each layout a folder of pictures and buffers
    of one frame, and the search's results.
    """
    from hmcsim.cli.progress import progress_bar
    from hmcsim.cli.run_score import run_score
    from hmcsim.demo import DEMO_HEADSETS, SEARCH, demo_search, render_demo_frames
    from hmcsim.searching import SearchProgresses, drop_stale

    def search(headsets: Sequence[Headset], head: HeadModel, folder: Path) -> SearchCard | None:
        with (
            progress_bar("posing wearers") as wearers,
            progress_bar("trying layouts") as trials,
            progress_bar("taking pictures") as page,
        ):
            return demo_search(headsets[0], head, folder, out, SearchProgresses(wearers, trials, page))

    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    run_score(DEMO_HEADSETS, options, out, extra=render_demo_frames, before=search)
    drop_stale(out / SEARCH)
    click.echo(f"Frames: {', '.join(str(out / name) for name in DEMO_HEADSETS)}")
    click.echo(f"Search: {out / SEARCH / 'search.html'}")
    click.echo(f"Open {(out / 'report.html').resolve().as_uri()} in a browser.")
