"""Ctrl-C while worker processes score: one line, exit code 130, nothing left behind, no worker left running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import importlib, os, signal
module = importlib.import_module("sim.metrics.score")

signal.signal(signal.SIGINT, signal.default_int_handler)  # background shells have it ignored
gather = module.in_processes
def interrupted(*args, **named):
    for i, piece in enumerate(gather(*args, **named)):
        if i == 0:
            os.killpg(0, signal.SIGINT)  # what a terminal does on Ctrl-C: every process of the group
        yield piece
module.in_processes = interrupted
from hmcsim.cli.main import main
main()
"""


def test_ctrl_c_reaches_everybody_and_is_reported_once(tmp_path: Path) -> None:
    arguments = ["score", "refa_green", "--identities", "4", "--donnings", "1", "--expressions", "neutral,smile"]
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments, "--workers", "2", "--out", str(tmp_path / "out")],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    # This returns once nobody holds the pipes any more: no worker outlives the command.
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "hmcsim: interrupted")
    assert list(tmp_path.iterdir()) == []
