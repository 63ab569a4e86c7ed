"""A stress test as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from hmcsim.cli.table import stdout_console


def print_stress(found: Mapping[str, Any]) -> None:
    """Print the mesh error of every step, and how much of each factor is borne."""
    console = stdout_console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for k, column in enumerate(("factor", "step", "mesh, mm", "95 % interval", "more than nominal", "mean predictor")):
        table.add_column(column, justify="left" if k < 2 else "right")
    _row(table, "nominal", found["nominal"], True)
    for name, factor in found["factors"].items():
        for k, step in enumerate(factor["steps"]):
            _row(table, name if k == 0 else "", step, k + 1 == len(factor["steps"]))
    console.print(table)
    limits = found["limits_mm"]
    console.print(
        f"\nborne up to {limits['absolute']:.2f} mm | up to half again the nominal error, {limits['relative']:.2f} mm:"
    )
    for name, factor in found["factors"].items():
        if "tolerance" in factor:
            unit = factor["unit"]
            both = " | ".join(_range(factor["tolerance"][limit], unit) for limit in ("absolute", "relative"))
            console.print(f"  {name}: {both}", soft_wrap=True)


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


def _range(found: list[float | None], unit: str) -> str:
    low, high = ("all swept" if value is None else f"{value:.2f}" for value in found)
    return f"{low} to {high} {unit}".rstrip()
