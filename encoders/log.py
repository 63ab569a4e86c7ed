"""The training log: log.csv, one row a report, and TensorBoard's event files where the package tensorboard is there."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = ("step", "loss", "weights_l1", "gaze_l1_rad", "learning_rate", "val_weights_l1", "val_gaze_deg")


class Log:
    """Appends; a run resumed at a step drops the rows after it, which it will write again.

    Args:
        folder: of log.csv and of the event files.
        step: where training starts or goes on.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / "log.csv"
        kept = [row for row in read_log(folder) if int(row["step"]) <= step]
        self._write(kept)
        self._events: Any = None
        if importlib.util.find_spec("tensorboard") is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._events = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def write(self, row: Mapping[str, float]) -> None:
        """Add a row; values by the names of `COLUMNS`."""
        with self._path.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS).writerow(row)
        if self._events is not None:
            for name, value in row.items():
                if name != "step":
                    self._events.add_scalar(name, value, int(row["step"]))
            self._events.flush()

    def close(self) -> None:
        if self._events is not None:
            self._events.close()

    def _write(self, rows: list[dict[str, str]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        self._path.write_text(text.getvalue(), newline="")


def read_log(folder: Path) -> list[dict[str, str]]:
    """The rows of log.csv; none if there is no file."""
    path = folder / "log.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["step"].isdigit()]
