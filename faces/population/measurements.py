"""Landmarks on MakeHuman's base mesh and the distances an anthropometrist takes between them.

Definitions follow the NIOSH head-and-face survey of 2003 (Zhuang & Bradtmiller, J. Occup. Environ. Hyg. 2(11), 2005).
Breadths that a caliper finds by sliding (bizygomatic, bigonial, nose, head) are maxima over a named set of vertices;
the others are fixed points. Vertex numbers are those of `base.obj` (hm08), on the wearer's left; the right-hand
partner is found by mirroring the template. Distances do not depend on where the origin is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.asset import HeadAsset

AXES = {"breadth": 0, "height": 1}

# Midline
SELLION, SUBNASALE, PRONASALE, MENTON = (132,), (343,), (5054,), (5296,)
GLABELLA = (220, 227, 234, 237)
OPISTHOCRANION = (941, 948, 955, 962, 969, 5368, 5379, 5389)
# Left side
CHEILION = (7182,)
ALARE = (7051, 7053, 7057, 7098, 7099, 7101, 7102, 11672, 11673)
NASAL_ROOT = (6898,)
ZYGION = (7036, 7037, 7038, 11707, 11795, 11798, 11801, 11806, 11812, 11813, 11814, 11844, 11845, 11846, 11854)
GONION = (7459, 7460, 7596, 7692)
FRONTOTEMPORALE, ZYGOFRONTALE = (6999,), (7031,)
CROWN = (879, 881, 882)
EURYON = (
    *(7565, 7568, 7569, 7577, 7660, 7671, 7673, 7674, 7675, 7680, 7682, 7683, 7701, 7702),
    *(11970, 11994, 11995, 11996, 11998, 11999, 12000, 12002, 12003),
)
ENDOCANTHION, EXOCANTHION = (6853,), (6805,)
UPPER_LID, LOWER_LID = (6785,), (6828,)
EYE_CENTRE = (-1,)
"""Not a vertex: the eyeball's centre, which carries the pupil of a wearer who looks straight ahead."""


@dataclass(frozen=True)
class Measurement:
    """One distance.

    Attributes:
        name: as in the NIOSH table, where NIOSH has it.
        kind: "distance" between two points; "breadth": their difference along x; "height": along y.
        a, b: candidate vertices at either end, of which those farthest apart count; where there is no `b` it is the
            mirror image of `a`.
    """

    name: str
    kind: str
    a: tuple[int, ...]
    b: tuple[int, ...] = ()


MEASUREMENTS = (
    Measurement("bizygomatic_breadth", "breadth", ZYGION),
    Measurement("menton_sellion", "distance", MENTON, SELLION),
    Measurement("subnasale_sellion", "distance", SUBNASALE, SELLION),
    Measurement("lip_length", "breadth", CHEILION),
    Measurement("nose_breadth", "breadth", ALARE),
    Measurement("nose_protrusion", "distance", PRONASALE, SUBNASALE),
    Measurement("head_breadth", "breadth", EURYON),
    Measurement("interpupillary_distance", "breadth", EYE_CENTRE),
    Measurement("nasal_root_breadth", "breadth", NASAL_ROOT),
    Measurement("bigonial_breadth", "breadth", GONION),
    Measurement("min_frontal_breadth", "breadth", FRONTOTEMPORALE),
    Measurement("max_frontal_breadth", "breadth", ZYGOFRONTALE),
    Measurement("head_length", "distance", GLABELLA, OPISTHOCRANION),
    Measurement("eye_fissure_length", "distance", ENDOCANTHION, EXOCANTHION),
    Measurement("eye_fissure_height", "distance", UPPER_LID, LOWER_LID),
    Measurement("eye_intercanthal", "breadth", ENDOCANTHION),
    Measurement("sellion_crown", "height", CROWN, SELLION),
    Measurement("nose_tip_height", "height", PRONASALE, SUBNASALE),
)
"""The first eight are the listed ones of the population table; the next five shape the face;
NIOSH did not take the last five."""

LISTED = tuple(m.name for m in MEASUREMENTS[:8])
NIOSH = tuple(m.name for m in MEASUREMENTS[:13])
NAMES = tuple(m.name for m in MEASUREMENTS)


class Caliper:
    """Measures faces of one head asset.

    Attributes:
        vertices: (L,) the coarse vertices that any measurement touches. The measured "points" are these and, behind
            them, the left and the right eyeball's centre: P = L + 2.
    """

    def __init__(self, asset: HeadAsset) -> None:
        """Raises HeadDataError where the asset lacks a landmark vertex."""
        ends: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        for m in MEASUREMENTS:
            if m.a == EYE_CENTRE:
                ends.append((np.array([len(asset.template)]), np.array([len(asset.template) + 1])))
                continue
            a = np.array([asset.coarse_index(v) for v in m.a], np.intp)
            b = np.array([asset.coarse_index(v) for v in m.b], np.intp) if m.b else asset.mirror[a].astype(np.intp)
            ends.append((a, b))
        used = np.unique(np.concatenate([v for pair in ends for v in pair]))
        self.vertices = used[:-2]
        self._ends = [(np.searchsorted(used, a), np.searchsorted(used, b)) for a, b in ends]

    def measure(self, vertices: NDArray[np.floating], eye_centres: NDArray[np.floating]) -> NDArray[np.float64]:
        """Measure faces.

        Args:
            vertices: (*batch, V0, 3) m, coarse vertices of neutral faces.
            eye_centres: (*batch, 2, 3) m, left and right.

        Returns:
            (*batch, M) mm, in the order of `NAMES`.
        """
        points = np.concatenate([np.asarray(vertices, float)[..., self.vertices, :], eye_centres], axis=-2)
        flat = points.reshape(-1, *points.shape[-2:])
        return self.measure_points(flat)[0].reshape(*points.shape[:-2], len(NAMES))

    def measure_points(
        self, points: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
        """Distances and what they hang on.

        Args:
            points: (N, P, 3) m.

        Returns:
            (N, M) mm; the two points at the ends of each (N, M, 2); and the unit vectors from the second to the first
            (N, M, 3), which are the distance's gradient with respect to the first, and minus that to the second.
        """
        n, m = len(points), len(MEASUREMENTS)
        values, ends, units = np.empty((n, m)), np.empty((n, m, 2), np.intp), np.zeros((n, m, 3))
        rows = np.arange(n)
        for k, (kind, (a, b)) in enumerate(zip((m.kind for m in MEASUREMENTS), self._ends, strict=True)):
            if kind in AXES:
                axis = AXES[kind]
                i, j = points[:, a, axis].argmax(1), points[:, b, axis].argmin(1)
                values[:, k] = points[rows, a[i], axis] - points[rows, b[j], axis]
                units[:, k, axis] = 1.0
            else:
                apart = points[:, a, None] - points[:, None, b]
                lengths = np.linalg.norm(apart, axis=-1).reshape(n, -1)
                i, j = np.divmod(lengths.argmax(1), len(b))
                values[:, k] = lengths.max(1)
                units[:, k] = apart[rows, i, j] / values[:, k, None]
            ends[:, k, 0], ends[:, k, 1] = a[i], b[j]
        return values * 1e3, ends, units
