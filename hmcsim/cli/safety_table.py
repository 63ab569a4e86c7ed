"""The eye safety estimate as it is printed."""

from __future__ import annotations

from rich.table import Table

from hmcsim.cli.table import stdout_console
from hmcsim.safety_names import (
    IGNORED,
    MODE_NAMES,
    NEAR_EYE,
    TAKE_THE_SMALLER,
    circumstances,
    largest_current,
    mode_rows,
    verdict,
)
from hmcsim.safety_result import ESTIMATE, MODES, SafetyEstimate
from sim.counted import counted


def print_safety(estimate: SafetyEstimate) -> None:
    """Print both modes, the largest currents and what the figures are worth."""
    console = stdout_console()
    console.print(f"[bold]{estimate.headset}[/]  {counted(estimate.leds, 'LED')}. {verdict(estimate)}\n")
    if estimate.leds:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("", no_wrap=True)
        for column in ("left eye", "right eye", "limit", "share"):
            table.add_column(column, justify="right", overflow="fold")
        table.add_column("clause")
        for mode in MODES:
            table.add_row(f"[bold]{MODE_NAMES[mode]}[/]")
            rows = mode_rows(estimate, mode)
            for i, row in enumerate(rows):
                cells = (row.left, row.right, row.limit, row.share, row.clause)
                table.add_row(f"  {row.what}", *cells, end_section=i == len(rows) - 1)
        console.print(table)
        console.print("\nLargest current, all LEDs alike, that stays within the exempt group:")
        for mode in MODES:
            console.print(f"  {MODE_NAMES[mode].lower()}: {largest_current(estimate, mode)}")
        console.print(f"  {TAKE_THE_SMALLER}\n")
    for line in (circumstances(estimate), NEAR_EYE, IGNORED):
        console.print(line)
    console.print(f"[bold]{ESTIMATE}[/]")
