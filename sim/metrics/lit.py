"""Whether a headset shines at all: what is recorded without light says nothing, after minutes."""

from __future__ import annotations

from collections.abc import Iterable

from headsets.headset import Headset
from sim.errors import SimError


def check_lit(headsets: Iterable[Headset], what: str) -> None:
    """Refuse headsets none of whose LEDs shines.

    Args:
        what: is asked for, such as "signal scores".

    Raises:
        SimError: there is one; the message names it.
    """
    for headset in headsets:
        if not any(led.radiant_intensity_w_sr > 0.0 for led in headset.leds.values()):
            got = "LEDs whose current is 0" if headset.leds else "none"
            raise SimError(f"`leds` must shine for {what}, got {got} (headset {headset.name!r})")
