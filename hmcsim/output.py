"""Output folders that are complete or absent: written aside, moved in place when the work is done."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hmcsim.errors import OutputError

PREFIX = ".hmcsim-partial-"


@contextmanager
def output_folder(target: Path) -> Iterator[Path]:
    """A scratch folder whose content lands in `target` when the block ends well, and vanishes when it does not.

    A new target appears in one rename. An existing one keeps its other files, and each new file replaces its
    namesake in one rename. The scratch folder lies on the target's file system, and is made before the block runs:
    a target that cannot be written is refused before any work is done.

    Raises:
        OutputError: the target cannot be written; the message says why.
    """
    made: list[Path] = []
    try:
        _make_parents(target, made)
        home = target if target.is_dir() else target.parent
        if target.exists() and not target.is_dir():
            raise OutputError(f"the output folder {target} is a file")
        scratch = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
    except OSError as error:
        _remove(made)
        raise OutputError(f"cannot write the output folder {target}: {error.strerror or error}") from error
    done = False
    try:
        yield scratch
        _publish(scratch, target)
        done = True
    except OSError as error:
        if error.filename is None or str(scratch) in str(error.filename):
            raise OutputError(f"cannot write to {target}: {error.strerror or error}") from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if not done:
            _remove(made)


def _make_parents(target: Path, made: list[Path]) -> None:
    missing = [parent for parent in target.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir()
        made.append(parent)


def _remove(made: list[Path]) -> None:
    for parent in reversed(made):
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def _publish(scratch: Path, target: Path) -> None:
    scratch.chmod(0o777 & ~_umask())  # mkdtemp makes folders private
    if not target.exists():
        scratch.rename(target)
        return
    for path in sorted(scratch.rglob("*")):
        place = target / path.relative_to(scratch)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        else:
            os.replace(path, place)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
