"""Where wearers' corneas are in every direction of gaze: what light on eyes is summed up over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.eyeball import CORNEA_APEX, CORNEA_ASPHERICITY, CORNEA_RADIUS, IRIS_RADIUS, gaze_rotation

AZIMUTHS_DEG = (-45.0, -22.5, 0.0, 22.5, 45.0)
ELEVATIONS_DEG = (-40.0, -20.0, 0.0, 17.5, 35.0)
"""Gaze directions looked at, both eyes alike: the range that eyes have, evenly covered."""
GAZES = len(AZIMUTHS_DEG) * len(ELEVATIONS_DEG)
RING = 8
"""Points round the edge of the cornea that are looked at besides its apex."""


def corneal_points() -> NDArray[np.float64]:
    """(1 + `RING`, 3) m: apex and edge of the cornea in an eye's own frame."""
    turn = np.arange(RING) * 2 * np.pi / RING
    root = np.sqrt(1 - (1 + CORNEA_ASPHERICITY) * (IRIS_RADIUS / CORNEA_RADIUS) ** 2)
    edge = CORNEA_APEX - IRIS_RADIUS**2 / (CORNEA_RADIUS * (1 + root))
    ring = np.stack([IRIS_RADIUS * np.cos(turn), IRIS_RADIUS * np.sin(turn), np.full(RING, edge)], axis=1)
    return np.concatenate([[[0.0, 0.0, CORNEA_APEX]], ring])


def corneas_of(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """(I, 2, G, K, 3) m, head frame: corneal points of left and right eye in every gaze.

    Args:
        centres: (I, 2, 3) m, head frame: rotation centres of left and right eye.
    """
    azimuth, elevation = np.meshgrid(AZIMUTHS_DEG, ELEVATIONS_DEG, indexing="ij")
    turns = gaze_rotation(np.deg2rad(np.stack([azimuth.ravel(), elevation.ravel()], axis=1)))
    turned = np.einsum("gij,kj->gki", turns, corneal_points())
    return np.asarray(centres[:, :, None, None] + turned)
