"""What all tests share: headless Chromium, or one visible line that says it is missing."""

from __future__ import annotations

import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium is missing, so the report was not opened in a browser. On Debian: apt-get install chromium"


def find_browser() -> str | None:
    """The command of the first browser there is."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> str:
    """A Chromium; its absence skips on a developer's machine and fails in CI (CI=true)."""
    found = find_browser()
    if found is None and os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(MISSING)
    if found is None:
        pytest.skip(MISSING)
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what could not be tested here."""
    if find_browser() is None:
        terminalreporter.write_line(f"NOTE: {MISSING}", yellow=True)
