"""The anthropometry table as it is printed."""

from __future__ import annotations

from rich.table import Table

from faces.population.check import CheckTable
from hmcsim.cli.table import stdout_console


def print_check(check: CheckTable) -> None:
    """Print ours beside the survey's; listed measurements are judged, the others informative."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("sex", "measurement, mm"):
        table.add_column(column)
    for column in ("ours", "NIOSH", "mean off", "SD off"):
        table.add_column(column, justify="right")
    table.add_column("")
    for row in check.rows:
        verdict = ("pass" if row.passed else "[bold red]FAIL[/]") if row.listed else "[dim]for information[/]"
        table.add_row(
            row.sex,
            row.measurement.replace("_", " "),
            f"{row.mean:.1f} ± {row.sd:.1f}",
            f"{row.niosh_mean:.1f} ± {row.niosh_sd:.1f}",
            f"{row.mean - row.niosh_mean:+.1f} mm",
            f"{100 * (row.sd / row.niosh_sd - 1):+.0f} %",
            verdict,
        )
    console = stdout_console()
    console.print(table)
    off = ", ".join(f"{error:.3f} ({sex})" for sex, error in check.correlation_error.items())
    console.print(f"\nCorrelations of the listed measurements: mean absolute difference {off}.")
    console.print(f"{check.n_per_sex} adults of each sex, seed {check.seed}. Reference: {check.source}", soft_wrap=True)
    console.print("[bold]All listed measurements pass.[/]" if check.passed else "[bold red]Not all pass.[/]")
