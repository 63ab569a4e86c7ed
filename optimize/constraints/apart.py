"""Parts of the same headset keep apart: modules and chips as balls."""

from __future__ import annotations

import numpy as np

from headsets.search import Limits
from optimize.constraints.candidate import CAMERA, MM, Candidate
from optimize.constraints.margin import Margin

NAME = "parts"


def apart(layout: Candidate, limits: Limits) -> Margin | None:
    """Distance of the two nearest parts less their radii, mm; None for a single part."""
    count = len(layout.names)
    if count < 2:
        return None
    radii = [0.5 * (limits.camera_diameter_mm if k == CAMERA else limits.led_diameter_mm) for k in layout.kinds]
    radius = np.array(radii)
    p = layout.positions / MM
    gap = np.linalg.norm(p[:, None] - p, axis=-1) - radius[:, None] - radius
    gap[np.arange(count), np.arange(count)] = np.inf
    i, j = divmod(int(gap.argmin()), count)
    return Margin(NAME, float(gap[i, j]), "mm", f"{layout.part(i)} and {layout.part(j)}")
