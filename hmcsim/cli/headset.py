"""`hmcsim headset`."""

from __future__ import annotations

import re

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import load_argument, set_option
from sim.counted import counted


@click.group(short_help="List, show and check headsets.")
def headset() -> None:
    """The headsets that are shipped, and checks of your own."""


@with_examples("hmcsim headset list")
@headset.command("list")
def list_command() -> None:
    """List the shipped headsets."""
    from rich.table import Table

    from headsets import list_headsets, load_headset
    from hmcsim.cli.table import stdout_console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, justify in (("name", "left"), ("cameras", "right"), ("LEDs", "right"), ("note", "left")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for name in list_headsets():
        loaded = load_headset(name)
        table.add_row(name, str(len(loaded.cameras)), str(len(loaded.leds)), first_sentence(loaded.note))
    stdout_console().print(table)


@with_examples(
    "hmcsim headset show refa_green",
    "hmcsim headset show ufe --set cameras.mouth_left.roll_deg=90",
    "hmcsim headset show my_headset.yaml",
)
@headset.command()
@click.argument("headset")
@set_option()
def show(headset: str, settings: tuple[str, ...]) -> None:
    """Show a headset's cameras and LEDs: where they sit, where they look, what they are."""
    from rich.table import Table

    from headsets import describe
    from headsets.describe import COLUMNS
    from hmcsim.cli.table import stdout_console

    loaded = load_argument(headset, settings)
    console = stdout_console()
    console.print(f"[bold]{loaded.name}[/]  {' '.join(loaded.note.split())}\n", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column.replace("_mm", ", mm").replace("_", " "))
    for row in describe(loaded):
        table.add_row(*(row[column] for column in COLUMNS))
    console.print(table)
    donning = loaded.donning
    console.print(
        f"\nDonning SD: lateral {donning.lateral_m * 1e3:g}, up {donning.up_m * 1e3:g}, "
        f"depth {donning.depth_m * 1e3:g} mm. "
        f"Shell: {loaded.shell.source if loaded.shell else 'none'}."
    )


@with_examples("hmcsim headset validate my_headset.yaml")
@headset.command()
@click.argument("file")
@set_option()
def validate(file: str, settings: tuple[str, ...]) -> None:
    """Check a headset file wholly, meshes and profiles included."""
    loaded = load_argument(file, settings)
    click.echo(f"{file}: valid, {counted(len(loaded.cameras), 'camera')}, {counted(len(loaded.leds), 'LED')}")


def first_sentence(text: str) -> str:
    """The text up to its first full stop, in one line."""
    return re.split(r"(?<! al)\. ", " ".join(text.split()))[0].removesuffix(".")
