"""A found layout as a headset file that stands alone: its meshes and profiles lie beside it."""

from __future__ import annotations

import filecmp
import hashlib
import shutil
from pathlib import Path

from headsets.build import SHIPPED
from headsets.headset import Headset
from headsets.load import dump_headset, load_headset
from headsets.schema.file import HeadsetFile
from headsets.schema.parts import EmitterPart
from headsets.schema.search import SearchPart
from optimize.errors import OptimizeError


def found_layout(spec: HeadsetFile, part: SearchPart, number: int, study: str, values: str) -> HeadsetFile:
    """The file of a trial's layout: a name and a note of its own, and a search section that names what is left."""
    left = part.model_dump(mode="python", exclude_unset=True)
    for section, parts in (("cameras", spec.cameras), ("leds", spec.leds)):
        if section in left:
            left[section] = {name: moved for name, moved in left[section].items() if name in parts}
    note = f"Trial {number} of the search {study!r} from {spec.name}: {values}. {spec.note}"
    changed = {
        "name": f"{spec.name[:52]}_trial_{number}",
        "note": " ".join(note.split()),
        "search": SearchPart.model_validate(left),
    }
    return spec.model_copy(update=changed)


def write_layout(spec: HeadsetFile, source: Path | None, path: Path) -> Headset:
    """Write a layout's file, with copies of what it refers to, and read it back.

    Raises:
        HeadsetError, OptimizeError: it does not load; or a mesh or profile is gone.
    """
    path.write_text(dump_headset(_beside(spec, source, path.parent)), encoding="utf-8")
    return load_headset(str(path))


def _beside(spec: HeadsetFile, source: Path | None, folder: Path) -> HeadsetFile:
    """The file with references to copies in its own folder; what is shipped stays where it is."""
    home = source.parent if source is not None else Path()
    changed: dict[str, object] = {}
    if spec.shell is not None:
        own = (home / spec.shell.mesh).is_file() or not (SHIPPED / spec.shell.mesh).is_file()
        if own and home.absolute() != SHIPPED.absolute():
            changed["shell"] = spec.shell.model_copy(update={"mesh": _copied(home / spec.shell.mesh, folder)})
    emitters = {name: _with_profile(part, home, folder) for name, part in spec.emitters.items()}
    if emitters:
        changed["emitters"] = emitters
    leds = {
        name: part.model_copy(update={"emitter": _with_profile(part.emitter, home, folder)})
        if isinstance(part.emitter, EmitterPart)
        else part
        for name, part in spec.leds.items()
    }
    return spec.model_copy(update={**changed, "leds": leds})


def _with_profile(part: EmitterPart, home: Path, folder: Path) -> EmitterPart:
    if not isinstance(part.profile, str):
        return part
    return part.model_copy(update={"profile": _copied(home / part.profile, folder)})


def _copied(path: Path, folder: Path) -> str:
    target = folder / path.name
    if not path.is_file():
        if target.is_file():
            return target.name
        raise OptimizeError(f"cannot read {path.name}, which the headset file refers to: no such file in {path.parent}")
    if target.is_file() and not filecmp.cmp(path, target, shallow=False):
        # Another file of this name, from another folder: one of them takes a name of its own.
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        target = target.with_name(f"{path.stem}_{digest}{path.suffix}")
    if not target.exists():
        shutil.copyfile(path, target)
    return target.name
