"""Head models under test."""

import pytest

from faces import load_head_model
from faces.builtin import AnnyHead


@pytest.fixture(scope="session")
def head() -> AnnyHead:
    """The built-in head; its cached data are built on first use."""
    return load_head_model()
