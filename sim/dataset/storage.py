"""Where a data set lies: a folder, or any URL that fsspec knows. Files appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import fsspec

from sim.errors import SimError

PARTIAL = ".partial-"
"""Begins the names of files that are being written."""


class Storage:
    """Files of one folder, by name.

    Args:
        url: a path, or "protocol://…".

    Raises:
        SimError: an unknown protocol, or one whose package is missing.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url)
        except (ValueError, ImportError) as error:
            raise SimError(f"cannot write to {self.url!r}: {error}") from error
        self.local = Path(self._root) if "file" in _protocols(self._files) else None

    def make(self) -> None:
        """Make the folder.

        Raises:
            SimError: it cannot be made or written.
        """
        with self._blame(self.url):
            self._files.makedirs(self._root, exist_ok=True)
            if self.local is not None:
                descriptor, probe = tempfile.mkstemp(prefix=PARTIAL, dir=self.local)
                os.close(descriptor)
                os.unlink(probe)

    def names(self, folder: str = "") -> list[str]:
        """Names of the files in a folder; none if it is missing."""
        try:
            found = self._files.ls(self._path(folder), detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(path.rstrip("/").rpartition("/")[2] for path in found)

    def exists(self, name: str) -> bool:
        return bool(self._files.exists(self._path(name)))

    def size(self, name: str) -> int:
        """Bytes of a file; -1 if it is missing."""
        try:
            return int(self._files.size(self._path(name)))
        except FileNotFoundError:
            return -1

    def open(self, name: str) -> IO[bytes]:
        """To read from."""
        return self._files.open(self._path(name), "rb")

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A file that takes its name once the block has ended well and its bytes are on the disk.

        Raises:
            SimError: it cannot be written; the message says why.
        """
        folder = None if self.local is None else self.local / Path(name).parent
        with self._blame(name):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=PARTIAL, dir=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                if folder is not None:
                    os.chmod(path, 0o644)
                    os.replace(path, folder / Path(name).name)
                    _sync_folder(folder)
                else:
                    self._upload(path, name)
            finally:
                if os.path.exists(path):
                    os.unlink(path)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file whole."""
        with self.writing(name) as file:
            file.write(data)

    def remove(self, name: str) -> None:
        """Remove a file or folder, if it is there."""
        if self._files.exists(self._path(name)):
            self._files.rm(self._path(name), recursive=True)

    def remove_partial(self) -> None:
        """Remove what killed writers left."""
        for name in self.names():
            if name.startswith(PARTIAL):
                self.remove(name)

    def free_bytes(self) -> int | None:
        """Room that is left, None where that is not known."""
        return None if self.local is None else shutil.disk_usage(self.local).free

    def _upload(self, path: str, name: str) -> None:
        """Object stores show an object once it is there as a whole; others get it under another name first."""
        target = self._path(name)
        self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
        partial = f"{self._path('')}/{PARTIAL}{name.replace('/', '-')}"
        self._files.put_file(path, partial)
        self._files.mv(partial, target)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else str(self._root)

    @contextmanager
    def _blame(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SimError(f"cannot write {what} ({self.url}): {error.strerror or error}") from error


class Hashing:
    """A file to write to that knows the SHA-256 and the length of what was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.length = 0

    def write(self, data: Any) -> int:
        self._hash.update(data)
        self.length += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self.length

    def close(self) -> None:
        """The file is closed by who opened it."""

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def sha256_of(file: IO[bytes]) -> str:
    """Of what is left to read."""
    out = hashlib.sha256()
    while block := file.read(1 << 20):
        out.update(block)
    return out.hexdigest()


def _protocols(files: Any) -> tuple[str, ...]:
    names = files.protocol
    return (names,) if isinstance(names, str) else tuple(names)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
