"""A second, analytic head model: an ellipsoid that smiles. It exercises the protocol and gives closed-form geometry.

Its surface is x = a sin(t) sin(p), y = b cos(t), z = c sin(t) cos(p) about a centre behind the eyes, so areas, normals
and visibility of the neutral head are known exactly. Identities scale the three semi-axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError, UnknownExpressionError
from faces.look import Look
from faces.materials import MATERIAL_NAMES
from faces.mesh import HeadMesh, Topology
from faces.regions import REGION_LABELS, REGIONS

SEMI_AXES = np.array([0.072, 0.110, 0.090])
CENTRE = np.array([0.0, -0.020, -0.078])  # of the ellipsoid in the head frame
EYE = np.array([0.031, 0.0, 0.0])
ROWS, COLUMNS = 48, 64
EXPRESSIONS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp")


@dataclass(frozen=True)
class EllipsoidIdentity:
    """Semi-axes of one wearer, m."""

    semi_axes: tuple[float, float, float]

    def describe(self) -> dict[str, object]:
        """Plain data."""
        return {"model": "ellipsoid", "semi_axes_m": list(self.semi_axes)}


class EllipsoidHead:
    """Fits `faces.protocol.HeadModel`."""

    name = "ellipsoid"
    expression_names = EXPRESSIONS
    peaks: Mapping[str, Mapping[str, float]] = {
        "neutral": {},
        "jaw_drop": {"jawOpen": 1.0},
        "smile": {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0},
        "closed_eyes": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
        "brows_up": {"browInnerUp": 1.0},
    }

    def __init__(self) -> None:
        self._unit, triangles = _sphere(ROWS, COLUMNS)
        shape = self._unit * SEMI_AXES + CENTRE
        centroids = shape[triangles].mean(axis=1)
        labels = np.array([_label(c) for c in centroids])
        names, index = _keypoints(shape)
        self._keypoint_vertices = index
        groups = {
            region: tuple(k for k, name in enumerate(names) if name.startswith(prefixes))
            for region, prefixes in {
                "eye_left": ("eye_left", "brow_left"),
                "eye_right": ("eye_right", "brow_right"),
                "glabella": ("glabella",),
                "mouth": ("mouth",),
                "lips": ("mouth",),
                "nose": ("nose",),
                "cheeks": ("cheek",),
                "chin": ("chin",),
                "forehead": ("forehead",),
            }.items()
        }
        azimuth = np.arctan2(self._unit[:, 0], self._unit[:, 2])
        self.topology = Topology(
            triangles=triangles,
            uv=np.stack([azimuth / (2 * np.pi) + 0.5, self._unit[:, 1] / 2 + 0.5], axis=1).astype(np.float32),
            region_ids=np.array([REGION_LABELS.index(label) for label in labels], np.int32),
            region_labels=REGION_LABELS,
            regions=REGIONS,
            material_ids=np.full(len(triangles), MATERIAL_NAMES.index("skin"), np.int32),
            material_names=MATERIAL_NAMES,
            keypoint_names=names,
            region_keypoints=groups,
            mirror=_mirror(self._unit),
        )
        self._basis = np.stack([_action(name, shape) for name in EXPRESSIONS])

    def neutral_identity(self) -> EllipsoidIdentity:
        """The mean wearer."""
        return EllipsoidIdentity(tuple(SEMI_AXES.tolist()))

    def sample_identity(self, rng: np.random.Generator) -> EllipsoidIdentity:
        """Semi-axes with 4 % spread."""
        return EllipsoidIdentity(tuple((SEMI_AXES * rng.normal(1.0, 0.04, 3).clip(0.9, 1.1)).tolist()))

    def blended(
        self, identity: EllipsoidIdentity, others: Sequence[EllipsoidIdentity], weights: NDArray[np.floating]
    ) -> EllipsoidIdentity:
        """Semi-axes are added up."""
        steps = [w * (np.array(o.semi_axes) - SEMI_AXES) for w, o in zip(weights, others, strict=True)]
        return EllipsoidIdentity(tuple((np.array(identity.semi_axes) + np.sum(steps, axis=0)).tolist()))

    def mesh(
        self,
        identity: EllipsoidIdentity,
        expression: Mapping[str, float] | NDArray[np.floating] | Sequence[Mapping[str, float]] | None = None,
        gaze: NDArray[np.floating] | None = None,
        look: Look | None = None,
    ) -> HeadMesh:
        """See `faces.protocol.HeadModel.mesh`."""
        weights = _weights(expression)
        angles = np.zeros(2) if gaze is None else np.asarray(gaze, float)
        if not np.isfinite(angles).all() or (np.abs(angles) > np.pi / 4).any():
            raise FaceError(f"`|gaze| <= pi/4` must hold, got {angles}")
        angles = np.broadcast_to(angles, (2, 2)) if angles.ndim == 1 else angles
        batch = np.broadcast_shapes(weights.shape[:-1], angles.shape[:-2])
        weights = np.broadcast_to(weights, (*batch, weights.shape[-1]))
        angles = np.broadcast_to(angles, (*batch, 2, 2))
        neutral = self._unit * np.array(identity.semi_axes) + CENTRE
        vertices = neutral + np.tensordot(weights, self._basis, axes=1)
        eyes = np.broadcast_to(np.eye(4), (*batch, 2, 4, 4)).copy()
        azimuth, elevation = angles[..., 0], angles[..., 1]
        axis = np.stack(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], axis=-1
        )
        right = np.stack([np.cos(azimuth), np.zeros_like(azimuth), -np.sin(azimuth)], axis=-1)
        eyes[..., :3, 0], eyes[..., :3, 1], eyes[..., :3, 2] = right, np.cross(axis, right), axis
        eyes[..., 0, :3, 3], eyes[..., 1, :3, 3] = EYE, EYE * [-1, 1, 1]
        albedo = np.full((2, len(neutral)), 0.55, np.float32)
        normals = _normals(vertices, self.topology.triangles)
        keypoints = vertices[..., self._keypoint_vertices, :]
        return HeadMesh(self.topology, vertices, normals, keypoints, eyes, albedo, look or Look())


def _weights(expression: object) -> NDArray[np.float64]:
    if expression is None:
        return np.zeros(len(EXPRESSIONS))
    if isinstance(expression, Mapping):
        unknown = [name for name in expression if name not in EXPRESSIONS]
        if unknown:
            raise UnknownExpressionError(f"unknown expression {unknown[0]!r}. Expressions: {', '.join(EXPRESSIONS)}")
        weights = np.array([float(expression.get(name, 0.0)) for name in EXPRESSIONS])
    elif isinstance(expression, np.ndarray):
        weights = expression.astype(float)
    else:
        assert isinstance(expression, Sequence)
        weights = np.stack([_weights(one) for one in expression])
    if weights.shape[-1:] != (len(EXPRESSIONS),) or not ((weights >= 0) & (weights <= 1)).all():
        raise FaceError(f"{len(EXPRESSIONS)} weights in [0, 1] must be given, got {weights}")
    return weights


def _sphere(rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Unit sphere with poles up and down; columns start at the back so that the mesh is mirror symmetric."""
    polar = np.linspace(0, np.pi, rows + 1)[1:-1, None]
    around = np.linspace(-np.pi, np.pi, columns, endpoint=False)[None]
    ring = np.stack([np.sin(polar) * np.sin(around), np.cos(polar) + 0 * around, np.sin(polar) * np.cos(around)], -1)
    points = np.concatenate([ring.reshape(-1, 3), [[0, 1, 0], [0, -1, 0]]])
    north, south = len(points) - 2, len(points) - 1
    triangles = []
    for c in range(columns):
        d = (c + 1) % columns
        triangles += [(north, c, d), (south, (rows - 2) * columns + d, (rows - 2) * columns + c)]
        for r in range(rows - 2):
            a, b, e, f = r * columns + c, r * columns + d, (r + 1) * columns + c, (r + 1) * columns + d
            triangles += [(a, e, f), (a, f, b)] if c < columns // 2 else [(a, e, b), (e, f, b)]
    return points, np.array(triangles, np.int32)


