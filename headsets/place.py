"""Where in a headset file an error is: file and key path, for the end of a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headsets.errors import HeadsetError
from headsets.schema.explain import owner_text, path_text


@dataclass(frozen=True)
class Place:
    """A key path inside a file."""

    source: str
    path: tuple[str | int, ...] = ()

    def __truediv__(self, key: str | int) -> Place:
        return Place(self.source, (*self.path, key))

    def error(self, rule: str, got: str = "") -> HeadsetError:
        """`rule` for the part this place belongs to, then what arrived, then the place."""
        path = list(self.path)
        ending = f", got {got}" if got else ""
        return HeadsetError(f"{rule}{owner_text(path)}{ending} ({self.source}: {path_text(path)})")

    @contextmanager
    def blame(self) -> Iterator[None]:
        """Errors raised inside are raised again with this place added."""
        try:
            yield
        except HeadsetError as error:
            message = str(error)
            rule, comma, got = message.partition(", got ")
            path = list(self.path)
            raise type(error)(f"{rule}{owner_text(path)}{comma}{got} ({self.source}: {path_text(path)})") from error


def display_path(path: Path) -> str:
    """A path as messages show it: relative to the working directory where it lies below it."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)
