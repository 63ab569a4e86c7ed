"""What the LEDs emit: optical power, averaged over their strobes."""

from __future__ import annotations

from headsets.headset import Headset
from headsets.leds.profile import flux_per_axial_intensity
from headsets.search import Limits
from optimize.constraints.margin import Margin

NAME = "led_power"


def led_power_mw(headset: Headset) -> float:
    """Mean radiant power of all LEDs together, mW: axial intensity x beam x duty cycle.

    Electrical power is this over the LEDs' wall-plug efficiency, which headset files do not state.
    """
    beams = {led.profile: flux_per_axial_intensity(led.profile) for led in headset.leds.values()}
    return sum(
        1e3 * led.radiant_intensity_w_sr * beams[led.profile] * led.pulse_us * led.rate_hz * 1e-6
        for led in headset.leds.values()
    )


def power_left(headset: Headset, limits: Limits) -> Margin | None:
    """What is left of the budget, mW; None without one."""
    if limits.led_power_mw is None:
        return None
    return Margin(NAME, limits.led_power_mw - led_power_mw(headset), "mW")
