"""`hmcsim stress`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.ranges import FloatRange
from hmcsim.cli.types import out_option


@with_examples(
    "hmcsim stress --encoder outputs/encoder --headset refa_green",
    "hmcsim stress --encoder mine.onnx --headset refa_green --factors up,pitch,led_failure --frames 100",
    "hmcsim stress --encoder outputs/green --headset refa_green --encoder outputs/red --headset refa_red",
    "hmcsim stress --encoder mine.onnx --headset refa_green --headset refa_green:lenses.wide.f_number=2.0",
    "hmcsim stress --encoder outputs/with --encoder outputs/without --headset refa_green --export more.yaml",
)
@click.command(short_help="Find out where an encoder breaks.")
@click.option("--encoder", "encoders", multiple=True, required=True, metavar="MODEL",
              help="As of hmcsim evaluate. Repeatable.")  # fmt: skip
@click.option("--headset", "headsets", multiple=True, required=True, metavar="HEADSET",
              help="Name or file, settings after colons. Repeatable: one for all, or one an encoder.")  # fmt: skip
@click.option("--factors", metavar="A,B", help="Those to sweep.  [default: all]")
@click.option("--pairs", type=click.IntRange(0, 12), default=4, show_default=True, metavar="K",
              help="Sweep all pairs of the K factors that cost most.")  # fmt: skip
@click.option("--frames", type=click.IntRange(min=5), default=40, show_default=True, metavar="N",
              help="At every step, five of each wearer.")  # fmt: skip
@click.option("--limit", type=FloatRange(min=0, min_open=True), default=2.0, show_default=True, metavar="MM",
              help="Of the mesh error.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="S",
              help="Another than the training set's, so that nobody is known.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [default: one a core]")
@click.option("--export", type=click.Path(path_type=Path), metavar="FILE",
              help="Write a configuration for hmcsim generate with more of what failed.")  # fmt: skip
@set_option()
@out_option("outputs/stress")
def stress(
    encoders: tuple[str, ...],
    headsets: tuple[str, ...],
    factors: str | None,
    pairs: int,
    frames: int,
    limit: float,
    seed: int,
    workers: int | None,
    export: Path | None,
    settings: tuple[str, ...],
    out: Path,
) -> None:
    """Make one factor at a time worse, all else nominal, and follow the error: donning, slip, LED current and failure,
    ambient light, exposure, glasses, beard, identity, miscalibration; then pairs of those that cost most.

    The same wearers do the same at every step. Several encoders or headsets are compared in one report. Writes
    stress.html, stress.json, stress.csv, pictures of the worst frames, and failing.yaml.
    """
    from hmcsim.cli.run_stress import run_stress
    from hmcsim.stressing import StressSettings

    names = None if factors is None else tuple(factors.split(","))
    asked = StressSettings(names, frames, limit_mm=limit, pairs=pairs, seed=seed, workers=workers)
    run_stress(encoders, [":".join([headset, *settings]) for headset in headsets], asked, export, out)
