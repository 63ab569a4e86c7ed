"""`hmcsim evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import out_option


@with_examples(
    "hmcsim evaluate --encoder outputs/encoder --data outputs/data",
    "hmcsim evaluate --encoder mine.onnx --data outputs/data --split val --frames 500",
    "hmcsim evaluate --encoder mine.py:encode --data outputs/data",
)
@click.command(short_help="Score an encoder on labelled frames.")
@click.option("--encoder", required=True, metavar="MODEL",
              help="Folder of hmcsim train, FILE.pt, FILE.onnx, FILE.py:NAME or MODULE:NAME.")  # fmt: skip
@click.option("--data", required=True, metavar="DIR", help="A data set of hmcsim generate.")
@click.option("--split", default="test", show_default=True, help="That it is scored on.")
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="So many, spread over it.  [default: all]")
@out_option("outputs/evaluation")
def evaluate(encoder: str, data: str, split: str, frames: int | None, out: Path) -> None:
    """Score an encoder: mesh, lower-face and mouth-shape error in mm, gaze in degrees, and end-user metrics.

    Beside it stands the mean predictor. Writes evaluation.json, with errors by expression, wearer and group, and
    frames.csv. docs/encoders.md says what an encoder of your own must look like.
    """
    from hmcsim.cli.evaluation_table import print_evaluation
    from hmcsim.cli.load_head import load_head
    from hmcsim.cli.progress import progress_bar
    from hmcsim.evaluating import evaluate as evaluated
    from hmcsim.output import output_folder

    with output_folder(out) as folder:
        head = load_head()
        with progress_bar("reading frames") as reading, progress_bar("comparing meshes") as judging:
            found = evaluated(encoder, data, head, folder, split=split, frames=frames, reading=reading, judging=judging)
    print_evaluation(found)
    click.echo(f"\nEvaluation: {out / 'evaluation.json'}   Frames: {out / 'frames.csv'}")
