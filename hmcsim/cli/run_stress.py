"""What `hmcsim stress` does with what was typed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.stress_table import print_stress
from hmcsim.errors import HmcsimError, OutputError
from hmcsim.output import output_folder
from hmcsim.stressing import StressSettings, drop_stale, stress


def run_stress(
    encoders: Sequence[str], headsets: Sequence[str], settings: StressSettings, export: Path | None, out: Path
) -> None:
    """Stress into `out` and print the tables.

    Raises:
        FaceError, HeadsetError, SimError, EncoderError, HmcsimError: something typed breaks a rule.
    """
    started = time.monotonic()
    if export is not None:
        if len(set(headsets)) > 1:
            raise HmcsimError(f"`--export` goes with one headset, as training sets do, got {len(set(headsets))}")
        if export.is_dir() or not export.parent.is_dir():
            raise OutputError(f"`--export` must be a file in a folder that exists, got {export}")
    with output_folder(out) as folder:
        head = load_head()
        with progress_bar("stressing") as stressing, progress_bar("rendering worst frames") as picturing:
            found = stress(encoders, headsets, head, folder, settings, stressing=stressing, picturing=picturing)
    drop_stale(out, found)
    print_stress(found)
    failing = list(dict.fromkeys(run["failing"] for run in found["runs"]))
    click.echo(
        f"\nReport: {out / 'stress.html'}   Stress: {out / 'stress.json'}   More of what failed:"
        f" {', '.join(str(out / name) for name in failing)}   ({time.monotonic() - started:.0f} s)"
    )
    if export is not None:
        try:
            export.write_text((out / failing[0]).read_text(encoding="utf-8"), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {export}: {error.strerror or error}") from error
