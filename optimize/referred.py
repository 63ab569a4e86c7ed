"""Meshes and light profiles that a headset's file refers to by name, beside what is shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

from headsets.build import SHIPPED
from headsets.schema.file import HeadsetFile
from headsets.schema.parts import EmitterPart


def referred_files(spec: HeadsetFile, source: Path | None) -> dict[str, str]:
    """Name in the file -> SHA-256 of what it names, shortened; a study is of their contents, not of their names."""
    home = Path() if source is None else source.parent
    if home.absolute() == SHIPPED.absolute():
        return {}
    emitters = [*spec.emitters.values(), *(led.emitter for led in spec.leds.values())]
    names = [e.profile for e in emitters if isinstance(e, EmitterPart) and isinstance(e.profile, str)]
    names += [] if spec.shell is None else [spec.shell.mesh]
    there = {name: home / name for name in names if (home / name).is_file()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for name, path in sorted(there.items())}
