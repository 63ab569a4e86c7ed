"""Heads and headsets small enough for closed forms: a wall that comes nearer, an ellipsoid before few pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import RigidTransform

from faces.look import Look
from faces.mesh import HeadMesh
from headsets.donning import DonningDistribution
from headsets.headset import Camera, Headset, Led
from headsets.lenses import Pinhole
from sim.observability.parameters import State
from sim.render.settings import DIRECT
from sim.wearers import Wearer
from tests.render.render_scenes import camera, headset, led, plane

SMOOTH = replace(DIRECT, specular=False, sparse=False)
"""Light as closed forms have it."""
TRAVEL_M = 0.01
"""How far the wall comes nearer with its whole weight."""


@dataclass(frozen=True)
class WallIdentity:
    """There is one wall."""

    def describe(self) -> dict[str, object]:
        """Plain data."""
        return {"model": "wall"}


class Wall:
    """A grey Lambertian plane, z = weight · `TRAVEL_M`; fits `faces.protocol.HeadModel`."""

    name = "wall"
    expression_names = ("nearer",)
    peaks: Mapping[str, Mapping[str, float]] = {"neutral": {}, "near": {"nearer": 1.0}}
    albedo = 0.5

    def __init__(self) -> None:
        self._plane = plane(half=0.12, n=12, albedo=self.albedo)
        self.topology = self._plane.topology

    def neutral_identity(self) -> WallIdentity:
        """The wall."""
        return WallIdentity()

    def sample_identity(self, rng: np.random.Generator) -> WallIdentity:
        """The wall."""
        return WallIdentity()

    def blended(self, identity: WallIdentity, others: object, weights: object) -> WallIdentity:
        """The wall."""
        return identity

    def mesh(
        self, identity: WallIdentity, expression: object = None, gaze: object = None, look: Look | None = None
    ) -> HeadMesh:
        """See `faces.protocol.HeadModel.mesh`."""
        if isinstance(expression, Mapping):
            expression = np.array([expression.get("nearer", 0.0)])
        weights = np.zeros(1) if expression is None else np.asarray(expression, float)
        angles = np.zeros((2, 2)) if gaze is None else np.asarray(gaze, float)
        batch = np.broadcast_shapes(weights.shape[:-1], angles.shape[:-2])
        vertices = np.broadcast_to(self._plane.vertices, (*batch, *self._plane.vertices.shape)).copy()
        vertices[..., 2] += TRAVEL_M * np.broadcast_to(weights[..., 0], batch)[..., None]
        shape = (*batch, *self._plane.normals.shape)
        eyes = np.broadcast_to(np.eye(4), (*batch, 2, 4, 4))
        return replace(
            self._plane,
            vertices=vertices,
            normals=np.broadcast_to(self._plane.normals, shape),
            keypoints=np.zeros((*batch, 0, 3)),
            T_head_eye=eyes,
        )


def plain(view: Camera, exposure_us: float = 200.0) -> Camera:
    """A camera at a fixed exposure, without blur and glare."""
    sensor = replace(view.sensor, exposure_us=exposure_us, auto_exposure=None)
    optics = replace(view.optics, psf_sigma_px=1e-3, veiling_glare=0.0, vignetting=None, f_number=8.0)
    return replace(view, sensor=sensor, optics=optics)


def small_headset(cameras: list[Camera], leds: list[Led], donning: DonningDistribution | None = None) -> Headset:
    """A headset of these parts that sits always alike unless told otherwise."""
    return replace(headset(cameras, leds), donning=donning or DonningDistribution())


def wall_headset(power: float = 1.0, leds: int = 1) -> Headset:
    """One camera and LEDs before the wall."""
    view = plain(camera(Pinhole(40, 32, 60.0, 60.0, 19.5, 15.5), (0.0, 0.0, 0.06)))
    places = [(0.02, 0.0, 0.06), (-0.02, 0.01, 0.05)]
    return small_headset([view], [led(p, (p[0], p[1], 0.0), power=power, fwhm_nm=0.0) for p in places[:leds]])


class Hills(Wall):
    """The wall with three hills that rise by their weights: a surface without outlines, whose image is smooth."""

    name = "hills"
    expression_names = ("left", "right", "top")
    peaks: Mapping[str, Mapping[str, float]] = {"neutral": {}, "risen": dict.fromkeys(expression_names, 1.0)}
    places = ((0.008, -0.003), (-0.008, -0.002), (0.001, 0.009))
    height, width = 0.006, 0.007

    def __init__(self) -> None:
        self._plane = plane(half=0.06, n=60, albedo=self.albedo)
        self.topology = self._plane.topology
        x, y, _ = self._plane.vertices.T
        away = [np.stack([x - a, y - b], -1) for a, b in self.places]
        self._rise = np.stack([self.height * np.exp(-0.5 * (d**2).sum(-1) / self.width**2) for d in away])
        self._slope = np.stack([-d / self.width**2 * r[:, None] for d, r in zip(away, self._rise, strict=True)])

    def mesh(
        self, identity: WallIdentity, expression: object = None, gaze: object = None, look: Look | None = None
    ) -> HeadMesh:
        """See `faces.protocol.HeadModel.mesh`."""
        weights = np.zeros(3) if expression is None else np.asarray(expression, float)
        batch = weights.shape[:-1]
        vertices = np.broadcast_to(self._plane.vertices, (*batch, *self._plane.vertices.shape)).copy()
        vertices[..., 2] += weights @ self._rise
        slope = np.tensordot(weights, self._slope, 1)
        normals = np.concatenate([-slope, np.ones((*slope.shape[:-1], 1))], -1)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        eyes, none = np.broadcast_to(np.eye(4), (*batch, 2, 4, 4)), np.zeros((*batch, 0, 3))
        return replace(self._plane, vertices=vertices, normals=normals, keypoints=none, T_head_eye=eyes)


def hills_headset(size: int = 32, donning: DonningDistribution | None = None, power: float = 0.3) -> Headset:
    """Two cameras and two LEDs before the hills."""
    lens = Pinhole(size, size, 1.3 * size, 1.3 * size, (size - 1) / 2, (size - 1) / 2)
    views = [
        plain(camera(lens, (0.025, -0.01, 0.06), (0.002, 0.0, 0.0), "one")),
        plain(camera(lens, (-0.02, 0.02, 0.065), (-0.002, 0.002, 0.0), "two")),
    ]
    lights = [led((0.03, 0.01, 0.05), (0, 0, 0), power, fwhm_nm=0.0), led((-0.02, -0.03, 0.06), (0, 0, 0), power)]
    return small_headset(views, lights, donning)


def face_headset(
    size: int = 40, donning: DonningDistribution | None = None, power: float = 3.0, zoom: float = 1.0
) -> Headset:
    """Two cameras and two LEDs before the ellipsoid's mouth and eyes."""
    lens = Pinhole(size, size, zoom * size, zoom * size, (size - 1) / 2, (size - 1) / 2)
    views = [
        plain(camera(lens, (0.03, -0.06, 0.075), (0.0, -0.065, 0.0), "mouth")),
        plain(camera(lens, (-0.02, 0.03, 0.085), (0.0, -0.005, 0.0), "eyes")),
    ]
    lights = [led((0.035, -0.05, 0.075), (0.0, -0.06, 0.0), power), led((-0.03, 0.035, 0.08), (0.0, -0.01, 0.0), power)]
    return small_headset(views, lights, donning)


def state_of(head: object, weights: np.ndarray | list[float], T: RigidTransform | None = None) -> State:
    """The mean wearer with these weights, looking ahead."""
    wearer = Wearer(head.neutral_identity(), Look())  # type: ignore[attr-defined]
    still = RigidTransform.identity() if T is None else T
    return State(head, wearer, np.asarray(weights, float), np.zeros((2, 2)), still)  # type: ignore[arg-type]
