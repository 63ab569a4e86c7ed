"""What all tests share: pictures of mismatches, a feature switched off, headless Chromium or a line that it is missing.

HMCSIM_TEST_OFF=FEATURE runs the tests with one feature of the product switched off: see `tests.features`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest

from tests.pictures import Pictures

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium is missing, so the report was not opened in a browser. On Debian: apt-get install chromium"


def pytest_configure(config: pytest.Config) -> None:
    """Switch off the feature that the environment names, before any test module is imported."""
    if hasattr(config, "workerinput"):
        # The other cores are the other workers': what would take every core takes this one, without processes.
        setattr(os, "sched_getaffinity", lambda _: {0})  # noqa: B010 (mypy takes no plain assignment)
    feature = os.environ.get("HMCSIM_TEST_OFF")
    if feature:
        from tests.features.features import FEATURES

        if feature not in FEATURES:
            raise pytest.UsageError(f"HMCSIM_TEST_OFF: unknown feature {feature!r}. Features: {', '.join(FEATURES)}")
        FEATURES[feature].switch_off()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Save the pictures of a test that fails, and say where they are."""
    report = yield
    kept = getattr(item, "funcargs", {}).get("pictures")
    if report.when == "call" and report.failed and kept is not None:
        report.sections.append(("pictures", "\n".join(f"saved {path}" for path in kept.save())))
    return report


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Pictures:
    """Images that are saved if the test fails; see `tests.pictures`."""
    return Pictures(request.node.name)


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
