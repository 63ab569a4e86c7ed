"""What a run depended on, as plain data: enough to repeat it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from faces.priors import LookPriors
from headsets import Headset

SOFTWARE = ("hmcsim", "anny", "numpy", "scipy", "warp-lang")
"""Packages whose version can change a figure."""


def software_versions() -> dict[str, str]:
    """Versions of Python and of `SOFTWARE`."""
    return {"python": platform.python_version()} | {name: version(name) for name in SOFTWARE}


def headset_record(headset: Headset) -> dict[str, object]:
    """A headset as its file has it, with where it was read from; empty where no file describes it."""
    record: dict[str, object] = {"source": headset.source.name if headset.source else None}
    if headset.spec is not None:
        record |= headset.spec.model_dump(mode="json", exclude_unset=True)
    return record


def run_record(
    command: Sequence[str], headsets: Sequence[Headset], settings: Mapping[str, object]
) -> dict[str, object]:
    """The resolved configuration of a run.

    Args:
        command: the command line that does the same again, program name first.
        headsets: those used, written out in full.
        settings: all else: seeds, counts, head model, poses.
    """
    return {
        "command": " ".join(command),
        "settings": dict(settings),
        "headsets": {headset.name: headset_record(headset) for headset in headsets},
        "software": software_versions(),
    }


def priors_record(priors: LookPriors) -> dict[str, object]:
    """What looks were drawn from, written out in full; nothing where it is the default."""
    return {} if priors == LookPriors() else {"look_priors": asdict(priors)}


def write_json(path: Path, data: object) -> None:
    """Write readable JSON; NaN and infinity are refused.

    Raises:
        ValueError: a number that JSON lacks.
    """
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
