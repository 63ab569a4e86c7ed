"""An evaluation as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from hmcsim.cli.table import stdout_console
from sim.counted import counted

ERROR_LABELS = {
    "mesh_mm": "mesh, mm",
    "lower_face_mm": "lower face, mm",
    "mouth_shape_mm": "mouth shape, mm",
    "gaze_deg": "gaze, deg",
}
END_USER_LABELS = {
    "semantic_accuracy": "semantic accuracy",
    "neutralness": "neutralness",
    "smoothness": "smoothness",
    "eye_closure": "eye closure",
    "mouth_closure": "mouth closure",
}
SHOWN = 5


def print_evaluation(found: Mapping[str, Any]) -> None:
    """Print errors beside the mean predictor's, end-user metrics beside the truth's, and the worst expressions."""
    console = stdout_console()
    table = _table("error (UFE 5.2)", "encoder", "95 % interval", "mean predictor", "ratio")
    for name, label in ERROR_LABELS.items():
        own, mean = (found[guess]["errors"][name] for guess in ("encoder", "mean_predictor"))
        between = own["interval95"]
        table.add_row(
            label,
            f"{own['mean']:.3f}",
            "–" if between is None else f"{between[0]:.3f} to {between[1]:.3f}",
            f"{mean['mean']:.3f}",
            f"{own['mean'] / mean['mean']:.2f}" if mean["mean"] > 0 else "–",
        )
    console.print(table)
    console.print()
    table = _table("end user (REFA 8.1)", "encoder", "truth", "mean predictor")
    for name, label in END_USER_LABELS.items():
        values = (found[guess]["end_user"][name]["dataset"] for guess in ("encoder", "truth", "mean_predictor"))
        table.add_row(label, *("–" if value is None else f"{value:.3f}" for value in values))
    console.print(table)
    worst = sorted(found["encoder"]["by"]["expression"].items(), key=lambda item: -item[1]["mesh_mm"])[:SHOWN]
    console.print(
        "\nworst expressions, mesh in mm: " + ", ".join(f"{name} {row['mesh_mm']:.2f}" for name, row in worst),
        soft_wrap=True,
    )
    latency = found["latency_ms"]
    console.print(
        f"{counted(found['frames'], 'frame')} of {counted(found['identities'], 'wearer')}, split {found['split']};"
        f" latency of a frame {latency['median']:.1f} ms (95th percentile {latency['p95']:.1f}) on this machine",
        soft_wrap=True,
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k == 0 else "right")
    return table
