"""Runs the command line in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from hmcsim.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """`run("score", …)`: the result, with stdout and stderr apart."""

    def invoke(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return invoke
