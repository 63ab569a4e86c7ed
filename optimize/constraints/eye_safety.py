"""Infrared light on the wearers' eyes within a share of IEC 62471's exempt limits, over wearers, donnings and gaze.

The same sums as `hmcsim safety`, over fewer wearers and donnings: check the layout that is chosen with that.
"""

from __future__ import annotations

import numpy as np

from headsets.eye_safety import corneal_limit, led_exposures
from headsets.headset import Headset
from headsets.search import Limits
from optimize.constraints.margin import Margin
from optimize.constraints.worn_faces import WornFaces

NAME = "eye_safety"


def exempt_share(headset: Headset, faces: WornFaces, stuck_on: bool) -> float:
    """The largest share of any exempt limit, cornea, retina or single flash, over the faces' corneas; 0 without LEDs.

    Raises:
        HeadsetError: an LED whose wavelength the limits do not cover.
    """
    leds = tuple(headset.leds.values())
    if not leds:
        return 0.0
    count = len(faces.corneas)
    T = faces.device_head[:count]
    placed = np.einsum("idab,iegkb->idegka", T[..., :3, :3], faces.corneas) + T[:, :, None, None, None, :3, 3]
    exposures = led_exposures(leds, placed.reshape(-1, 3))
    shares = [
        exposures.corneal_irradiance(stuck_on).max() / corneal_limit(),
        exposures.grouped(exposures.retinal_shares(stuck_on)).max(),
    ]
    if not stuck_on:
        shares.append(exposures.grouped(exposures.pulse_shares()).max())
    return float(max(shares))


def eyes_left(headset: Headset, faces: WornFaces, limits: Limits) -> Margin:
    """Allowed share less the largest one."""
    return Margin(NAME, limits.eye_safety_share - exempt_share(headset, faces, limits.stuck_on), "share")
