"""`hmcsim demo`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import out_option, score_options


@with_examples("hmcsim demo", "hmcsim demo --identities 4 --out /tmp/demo")
@click.command(short_help="Score and render three published layouts.")
@score_options
@out_option("outputs/demo")
def demo(identities: int | None, expressions: str | None, donnings: int | None, seed: int | None, out: Path) -> None:
    """Compare the three camera layouts of REFA's figure 1, the way the paper does, and render each one.

    Takes a few minutes. Writes report.html, scores.json, config.json and, for each layout, a folder of pictures and
    buffers of one frame.
    """
    from hmcsim.cli.run_score import run_score
    from hmcsim.demo import DEMO_HEADSETS, render_demo_frames

    chosen = {"identities": identities, "expressions": expressions, "donnings": donnings, "seed": seed}
    options = {name: value for name, value in chosen.items() if value is not None}
    run_score(DEMO_HEADSETS, options, out, extra=render_demo_frames)
    click.echo(f"Frames: {', '.join(str(out / name) for name in DEMO_HEADSETS)}")
    click.echo(f"Open {(out / 'report.html').resolve().as_uri()} in a browser.")
