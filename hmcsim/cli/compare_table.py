"""The comparison as it is printed: a row a score."""

from __future__ import annotations

from rich.table import Table

from hmcsim.cli.table import faces_text, stdout_console
from hmcsim.report.comparison import ComparisonPanel, DifferenceRow, caution, comparison_panels, share
from sim.metrics.compare import Comparison
from sim.metrics.result import ScoreResult

COLOURS = {"better": "green", "worse": "red"}


def print_comparison(result: ScoreResult, comparison: Comparison) -> None:
    """Print differences with intervals, then what they were taken over."""
    console = stdout_console()
    for panel in comparison_panels(comparison):
        console.print(f"[bold]{panel.layout}[/] less [bold]{comparison.base}[/]", highlight=False, soft_wrap=True)
        console.print(_table(panel))
        console.print()
    config = result.config
    faces = faces_text(config, len(result.expressions))
    console.print(
        f"mean over {faces}, seed {config.seed}; {share(comparison.level)} interval over wearers; coloured where it "
        "leaves out 0. Groups of wearers: see the report.",
        soft_wrap=True,
    )
    if config.looks:
        console.print(
            "Wearers wear their own glasses, if they have any; hmcsim score takes none but those of the headset file.",
            soft_wrap=True,
            highlight=False,
        )
    if said := caution(comparison):
        console.print(said, soft_wrap=True, highlight=False)


def _table(panel: ComparisonPanel) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("region")
    table.add_column("score")
    columns = ["base", "this", "difference", "interval", "better for"] + (["within"] if panel.limits else [])
    for column in columns:
        table.add_column(column, justify="right")
    for k, row in enumerate(panel.rows):
        first = k == 0 or panel.rows[k - 1].region != row.region
        last = k + 1 == len(panel.rows) or panel.rows[k + 1].region != row.region
        table.add_row(*_cells(row, first, panel.limits), end_section=last)
    return table


def _cells(row: DifferenceRow, first: bool, limits: bool) -> list[str]:
    mean = row.cell.mean
    if row.cell.verdict:
        mean = f"[bold {COLOURS[row.cell.verdict]}]{mean}[/]"
    name = f"{row.label.name}, {row.label.unit}" if row.label.unit else row.label.name
    cells = [row.region if first else "", name, row.base, row.other, mean, row.cell.interval, row.better]
    return [*cells, row.limit] if limits else cells
