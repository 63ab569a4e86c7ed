"""How many cameras and LEDs there may be."""

from __future__ import annotations

from headsets.search import SearchSpace
from optimize.constraints.candidate import CAMERA, LED, Candidate
from optimize.constraints.margin import Margin

NAME = "count"


def within_counts(layout: Candidate, search: SearchSpace) -> Margin:
    """The nearer of the limits on cameras and on LEDs."""
    margins = []
    for kind, plural, allowed in ((CAMERA, "cameras", search.cameras), (LED, "LEDs", search.leds)):
        count = layout.count(kind)
        margins.append(Margin(NAME, float(count - allowed.least), "count", f"at least {allowed.least} {plural}"))
        if allowed.most is not None:
            margins.append(Margin(NAME, float(allowed.most - count), "count", f"at most {allowed.most} {plural}"))
    return min(margins, key=lambda margin: margin.value)
