"""`hmcsim stress`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import out_option


@with_examples(
    "hmcsim stress --encoder outputs/encoder --headset refa_green",
    "hmcsim stress --encoder mine.onnx --headset refa_green --factors up,pitch,led_failure --frames 100",
)
@click.command(short_help="Find out where an encoder breaks.")
@click.option("--encoder", required=True, metavar="MODEL", help="As of hmcsim evaluate.")
@click.option("--headset", required=True, metavar="HEADSET", help="Name or YAML file.")
@click.option("--factors", metavar="A,B", help="Those to sweep.  [default: all]")
@click.option("--frames", type=click.IntRange(min=5), default=40, show_default=True, metavar="N",
              help="At every step, five of each wearer.")  # fmt: skip
@click.option("--limit", type=click.FloatRange(min=0, min_open=True), default=2.0, show_default=True, metavar="MM",
              help="Of the mesh error.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="S",
              help="Another than the training set's, so that nobody is known.")  # fmt: skip
@click.option("--export", type=click.Path(path_type=Path), metavar="FILE",
              help="Write a configuration for hmcsim generate with more of what failed.")  # fmt: skip
@out_option("outputs/stress")
def stress(
    encoder: str,
    headset: str,
    factors: str | None,
    frames: int,
    limit: float,
    seed: int,
    export: Path | None,
    out: Path,
) -> None:
    """Make one factor at a time worse, all else nominal, and follow the error: donning, slip, LED current and failure,
    ambient light, exposure, glasses, beard, miscalibration.

    The same wearers do the same at every step. Writes stress.html, stress.json, stress.csv and failing.yaml.
    """
    from hmcsim.cli.load_head import load_head
    from hmcsim.cli.progress import progress_bar
    from hmcsim.cli.stress_table import print_stress
    from hmcsim.output import output_folder
    from hmcsim.stressing import FAILING
    from hmcsim.stressing import stress as stressed

    names = None if factors is None else factors.split(",")
    with output_folder(out) as folder:
        head = load_head()
        with progress_bar("stressing") as progress:
            found = stressed(
                encoder, headset, head, folder, factors=names, frames=frames, limit_mm=limit, seed=seed,
                progress=progress,
            )  # fmt: skip
        if export is not None:
            export.write_text((folder / FAILING).read_text())
    print_stress(found)
    click.echo(
        f"\nReport: {out / 'stress.html'}   Stress: {out / 'stress.json'}   More of what failed: {out / FAILING}"
    )
