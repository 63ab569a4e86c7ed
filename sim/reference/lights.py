"""LEDs as Mitsuba emitters: spots whose texture is the angular profile.

A spot's texture lies on the plane that the axis meets at distance 1, and multiplies the intensity: with the picture of
f(atan(|p|)) any rotationally symmetric profile f is a spot. A plane ends before 90 degrees, here at 89: of an LED of
half angle 65 degrees 0.07 % of the light goes farther out. What an LED sends behind itself gets a spot of its own, so
that only a ring 2 degrees wide across the axis is dark.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Led
from headsets.leds.profile import AngularProfile
from sim.reference.variant import load_mitsuba

SMALLEST_CUTOFF, LARGEST_CUTOFF = np.deg2rad(5.0), np.deg2rad(89.0)
_LEAST = 1e-4  # of the axial intensity: a profile ends where it stays below
TEXELS = 3072
"""Across the texture. A Lambertian profile is then met within 1e-3 of the axial intensity; worst are half angles about
45 degrees, 7e-4, whose texture reaches to 89 degrees and has its texels 2 degrees apart in the middle."""
Textures = dict[tuple[Hashable, str], tuple[Any, float] | None]
"""By profile and side of the LED, see `_texture`."""


def spots(led: Led, channel: int, textures: Textures) -> dict[str, dict[str, Any]]:
    """Mitsuba emitters of one LED in one colour channel: "ahead", and "behind" where it also shines backwards.

    Args:
        led: its intensity and axis, device frame.
        channel: of its wavelength.
        textures: those made so far, and those added here: LEDs of equal profiles share theirs.
    """
    mi = load_mitsuba()
    rotation = led.T_device_led.rotation.as_matrix()
    found = {}
    for side, turn in (("ahead", np.eye(3)), ("behind", np.diag([1.0, -1.0, -1.0]))):
        key = (_key(led.profile), side)
        if key not in textures:
            textures[key] = _texture(led.profile, side == "behind")
        texture = textures[key]
        if texture is None:
            continue
        image, cutoff = texture
        to_world = np.eye(4)
        to_world[:3, :3], to_world[:3, 3] = rotation @ turn, led.position
        colour = [0.0, 0.0, 0.0]
        colour[channel] = led.radiant_intensity_w_sr
        found[side] = {
            "type": "spot",
            "to_world": mi.ScalarTransform4f(to_world),
            "intensity": {"type": "rgb", "value": colour},
            "cutoff_angle": float(np.rad2deg(cutoff)),
            "beam_width": float(np.rad2deg(cutoff)),
            "texture": image,
        }
    return found


def _key(profile: AngularProfile) -> Hashable:
    """Equal for equal profiles, if they can be compared; else each is its own."""
    try:
        hash(profile)
    except TypeError:
        return id(profile)  # it lives as long as the headset, longer than the textures are looked up
    return profile  # type: ignore[return-value]


def _texture(profile: AngularProfile, behind: bool) -> tuple[Any, float] | None:
    """Bitmap and half angle of the cone that it covers, rad; None where there is no light."""
    angles = np.linspace(0.0, LARGEST_CUTOFF, 891)  # 0.1 degrees apart
    relative = _relative(profile, angles, behind)
    lit = np.flatnonzero(relative > _LEAST)
    if not lit.size:
        return None
    cutoff = float(max(angles[min(lit[-1] + 1, len(angles) - 1)], SMALLEST_CUTOFF))
    # Places on the plane of the texels' centres, row and column alike: Mitsuba scales the plane by tan(cutoff).
    axis = ((np.arange(TEXELS) + 0.5) / TEXELS * 2 - 1) * np.tan(cutoff)
    radius = np.hypot(axis, axis[:, None])
    image = _relative(profile, np.arctan(radius), behind).astype(np.float32)
    mi = load_mitsuba()
    bitmap = {
        "type": "bitmap",
        "bitmap": mi.Bitmap(image[..., None]),
        "raw": True,
        "filter_type": "bilinear",
        "wrap_mode": "clamp",
    }
    return mi.load_dict(bitmap), cutoff


def _relative(profile: AngularProfile, theta: NDArray[np.float64], behind: bool) -> NDArray[np.float64]:
    """Relative intensity at angles from the axis, or from its opposite."""
    return np.asarray(profile.relative(np.pi - theta if behind else theta), dtype=np.float64)
