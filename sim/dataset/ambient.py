"""Ambient light of a wearing, drawn."""

from __future__ import annotations

import numpy as np

from sim.dataset.config import AmbientPart
from sim.render.ambient import Ambient

LEAST_UP = -0.2
"""Sun that leaks in comes from above, or from a little below the horizon of a bowed head; prior."""


def draw_ambient(rng: np.random.Generator, part: AmbientPart) -> Ambient | None:
    """None: it is dark."""
    lit, sunny, direction = rng.random(), rng.random(), _direction(rng)
    if lit >= part.share:
        return None
    even = Ambient.even(part.irradiance_w_m2.draw(rng)).radiance[0]
    # Order 1 (y, z, x): radiance = even · Y0 · (1 + uneven · cos) towards the brightest side.
    slope = even * (0.282095 / 0.488603) * part.uneven.draw(rng) * direction
    radiance = (even, float(slope[1]), float(slope[2]), float(slope[0]))
    sun = part.sun_w_m2.draw(rng) if sunny < part.sun_share else 0.0
    towards = _direction(rng)
    towards[1] = max(towards[1], LEAST_UP)
    towards[2] = abs(towards[2])  # from behind it would meet the head
    towards /= np.linalg.norm(towards)
    return Ambient(radiance, (float(towards[0]), float(towards[1]), float(towards[2])), sun)


def _direction(rng: np.random.Generator) -> np.ndarray:
    direction = rng.standard_normal(3)
    return np.asarray(direction / np.linalg.norm(direction))
