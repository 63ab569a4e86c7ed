"""Constraints on where a part is, whatever it is: lens barrels, the display's view, glasses, faces, the shell."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from headsets.glasses import Glasses
from headsets.headset import Headset, Shell
from headsets.keep_out import DisplayFrustum, LensBarrels
from optimize.constraints.worn_faces import FAR_M, WornFaces
from optimize.shell_points import shell_points


class Room(Protocol):
    """Something to stay clear of."""

    name: str

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed distance of points (N, 3), m, device frame, negative inside: (N,), m."""
        ...


class BarrelRoom:
    """The tubes of the viewing lenses over the whole IPD range."""

    name = "lens_barrels"

    def __init__(self, barrels: LensBarrels) -> None:
        self._barrels = barrels

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._barrels.distance(points)


class DisplayRoom:
    """The wearer's view of the display over the whole IPD range."""

    name = "display"

    def __init__(self, display: DisplayFrustum) -> None:
        self._display = display

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._display.distance(points)


class GlassesRoom:
    """Glasses over the whole range of vertex distances, worn by every wearer in every donning."""

    name = "glasses"

    def __init__(self, glasses: Glasses, faces: WornFaces) -> None:
        self._glasses, self._faces = glasses, faces

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._glasses.distance(self._faces.in_heads(points)).min(axis=(0, 1))


class FaceRoom:
    """Every wearer's face under every expression, in every donning."""

    name = "face"

    def __init__(self, faces: WornFaces, clearance_m: float) -> None:
        self._faces, self._far_m = faces, clearance_m + FAR_M

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._faces.distance(points, self._far_m)


class ShellRoom:
    """The housing, a sheet: no sign."""

    name = "shell"

    def __init__(self, shell: Shell) -> None:
        self._tree = cKDTree(shell_points(shell))

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._tree.query(points)[0], dtype=np.float64)


def room_names(headset: Headset) -> tuple[str, ...]:
    """Of the rooms that the headset has, in their order."""
    keep_out = headset.keep_out
    there = {
        BarrelRoom.name: keep_out.lens_barrels is not None,
        DisplayRoom.name: keep_out.display is not None,
        GlassesRoom.name: keep_out.glasses is not None,
        FaceRoom.name: True,
        ShellRoom.name: headset.shell is not None,
    }
    return tuple(name for name, has in there.items() if has)


def rooms_of(headset: Headset, faces: WornFaces | None, clearance_m: float = 0.0) -> list[Room]:
    """Those that the headset has; they do not change with the layout.

    Args:
        faces: None: wearers are not posed yet, and what depends on them (glasses, faces) is left out.
        clearance_m: that will be asked for: distances are told beyond it.
    """
    keep_out = headset.keep_out
    rooms: list[Room] = []
    if keep_out.lens_barrels is not None:
        rooms.append(BarrelRoom(keep_out.lens_barrels))
    if keep_out.display is not None:
        rooms.append(DisplayRoom(keep_out.display))
    if keep_out.glasses is not None and faces is not None:
        rooms.append(GlassesRoom(keep_out.glasses, faces))
    if faces is not None:
        rooms.append(FaceRoom(faces, clearance_m))
    if headset.shell is not None:
        rooms.append(ShellRoom(headset.shell))
    return rooms
