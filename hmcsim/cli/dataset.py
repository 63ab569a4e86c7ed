"""`hmcsim dataset`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import SEED, out_option


@click.group(short_help="Check, describe, see and export data sets.")
def dataset() -> None:
    """What `hmcsim generate` made. DIR is its folder, or a URL."""


@with_examples("hmcsim dataset verify outputs/data")
@dataset.command()
@click.argument("data", metavar="DIR")
def verify(data: str) -> None:
    """Check every byte, label and row; print what is wrong, and exit with 1 if anything is."""
    from hmcsim.cli.progress import progress_bar
    from sim.dataset.verify import verify as check

    with progress_bar("checking shards") as move:
        wrong = check(data, move)
    for line in wrong:
        click.echo(line)
    if wrong:
        raise click.exceptions.Exit(1)
    click.echo(f"{data}: all shards, labels and the index are as they were made")


@with_examples("hmcsim dataset info outputs/data")
@dataset.command()
@click.argument("data", metavar="DIR")
def info(data: str) -> None:
    """Print what a data set holds and what it was made from."""
    from hmcsim.dataset_info import info_lines

    for line in info_lines(data):
        click.echo(line)


@with_examples("hmcsim dataset show outputs/data", "hmcsim dataset show outputs/data --samples 8 --split test --seed 2")
@dataset.command()
@click.argument("data", metavar="DIR")
@click.option("--samples", type=click.IntRange(min=1, max=100), default=4, show_default=True, metavar="N",
              help="Frames drawn.")  # fmt: skip
@click.option("--split", type=click.Choice(["train", "val", "test"]), help="Of this split.  [default: any]")
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="Which ones.")
@out_option("outputs/dataset")
def show(data: str, samples: int, split: str | None, seed: int, out: Path) -> None:
    """Write samples.png: frames in rows, cameras in columns, with keypoints, boxes and regions over the images."""
    from hmcsim.dataset_pictures import sample_sheet
    from hmcsim.output import output_folder

    with output_folder(out) as folder:
        sample_sheet(data, samples, split, seed).save(folder / "samples.png")
    click.echo(out / "samples.png")


@with_examples("hmcsim dataset export outputs/data --form coco --out outputs/coco")
@dataset.command()
@click.argument("data", metavar="DIR")
@click.option("--form", type=click.Choice(["coco", "parquet"]), required=True,
              help="coco: keypoints; parquet: as Hugging Face's datasets loads it.")  # fmt: skip
@out_option("outputs/export")
def export(data: str, form: str, out: Path) -> None:
    """Write a data set in another form."""
    from hmcsim.output import output_folder
    from sim.dataset.exporters.coco import export_coco
    from sim.dataset.exporters.parquet import export_parquet

    with output_folder(out) as folder:
        written = (export_coco if form == "coco" else export_parquet)(data, folder)
    for path in written:
        click.echo(out / path.relative_to(folder))
