"""A tolerance study as it is printed."""

from __future__ import annotations

from rich.table import Table

from hmcsim.cli.table import stdout_console
from hmcsim.report.tolerance import cost_table, spread_rows, verdict
from sim.counted import counted
from sim.tolerance.result import ToleranceResult


def print_tolerance(result: ToleranceResult, main: str) -> None:
    """Print how scores spread, then what each degree of freedom costs the main score."""
    console = stdout_console()
    spread = Table(box=None, pad_edge=False, header_style="bold")
    spread.add_column("region")
    spread.add_column("score")
    for column in ("as designed", "mean ± SD", "5th percentile", "95th"):
        spread.add_column(column, justify="right")
    rows = spread_rows(result)
    for k, row in enumerate(rows):
        first = k == 0 or rows[k - 1].region != row.region
        name = f"{row.label.name}, {row.label.unit}" if row.label.unit else row.label.name
        cells = [row.region if first else "", name, row.nominal, f"{row.mean} ± {row.sd}", row.p5, row.p95]
        spread.add_row(*cells, end_section=k + 1 == len(rows) or rows[k + 1].region != row.region)
    console.print(spread)
    table = cost_table(result, main)
    console.print(f"\n[bold]{table.label.name}[/]: loss within one spread, and the largest tolerance that costs less "
                  f"than {100 * result.allowed:g} %", soft_wrap=True)  # fmt: skip
    costs = Table(box=None, pad_edge=False, header_style="bold")
    costs.add_column("degree of freedom")
    costs.add_column("spread", justify="right")
    for region in result.spread:
        costs.add_column(region, justify="right")
        costs.add_column("largest", justify="right")
    for freedom in table.rows:
        cells = [freedom.name, freedom.spread]
        for cell in freedom.cells:
            cells += [f"[bold red]{cell.cost}[/]" if cell.over else cell.cost, cell.largest]
        costs.add_row(*cells)
    console.print(costs)
    console.print(f"\n{verdict(result, main)}", soft_wrap=True)
    counts = result.settings
    expressions = counts["expressions"]
    many = len(expressions) if isinstance(expressions, list) else 1
    wearers = counted(int(str(counts["identities"])), "wearer")
    console.print(
        f"{counts['draws']} draws, {wearers} × {counted(many, 'expression')}, seed {counts['seed']}", soft_wrap=True
    )
