"""What a camera makes of each LED: LEDs that differ in spectrum or pulse, in as few renderings as possible.

A camera's signal is linear in every LED. LEDs whose light makes more electrons per joule than others', for their
wavelength, count as stronger ones in one rendering. Only LEDs with another pulse need a rendering of their own, since
the exposure decides how much of a pulse is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from headsets.headset import Camera, Headset
from sim.sensor.response import led_response


@dataclass(frozen=True)
class LightGroup:
    """LEDs with one pulse as one camera sees them.

    Attributes:
        pulse_us: how long they shine, from the start of the exposure.
        weights: (LED, response relative to `response`) of those that shine.
        response: electrons per joule of the most effective one.
    """

    pulse_us: float
    weights: tuple[tuple[str, float], ...]
    response: float

    def covers(self, headset: Headset) -> bool:
        """Whether the plain rendering of the headset is this group's."""
        shining = sum(led.radiant_intensity_w_sr > 0.0 for led in headset.leds.values())
        return len(self.weights) == shining and all(w == 1.0 for _, w in self.weights)

    def headset(self, headset: Headset) -> Headset:
        """The headset with this group's LEDs alone, each as strong as it counts."""
        weights = dict(self.weights)
        leds = {
            name: replace(led, radiant_intensity_w_sr=led.radiant_intensity_w_sr * weights.get(name, 0.0))
            for name, led in headset.leds.items()
        }
        return replace(headset, leds=leds)


def light_groups(headset: Headset, camera: Camera) -> tuple[LightGroup, ...]:
    """The groups of a camera, by pulse; none where no LED's light passes its filter."""
    responses: dict[float, dict[str, float]] = {}
    for name, led in headset.leds.items():
        if led.radiant_intensity_w_sr > 0.0:
            value = led_response(camera.sensor, camera.optics, led.wavelength_nm, led.fwhm_nm)
            responses.setdefault(led.pulse_us, {})[name] = value
    groups = []
    for pulse, values in sorted(responses.items()):
        most = max(values.values())
        if most > 0.0:
            groups.append(LightGroup(pulse, tuple((name, value / most) for name, value in values.items()), most))
    return tuple(groups)
