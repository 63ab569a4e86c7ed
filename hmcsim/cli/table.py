"""The score table as it is printed: paper beside ours where a paper has figures."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from hmcsim.metric_names import METRIC_LABELS
from sim.counted import counted
from sim.metrics.config import PEAKS, ScoreConfig
from sim.metrics.published import PUBLISHED
from sim.metrics.result import ScoreResult

WIDTH_WITHOUT_TERMINAL = 140


def faces_text(config: ScoreConfig, expressions: int) -> str:
    """What a score is taken over, in words."""
    parts = (counted(config.identities, "wearer"), counted(expressions, "expression"))
    return " × ".join([*parts, counted(config.donnings, "donning")])


def stdout_console() -> Console:
    """A console on stdout, wide enough for tables where it is a file or a pipe."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def print_scores(result: ScoreResult) -> None:
    """Print mean ± SD (5th percentile) by region and metric, a column a headset, the paper's value beside it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("region")
    table.add_column("score")
    for name in result.headsets:
        table.add_column(name, justify="right")
        if name in PUBLISHED:
            table.add_column("paper", justify="right")
    groups = list(dict.fromkeys(group for scores in result.headsets.values() for group in scores.groups))
    for group in groups:
        held = {metric for scores in result.headsets.values() for metric in scores.groups.get(group, {})}
        shown = {metric: label for metric, label in METRIC_LABELS.items() if metric in held}
        for row, (metric, label) in enumerate(shown.items()):
            cells = [group if row == 0 else "", f"{label.name}, {label.unit}" if label.unit else label.name]
            for name, scores in result.headsets.items():
                statistic = scores.groups.get(group, {}).get(metric)
                cells.append("–" if statistic is None else label.with_spread(statistic))
                if name in PUBLISHED:
                    value = PUBLISHED[name].regions.get(group, {}).get(metric)
                    cells.append("" if value is None else label.number(value))
            table.add_row(*cells, end_section=row == len(shown) - 1)
    console = stdout_console()
    console.print(table)
    config = result.config
    faces = faces_text(config, len(result.expressions))
    console.print(f"\nmean ± SD (5th percentile) over {faces}, seed {config.seed}")
    if config.expressions != PEAKS and any(name in PUBLISHED for name in result.headsets):
        console.print("The paper's values are over a whole range of expressions: they do not compare with these few.")
