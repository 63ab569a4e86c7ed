"""How reflectance may vary over a face without the encoder knowing: a Gaussian field on the surface, in few modes.

The field is the logarithm of a factor on the light that skin gives back, so it acts on a pixel in proportion to its
light. Covariance: level² + variation² exp(−d²/2ℓ²), d the straight distance on the mean face. Its modes are those of
Nyström's method on some hundred points that lie far from each other (Williams and Seeger, NIPS 2000).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.mesh import Topology
from sim.observability.priors import Priors

LANDMARKS = 400
LABEL_OUTSIDE = "none"


def albedo_modes(topology: Topology, places: NDArray[np.floating], priors: Priors, count: int) -> NDArray[np.float32]:
    """(V, count) modes with coefficients of SD 1, the weightiest first; 0 where there is no face.

    Args:
        topology: of the head.
        places: (V, 3) m, the face on which distances are taken.
        priors: level, variation and length of the field.
        count: of modes.
    """
    out = np.zeros((len(places), count), np.float32)
    if LABEL_OUTSIDE in topology.region_labels:
        inside = topology.region_ids != topology.region_labels.index(LABEL_OUTSIDE)
    else:
        inside = np.ones(len(topology.triangles), bool)
    face = np.unique(topology.triangles[inside])
    points = np.asarray(places, float)[face]
    marks = points[spread_points(points, min(LANDMARKS, len(points)))]
    values, vectors = np.linalg.eigh(_covariance(marks, marks, priors))
    kept = np.argsort(values)[::-1][: min(count, len(marks))]
    kept = kept[values[kept] > 1e-9 * values.max(initial=1e-30)]
    out[face, : len(kept)] = _covariance(points, marks, priors) @ (vectors[:, kept] / np.sqrt(values[kept]))
    return out


def spread_points(points: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """(count,) indices of points (N, 3) such that each next one lies farthest from those before it."""
    chosen = np.zeros(count, np.intp)
    distance = np.full(len(points), np.inf)
    for i in range(1, count):
        distance = np.minimum(distance, ((points - points[chosen[i - 1]]) ** 2).sum(-1))
        chosen[i] = distance.argmax()
    return chosen


def _covariance(a: NDArray[np.float64], b: NDArray[np.float64], priors: Priors) -> NDArray[np.float64]:
    length = priors.albedo_length_mm * 1e-3
    square = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(priors.reflectance**2 + priors.albedo**2 * np.exp(-0.5 * square / length**2))
