"""Degrees of freedom in which a headset as built and worn differs from its file, and by how much.

Donning spreads are the file's; so are camera placement and LED bins where it states them. The rest are priors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headsets.headset import Camera, Headset, Tolerance

PRIOR_PLACEMENT = Tolerance(position_m=0.15e-3, rotation_rad=float(np.deg2rad(0.5)))
"""Prior for cameras without `tolerance`: a glued module on a moulded seat, one SD per axis."""
FOCAL_SD = 0.01
"""Prior: focal lengths of small moulded lenses, one SD, relative."""
POWER_SD = 0.05
"""Prior: current source and temperature, common to all LEDs, one SD, relative."""
DONNING, CAMERA, LED = "donning", "camera", "led"
REACHES = {"mm": 8.0, "deg": 12.0, "%": 20.0}
"""How far sweeps go where the spread is small; never less than twice the spread."""


@dataclass(frozen=True)
class Freedom:
    """One degree of freedom; cameras have theirs in their own frames, all cameras in the same one at once.

    Attributes:
        kind: `DONNING`, `CAMERA` or `LED`.
        key: such as "donning.up".
        name: for people; turns name their axis.
        direction: what a positive value does, for people (right-handed turns; frames of docs/conventions.md).
        unit: "mm", "deg", "%" or "×" (brightest over dimmest).
        spread: one SD, in the unit; for bins the spread itself.
        source: "file" or "prior".
        one_sided: only values above the neutral one make sense.
    """

    kind: str
    key: str
    name: str
    unit: str
    spread: float
    source: str
    direction: str = ""
    one_sided: bool = False

    @property
    def neutral(self) -> float:
        """The value at which nothing differs."""
        return 1.0 if self.unit == "×" else 0.0


_DONNING = (
    ("lateral", "sideways", "mm", "the head sits farther to the wearer's left in the headset"),
    ("up", "up and down", "mm", "the head sits higher: the headset is worn too low"),
    ("depth", "near and far", "mm", "the head sits nearer to the headset"),
    ("pitch", "pitch (about x)", "deg", "the head nods down in the headset"),
    ("yaw", "yaw (about y)", "deg", "the head turns to the wearer's left in the headset"),
    ("roll", "roll (about z)", "deg", "the head leans to the wearer's right in the headset"),
)
_CAMERA = (
    ("x", "cameras right in the image", "mm", "to the right in its own image"),
    ("y", "cameras down in the image", "mm", "down in its own image"),
    ("z", "cameras along the axis", "mm", "forward along its own optical axis"),
    ("turn_x", "camera tilt (about x)", "deg", "the camera looks higher in its own image"),
    ("turn_y", "camera pan (about y)", "deg", "the camera looks farther right in its own image"),
    ("turn_z", "camera roll (about z)", "deg", "the camera turns clockwise, seen from behind it"),
    ("focal", "focal length", "%", "longer, with the same pupil: the image grows and darkens"),
)
DONNING_KEYS = tuple(f"donning.{key}" for key, *_ in _DONNING)
CAMERA_KEYS = tuple(f"camera.{key}" for key, *_ in _CAMERA)
POWER, BIN = "led.power", "led.bin"


def placement(camera: Camera) -> Tolerance:
    """Of the file, or the prior."""
    return camera.tolerance or PRIOR_PLACEMENT


def geometric_freedoms(headset: Headset) -> tuple[Freedom, ...]:
    """Donning and cameras. A camera freedom's spread is the mean over cameras; draws use each one's own."""
    sitting = headset.donning
    spreads = (sitting.lateral_m, sitting.up_m, sitting.depth_m, sitting.pitch_rad, sitting.yaw_rad, sitting.roll_rad)
    out = [
        Freedom(DONNING, f"donning.{key}", f"headset {name}", unit, _in(unit, spread), "file", direction)
        for (key, name, unit, direction), spread in zip(_DONNING, spreads, strict=True)
    ]
    own = [placement(camera) for camera in headset.cameras.values()]
    source = "file" if all(camera.tolerance for camera in headset.cameras.values()) else "prior"
    means = {
        "mm": 1e3 * float(np.mean([t.position_m for t in own])),
        "deg": float(np.rad2deg(np.mean([t.rotation_rad for t in own]))),
        "%": 100 * FOCAL_SD,
    }
    for key, name, unit, direction in _CAMERA:
        stated = "prior" if unit == "%" else source
        out.append(Freedom(CAMERA, f"camera.{key}", name, unit, means[unit], stated, direction))
    return tuple(out)


def led_freedoms(headset: Headset) -> tuple[Freedom, ...]:
    """Power of all LEDs together, and how far their bins spread; none without LEDs."""
    if not headset.leds:
        return ()
    bins = float(np.mean([led.bin_spread for led in headset.leds.values()]))
    return (
        Freedom(LED, POWER, "LED power, all", "%", 100 * POWER_SD, "prior", "brighter"),
        Freedom(LED, BIN, "LED bins, brightest over dimmest", "×", bins, "file", "wider", one_sided=True),
    )


def grid(freedom: Freedom, steps: int) -> np.ndarray:
    """Values of a sweep, the neutral one left out: on both sides, even in the logarithm, the spread among them."""
    if freedom.unit == "×":
        return np.unique(
            [*np.geomspace(1.25, max(4.0, freedom.spread), steps), *([freedom.spread] * (freedom.spread > 1))]
        )
    reach = max(REACHES[freedom.unit], 2.0 * freedom.spread)
    values = np.unique(
        [*np.geomspace(reach / 1.8 ** (steps - 1), reach, steps), *([freedom.spread] if freedom.spread else [])]
    )
    return np.concatenate([-values[::-1], values])


def _in(unit: str, value: float) -> float:
    return 1e3 * value if unit == "mm" else float(np.rad2deg(value))