def _mirror(unit: NDArray[np.float64]) -> NDArray[np.int32]:
    from scipy.spatial import cKDTree

    return cKDTree(unit).query(unit * [-1, 1, 1])[1].astype(np.int32)


def _label(point: NDArray[np.float64]) -> str:
    x, y, z = point
    if z < -0.045 or y > 0.075:
        return "none"
    side = "left" if x > 0 else "right"
    if y > 0.030:
        return "forehead"
    if y > -0.014:
        if abs(x) < 0.012:
            return "glabella"
        if abs(x) > 0.052:
            return "none"
        return (
            f"brow_{side}"
            if y > 0.018
            else (f"lids_{side}" if np.hypot(abs(x) - 0.031, y) < 0.012 else f"orbit_{side}")
        )
    if abs(x) < 0.016 and y > -0.052:
        return "nose"
    if abs(x) < 0.026 and -0.078 < y < -0.062:
        return "lip_upper" if y > -0.070 else "lip_lower"
    if abs(x) < 0.035 and -0.088 < y < -0.050:
        return "perioral"
    if abs(x) < 0.03 and y < -0.088:
        return "chin"
    return f"cheek_{side}" if y > -0.075 else "jaw"


def _keypoints(shape: NDArray[np.float64]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    wanted = {
        "glabella_top": (0, 0.026),
        "glabella_low": (0, 0.010),
        "nose_top": (0, -0.016),
        "nose_tip": (0, -0.044),
        "mouth_top": (0, -0.063),
        "mouth_bottom": (0, -0.077),
        "chin_centre": (0, -0.095),
        "forehead_centre": (0, 0.05),
    }
    for side, s in (("left", 1.0), ("right", -1.0)):
        wanted |= {
            f"eye_{side}_inner": (s * 0.020, 0.0),
            f"eye_{side}_outer": (s * 0.043, 0.0),
            f"eye_{side}_upper": (s * 0.031, 0.006),
            f"eye_{side}_lower": (s * 0.031, -0.006),
            f"brow_{side}_middle": (s * 0.031, 0.024),
            f"mouth_{side}_corner": (s * 0.025, -0.070),
            f"cheek_{side}_centre": (s * 0.045, -0.045),
        }
    front = shape[:, 2] > CENTRE[2]
    index = [int(np.argmin(np.hypot(shape[:, 0] - x, shape[:, 1] - y) + 1e3 * ~front)) for x, y in wanted.values()]
    return tuple(wanted), np.array(index)


def _action(name: str, shape: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = shape.T
    front = 1 / (1 + np.exp(-(z - CENTRE[2]) / 0.01))
    bump = {
        "jawOpen": ((0.0, -0.095), 0.030, (0.0, -0.025, -0.006)),
        "mouthSmileLeft": ((0.025, -0.070), 0.016, (0.010, 0.008, -0.003)),
        "mouthSmileRight": ((-0.025, -0.070), 0.016, (-0.010, 0.008, -0.003)),
        "eyeBlinkLeft": ((0.031, 0.004), 0.008, (0.0, -0.008, 0.001)),
        "eyeBlinkRight": ((-0.031, 0.004), 0.008, (0.0, -0.008, 0.001)),
        "browInnerUp": ((0.0, 0.026), 0.020, (0.0, 0.007, 0.001)),
    }
    (cx, cy), width, move = bump[name]
    weight = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2)) * front
    return weight[:, None] * np.array(move)


def _normals(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    a, b, c = (vertices[..., triangles[:, k], :] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, (..., triangles[:, k], slice(None)), face)
    return total / np.linalg.norm(total, axis=-1, keepdims=True)
