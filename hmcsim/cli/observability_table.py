"""Observability as it is printed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from hmcsim.cli.table import stdout_console
from hmcsim.report.observability import observability_panels
from sim.observability.result import Observability


def print_observability(observed: Mapping[str, Observability]) -> None:
    """Print what each layout leaves unknown, and what each camera is worth."""
    console = stdout_console()
    panels = observability_panels(observed)
    console.print("\n[bold]Observability[/]: RMS error in mm that the best estimator is left with")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("region")
    for name in panels:
        table.add_column(name, justify="right")
    for rows in zip(*(panel.regions for panel in panels.values()), strict=True):
        table.add_row(rows[0].region, *(f"{row.mean} ± {row.sd}" for row in rows))
    table.add_row("bits", *(panel.bits for panel in panels.values()))
    console.print(table)
    cameras = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("layout", "camera"):
        cameras.add_column(column)
    for column in ("bits alone", "bits it adds", "mm without it"):
        cameras.add_column(column, justify="right")
    for name, panel in panels.items():
        for k, row in enumerate(panel.cameras):
            last = k + 1 == len(panel.cameras)
            cells = (name if k == 0 else "", row.camera, row.alone, row.added, f"{row.without} ({row.loss})")
            cameras.add_row(*cells, end_section=last)
    console.print()
    console.print(cameras)
    for name, panel in panels.items():
        if panel.unobservable:
            text = "; ".join(
                f"{one.parameter} ({', '.join(f'{reason} {share}' for reason, share in one.reasons.items())})"
                for one in panel.unobservable
            )
            console.print(f"\n{name} cannot tell, in so many states: {text}", soft_wrap=True)
