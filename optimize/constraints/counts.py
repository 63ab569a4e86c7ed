"""How many cameras and LEDs there may be."""

from __future__ import annotations

from headsets.search import SearchSpace
from optimize.constraints.candidate import CAMERA, LED, Candidate
from optimize.constraints.margin import Margin
from sim.counted import counted

NAME = "count"


def within_counts(layout: Candidate, search: SearchSpace) -> Margin:
    """The nearer of the limits on cameras and on LEDs."""
    margins = []
    for kind, allowed in ((CAMERA, search.cameras), (LED, search.leds)):
        count = layout.count(kind)
        margins.append(Margin(NAME, float(count - allowed.least), "count", f"at least {counted(allowed.least, kind)}"))
        if allowed.most is not None:
            margins.append(Margin(NAME, float(allowed.most - count), "count", f"at most {counted(allowed.most, kind)}"))
    return min(margins, key=lambda margin: margin.value)
