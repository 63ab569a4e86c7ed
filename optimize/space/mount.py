"""What the search asks of a place for a part: coordinates there, the point they name, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Shell
from headsets.search import Box, Mount, Rail
from optimize.space.box import BoxMount
from optimize.space.patch import PatchMount
from optimize.space.rail import RailMount

Point = NDArray[np.float64]
"""(3,) mm, device frame."""


class PlacedMount(Protocol):
    """A mount with its geometry worked out."""

    @property
    def intervals(self) -> Mapping[str, tuple[float, float]]:
        """Coordinate -> lowest and highest; those of equal ends are fixed."""
        ...

    def place(self, at: Mapping[str, float]) -> Point:
        """The point at these coordinates."""
        ...

    def locate(self, point: Point) -> dict[str, float]:
        """Coordinates, within bounds, of the point of the mount that is nearest to a given one."""
        ...


def place_mount(mount: Mount, shell: Shell | None) -> PlacedMount:
    """Work a mount out; patches need the shell.

    Raises:
        OptimizeError: a patch whose rays miss the shell.
    """
    if isinstance(mount, Box):
        return BoxMount(mount)
    if isinstance(mount, Rail):
        return RailMount(mount)
    assert shell is not None, "build_search refuses patches without a shell"
    return PatchMount(mount, shell)
