"""The built-in head, with a bar while its data files are read for the first time on a machine."""

from __future__ import annotations

from faces import load_head_model
from faces.builtin import AnnyHead
from hmcsim.cli.progress import progress_bar


def load_head() -> AnnyHead:
    """See `faces.load_head_model`."""
    with progress_bar("building the head (once)") as move:
        return load_head_model(lambda fraction, what: move(round(100 * fraction), 100))
