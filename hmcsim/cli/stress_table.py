"""A stress test as it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from hmcsim.cli.table import stdout_console
from hmcsim.report.stress_tables import borne_rows, pair_rows


def print_stress(found: Mapping[str, Any]) -> None:
    """Print the mesh error of every step and encoder, how much of each factor is borne, and pairs."""
    console = stdout_console()
    runs = found["runs"]
    for run in runs:
        if len(runs) > 1:
            console.print(f"\n[bold]{run['name']}[/]", soft_wrap=True)
        console.print(_steps(run))
    console.print("\nborne, by mean mesh error:")
    console.print(_borne(runs))
    for run in runs:
        rows = pair_rows(run)
        if rows:
            console.print(f"\npairs{', ' + run['name'] if len(runs) > 1 else ''}: increase of the mesh error, mm",
                          soft_wrap=True)  # fmt: skip
            table = _table("one", "other", 2, "alone", "sum", "together", "beyond the sum", "")
            for row in rows:
                parts = [f"{name} {step}" for name, step, _ in row.parts]
                alone = " and ".join(value for *_, value in row.parts)
                verdict = f"{row.verdict}{'; crosses a limit' if row.fails else ''}"
                table.add_row(*parts, alone, row.total, row.joint, row.excess, verdict)
            console.print(table)


def _steps(run: Mapping[str, Any]) -> Table:
    table = _table("factor", "step", 2, "mesh, mm", "95 % interval", "more than nominal", "mean predictor")
    _row(table, "nominal", run["nominal"], True)
    for name, factor in run["factors"].items():
        for k, step in enumerate(factor["steps"]):
            _row(table, name if k == 0 else "", step, k + 1 == len(factor["steps"]))
    return table


def _borne(runs: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("factor")
    for run in runs:
        name = f"{run['name']}: " if len(runs) > 1 else ""
        for limit in run["limits_mm"].values():
            table.add_column(f"{name}below {limit:.2f} mm")
    for row in borne_rows(runs):
        table.add_row(row.factor, *(text for cells in row.cells for text in (cells or ("–", "–"))))
    return table


def _table(*columns: Any) -> Table:
    """Columns; those before the number are flush left."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    at = next(k for k, column in enumerate(columns) if isinstance(column, int))
    for k, column in enumerate([*columns[:at], *columns[at + 1 :]]):
        table.add_column(column, justify="left" if k < columns[at] or not column else "right")
    return table


def _row(table: Table, name: str, step: Mapping[str, Any], last: bool) -> None:
    own, more = step["errors"]["mesh_mm"], step["increase_mm"]
    table.add_row(
        name,
        step["label"],
        f"{own['mean']:.3f}",
        _interval(own["interval95"]),
        f"{more['mean']:+.3f} ({_interval(more['interval95'])})",
        f"{step['mean_predictor']['mesh_mm']:.3f}",
        end_section=last,
    )


def _interval(between: list[float] | None) -> str:
    return "–" if between is None else f"{between[0]:.3f} to {between[1]:.3f}"
