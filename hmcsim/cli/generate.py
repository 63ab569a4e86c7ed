"""`hmcsim generate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.ranges import FloatRange
from hmcsim.cli.types import SEED


@dataclass(frozen=True)
class GenerateOptions:
    """What was typed; None: not given."""

    frames: int | None = None
    identities: int | None = None
    seconds: float | None = None
    config: Path | None = None
    preset: str | None = None
    seed: int = 0
    workers: int | None = None
    engine: str = "local"
    ray_address: str | None = None
    device: str = "cpu"
    resume: bool = False
    settings: tuple[str, ...] = ()


@with_examples(
    "hmcsim generate refa_green --frames 1000 --out outputs/data",
    "hmcsim generate refa_green --frames 1000 --out outputs/data --resume",
    "hmcsim generate my_headset.yaml --frames 5000 --config donning.yaml --seed 3 --out s3://bucket/data",
    "hmcsim generate refa_green --set lenses.wide.f_number=2.0 --frames 1000 --out outputs/fast_lens",
    "hmcsim generate ufe --preset ufe_capture --identities 10 --seconds 120 --out outputs/ufe",
)
@click.command(short_help="Make labelled frames.")
@click.argument("headset")
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="How many; each is seen by all cameras.")
@click.option("--identities", type=click.IntRange(min=1), metavar="N", help="How many wearers give them.")
@click.option(
    "--seconds", type=FloatRange(min=0, min_open=True, max=1e6), metavar="S",
    help="How long each wearer is recorded, at the cameras' frame rate.",
)  # fmt: skip
@click.option("--out", type=str, required=True, metavar="DIR", help="Folder, or any URL that fsspec writes to.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="YAML file of what varies; see docs/dataset.md."
)
@click.option(
    "--preset", metavar="NAME", help="independent, refa_synthetic, ufe_capture or recapture.  [default: independent]"
)
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="Of every random draw.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [default: one a core]")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="ray: a cluster; needs pip install 'hmcsim[ray]'.")  # fmt: skip
@click.option("--ray-address", metavar="A", help="Of the cluster, or auto.  [default: one on this machine]")
@click.option("--device", default="cpu", show_default=True, help="'cpu', or 'cuda' for a GPU.")
@click.option("--resume", is_flag=True, help="Go on with what is there; the result is the same, byte for byte.")
@set_option()
def generate(
    headset: str,
    frames: int | None,
    identities: int | None,
    seconds: float | None,
    out: str,
    config: Path | None,
    preset: str | None,
    seed: int,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    device: str,
    resume: bool,
    settings: tuple[str, ...],
) -> None:
    """Make labelled frames: WebDataset shards, index.parquet and dataset.json.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. The same seed gives the same bytes
    for any number of workers, and after any interruption.
    """
    from hmcsim.portable import compute_portably

    compute_portably()
    from hmcsim.cli.run_generate import run_generate

    options = GenerateOptions(
        frames, identities, seconds, config, preset, seed, workers, engine, ray_address, device, resume, settings
    )
    run_generate(headset, out, options)
