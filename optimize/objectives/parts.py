"""Objectives that count parts: cameras, LEDs, their power."""

from __future__ import annotations

from optimize.constraints.power import led_power_mw
from optimize.objectives.objective import MINIMIZE, Objective

OBJECTIVES = {
    "cameras": Objective(
        "cameras", MINIMIZE, "", 1000.0, False, False, lambda layout: float(len(layout.headset.cameras))
    ),
    "leds": Objective("leds", MINIMIZE, "", 1000.0, False, False, lambda layout: float(len(layout.headset.leds))),
    "power_mw": Objective("power_mw", MINIMIZE, "mW", 1e6, False, False, lambda layout: led_power_mw(layout.headset)),
}


def parse(text: str, groups: tuple[str, ...]) -> Objective | None:
    """`cameras`, `leds` or `power_mw`; None for anything else."""
    return OBJECTIVES.get(text)


def names(groups: tuple[str, ...]) -> list[str]:
    """What may be asked for."""
    return list(OBJECTIVES)
