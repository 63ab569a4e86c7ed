"""A layout as constraints see it: all parts with their twins, and the headset where it could be built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.anatomy import inside_head
from headsets.errors import UnfitPartsError
from headsets.headset import Headset
from headsets.schema.file import HeadsetFile
from headsets.schema.parts import CameraPart, LedPart
from optimize.space.space import Space

MM = 1e-3
CAMERA, LED = "camera", "LED"


@dataclass(frozen=True, eq=False)
class Candidate:
    """Attributes:
    spec: the layout's file.
    kinds, names: (P,) `CAMERA` or `LED`, twins after their originals, cameras first.
    positions: (P, 3) m, device frame.
    headset: None where a part lies inside the head or in its own twin, or parts do not go together
        (`headsets.consistency`): no headset has that.
    """

    spec: HeadsetFile
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    positions: NDArray[np.float64]
    headset: Headset | None

    def part(self, index: int) -> str:
        """In words."""
        return f"{self.kinds[index]} {self.names[index]!r}"

    def count(self, kind: str) -> int:
        """Parts of a kind, twins counted."""
        return self.kinds.count(kind)


def candidate(space: Space, spec: HeadsetFile) -> Candidate:
    """The candidate of a layout of the space."""
    kinds: list[str] = []
    names: list[str] = []
    rows: list[list[float]] = []
    twinned = False
    sections: tuple[tuple[str, Mapping[str, CameraPart | LedPart]], ...] = ((CAMERA, spec.cameras), (LED, spec.leds))
    for kind, parts in sections:
        for name, part in parts.items():
            x, y, z = part.position_mm
            kinds.append(kind)
            names.append(name)
            rows.append([x, y, z])
            if part.mirror is not None:
                twinned |= x == 0
                kinds.append(kind)
                names.append(part.mirror)
                rows.append([-x, y, z])
    positions = np.array(rows, dtype=np.float64).reshape(-1, 3) * MM
    sound = not (twinned or inside_head(positions).any())
    return Candidate(spec, tuple(kinds), tuple(names), positions, _built(space, spec) if sound else None)


def _built(space: Space, spec: HeadsetFile) -> Headset | None:
    try:
        return space.build(spec)
    except UnfitPartsError:  # such as a camera that has moved into its window
        return None
