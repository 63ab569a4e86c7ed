"""Observability as it is printed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from hmcsim.cli.table import stdout_console
from hmcsim.report.observability import observability_panels
from sim.observability.result import Observability

SHOWN = 8
"""Parameters that are named for a cause."""


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
        reasons: dict[str, list[tuple[int, str]]] = {}
        for one in panel.unobservable:
            for reason, share in one.reasons.items():
                reasons.setdefault(reason, []).append((share, one.parameter))
        if reasons:
            console.print(f"\n{name} cannot tell, in so many states:")
        for reason, found in reasons.items():
            ranked = sorted(found, key=lambda item: -item[0])
            text = ", ".join(f"{parameter} {share} %" for share, parameter in ranked[:SHOWN])
            more = f", and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
            console.print(f"  {reason}: {text}{more}", soft_wrap=True)
