"""Images of what stands still in a headset, drawn once: frames start from copies of them.

The shell never moves, and the lens barrels move with the distance between the wearer's eyes alone. For each point of
view two images are kept, of the shell, and of shell and barrels as they stood last. They are functions of the headset,
the point of view and that distance: what was rendered before does not show.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import warp as wp

if TYPE_CHECKING:
    from sim.render.scene import Fixed, Moving
    from sim.render.targets import RasterTarget, Stations, View

BUDGET_BYTES = 128_000_000
"""Memory for the images of one head and housing: those of ten cameras with 400 x 400 pixels and of sixteen LEDs take
half of it. Those that were not used for longest go first, as search for places has new cameras in every frame; what
would fill it alone, as very fine shadow maps do, is not kept."""


@dataclass(eq=False)
class _Kept:
    """`shell` alone, and with the barrels `half_m` from the middle; arrays of a `RasterTarget`."""

    shell: list[wp.array]
    both: list[wp.array]
    half_m: float

    @property
    def size(self) -> int:
        return sum(array.capacity for array in (*self.shell, *self.both))


class Standing:
    """The images of one `Fixed`."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self._budget = budget
        self._kept: OrderedDict[tuple[View, bytes], _Kept] = OrderedDict()

    def clear(self) -> None:
        """Keep nothing."""
        self._kept.clear()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(kept.size for kept in self._kept.values())

    def start(self, target: RasterTarget, view: View, stations: Stations, fixed: Fixed, moving: Moving) -> None:
        """Fill a target with the housing, but for its facial interface."""
        if fixed.moving_clusters == fixed.clusters or 2 * target.size > self._budget:
            target.clear()
            target.draw_clusters(view, stations, fixed, moving, fixed.barrel_clusters, fixed.clusters)
            target.draw_clusters(view, stations, fixed, moving, fixed.moving_clusters, fixed.barrel_clusters)
            return
        key = (view, stations.key)
        kept = self._kept.pop(key, None)
        if kept is not None and kept.half_m == moving.barrel_m:
            target.load(kept.both)
        else:
            if kept is None:
                target.clear()
                target.draw_clusters(view, stations, fixed, moving, fixed.barrel_clusters, fixed.clusters)
                kept = _Kept(target.save(), [], moving.barrel_m)
            else:
                target.load(kept.shell)
            target.draw_clusters(view, stations, fixed, moving, fixed.moving_clusters, fixed.barrel_clusters)
            kept.both, kept.half_m = target.save(), moving.barrel_m
        self._kept[key] = kept
        total = self.size
        while total > self._budget and self._kept:
            total -= self._kept.popitem(last=False)[1].size
