"""Finished pieces of a long run, a JSON file each: a run that was killed goes on with the same command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sim.dataset.storage import Storage


def piece(folder: Storage, name: str, make: Callable[[], Any]) -> Any:
    """What is in a file; else what is made, written into it whole or not at all."""
    if not folder.exists(name):
        folder.write(name, (json.dumps(make(), indent=1) + "\n").encode())
    return json.loads(folder.read(name))
