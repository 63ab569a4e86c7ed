"""What a stress test writes beside its page: CSV and YAML."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from encoders.evaluate import ERRORS

COLUMNS = (
    "encoder", "headset", "factor", "step", "severity", *ERRORS, *(f"mean_predictor_{name}" for name in ERRORS),
    "increase_mm", "increase_low_mm", "increase_high_mm", "sum_mm", "excess_mm", "excess_low_mm", "excess_high_mm",
)  # fmt: skip
"""The last four are of pairs."""


def write_yaml(path: Path, plain: Mapping[str, Any]) -> None:
    """In the order given."""
    path.write_text(yaml.safe_dump(dict(plain), sort_keys=False), encoding="utf-8")


def write_csv(path: Path, found: Mapping[str, Any]) -> None:
    """A row a step, then a row a pair; numbers to 0.1 µm."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for run in found["runs"]:
            for row in _rows(run):
                rows.writerow([run["encoder"], run["headset"], *row])


def _rows(run: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield _row("nominal", run["nominal"])
    for name, factor in run["factors"].items():
        for step in factor["steps"]:
            yield _row(name, step)
    for pair in run["pairs"]["found"]:
        row = _row(" + ".join(pair["factors"]), pair)
        yield [*row[:-4], _number(pair["sum_mm"]), *_with_interval(pair["excess_mm"])]


def _row(name: str, step: Mapping[str, Any]) -> list[Any]:
    values = [step["errors"][error]["mean"] for error in ERRORS]
    values += [step["mean_predictor"][error] for error in ERRORS]
    return [
        name,
        step["label"],
        step["severity"],
        *map(_number, values),
        *_with_interval(step["increase_mm"]),
        *4 * [""],
    ]


def _with_interval(value: Mapping[str, Any]) -> list[str]:
    low, high = value["interval95"] or (None, None)
    return [_number(value["mean"]), *("" if edge is None else _number(edge) for edge in (low, high))]


def _number(value: float) -> str:
    return f"{value:.4f}"
