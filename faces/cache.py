"""Arrays kept in the user's cache folder: written atomically, read back quickly, rebuilt when damaged."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def cache_folder() -> Path:
    """`$HMCSIM_CACHE_DIR`, else `$XDG_CACHE_HOME/hmcsim`, else `~/.cache/hmcsim`."""
    override = os.environ.get("HMCSIM_CACHE_DIR")
    if override:
        return Path(override)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hmcsim"


def source_digest(*modules: str) -> str:
    """Eight hex digits that change with the text of these modules of this package."""
    here = Path(__file__).parent
    text = b"".join((here / f"{name}.py").read_bytes() for name in modules)
    return f"{zlib.crc32(text):08x}"


def load_arrays(name: str, expected: set[str]) -> dict[str, NDArray[np.generic]] | None:
    """The arrays stored under a name, or None where there are none, or not exactly those expected.

    A damaged file is deleted: a cache is only ever a copy.
    """
    path = cache_folder() / name
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            if set(stored.files) == expected:
                return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        path.unlink(missing_ok=True)
    return None


def store_arrays(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays under a name; a cache that cannot be written costs time only, so that is no error."""
    path = cache_folder() / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
