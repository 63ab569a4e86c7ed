"""Specular constants of the head's materials for the kernels; the numbers are those of `faces.materials`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

T = {  # name: F0, alpha, two_sided
    "skin": (0.028, 0.35, 0), "lips": (0.028, 0.25, 0), "sclera": (0.02, 0.08, 0), "iris": (0.02, 0.08, 0),
    "pupil": (0.02, 0.08, 0), "teeth": (0.04, 0.15, 0), "gums": (0.028, 0.2, 0), "tongue": (0.028, 0.2, 0),
    "mouth_interior": (0.028, 0.3, 0), "lash": (0.046, 0.3, 1), "caruncle": (0.028, 0.15, 0), "brow": (0.028, 0.4, 1)}


def material_table(names: tuple[str, ...]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    rows = [T[n] for n in names]
    return np.array([(f, a, 0) for f, a, _ in rows], np.float32), np.array([s for *_, s in rows], np.uint8)
