"""Headsets as built and worn, many at once: arrays of what differs, and the rig that scores them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.donning import DonningDistribution
from headsets.headset import Camera, Headset
from headsets.mirror import mirrored_pose
from sim.drive import Drive, driven
from sim.metrics.config import ScoreConfig
from sim.metrics.rig import Rig, build_rig
from sim.tolerance.freedoms import (
    BIN,
    CAMERA_KEYS,
    DONNING_KEYS,
    FOCAL_SD,
    POWER,
    POWER_SD,
    Freedom,
    placement,
)

SAME_M, SAME_RAD = 1e-3, np.deg2rad(1.0)
"""What two sides of a symmetric headset may differ by, as drawn [prior]."""
MIRRORED = ("camera.x", "camera.turn_y", "camera.turn_z")
"""What changes its sign in a mirror that turns a camera's x about."""


@dataclass(frozen=True, eq=False)
class Variants:
    """K variants of a headset with C cameras and L LEDs.

    Attributes:
        donning: (K, 6) lateral, up, depth, m; pitch, yaw, roll, rad: of T_device_head.
        cameras: (K, C, 6) shifts along x, y, z, m, and turns about x, y, z, rad, in the camera's own frame.
        focal: (K, C) of the focal length, over the file's; the pupil stays (`built`).
        leds: (K, L) of the radiant intensity, over the file's.
    """

    donning: NDArray[np.float64]
    cameras: NDArray[np.float64]
    focal: NDArray[np.float64]
    leds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.donning)

    def __getitem__(self, chosen: slice | NDArray) -> Variants:
        return Variants(self.donning[chosen], self.cameras[chosen], self.focal[chosen], self.leds[chosen])

    @property
    def T_device_head(self) -> RigidTransform:
        """(K) poses of the head."""
        return RigidTransform.from_components(self.donning[:, :3], Rotation.from_euler("xyz", self.donning[:, 3:]))

    def T_camera_camera(self, camera: int) -> RigidTransform:
        """(K) from where the camera is to where the file has it, in its own frame there."""
        moved = self.cameras[:, camera]
        return RigidTransform.from_components(moved[:, :3], Rotation.from_rotvec(moved[:, 3:]))


def nominal(headset: Headset, count: int = 1) -> Variants:
    """As the file has it, worn nominally."""
    cameras, leds = len(headset.cameras), len(headset.leds)
    return Variants(
        np.zeros((count, 6)), np.zeros((count, cameras, 6)), np.ones((count, cameras)), np.ones((count, leds))
    )


def joined(parts: list[Variants]) -> Variants:
    """Several after one another."""
    names = ("donning", "cameras", "focal", "leds")
    return Variants(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def swept(headset: Headset, freedom: Freedom, values: NDArray[np.float64], rng: np.random.Generator) -> Variants:
    """One variant a value of one degree of freedom; all cameras move alike, each in its own frame, and those that are
    an earlier one's mirror image as such, so that what one side loses the other does not win.

    Args:
        rng: places of the LEDs in their bins, the same for every value (common random numbers).
    """
    out = nominal(headset, len(values))
    if freedom.key in DONNING_KEYS:
        out.donning[:, DONNING_KEYS.index(freedom.key)] = _si(freedom.unit, values)
    elif freedom.key == "camera.focal":
        out.focal[:] = 1.0 + values[:, None] / 100
    elif freedom.key in CAMERA_KEYS:
        sides = np.where(freedom.key in MIRRORED, _sides(list(headset.cameras.values())), 1.0)
        out.cameras[:, :, CAMERA_KEYS.index(freedom.key)] = _si(freedom.unit, values)[:, None] * sides
    elif freedom.key == POWER:
        out.leds[:] = 1.0 + values[:, None] / 100
    elif freedom.key == BIN:
        out.leds[:] = values[:, None] ** rng.uniform(-0.5, 0.5, out.leds.shape[1])
    return out


def _sides(cameras: Sequence[Camera]) -> NDArray[np.float64]:
    """(C,) -1 for cameras that stand as an earlier one's mirror image, by name or by pose; +1 for the others."""
    sides = np.ones(len(cameras))
    for k, camera in enumerate(cameras):
        there = mirrored_pose(camera.T_device_camera)
        for earlier in cameras[:k]:
            off = earlier.T_device_camera.inv() * there
            if np.linalg.norm(off.translation) < SAME_M and off.rotation.magnitude() < SAME_RAD:
                sides[k] = -1.0
    return sides


def drawn(headset: Headset, count: int, rng: np.random.Generator) -> Variants:
    """Random headsets off the line, worn at random: normal, but for bins, which are even in the logarithm.

    Every camera and every LED has draws of its own; power and donning are common.
    """
    out = nominal(headset, count)
    sitting = headset.donning
    spreads = (sitting.lateral_m, sitting.up_m, sitting.depth_m, sitting.pitch_rad, sitting.yaw_rad, sitting.roll_rad)
    out.donning[:] = rng.standard_normal((count, 6)) * spreads
    for c, camera in enumerate(headset.cameras.values()):
        own = placement(camera)
        draws = rng.standard_normal((count, 7))
        out.cameras[:, c] = draws[:, :6] * ([own.position_m] * 3 + [own.rotation_rad] * 3)
        out.focal[:, c] = np.clip(1.0 + FOCAL_SD * draws[:, 6], 0.5, 2.0)
    power = np.clip(1.0 + POWER_SD * rng.standard_normal((count, 1)), 0.0, None)
    for k, led in enumerate(headset.leds.values()):
        out.leds[:, k] = led.bin_spread ** rng.uniform(-0.5, 0.5, count)
    out.leds[:] *= power
    return out


def variant_rig(headset: Headset, variants: Variants, config: ScoreConfig) -> Rig:
    """The rig whose "donnings" are the variants, the same for every wearer."""
    rig = build_rig(headset, replace(config, donnings=1))
    device_head = np.broadcast_to(variants.T_device_head.as_matrix(), (config.identities, len(variants), 4, 4))
    cameras = tuple(
        replace(
            camera,
            T_device_camera=camera.T_device_camera @ variants.T_camera_camera(c).as_matrix(),
            magnification=variants.focal[:, c],
        )
        for c, camera in enumerate(rig.cameras)
    )
    return replace(rig, cameras=cameras, device_head=device_head)


@dataclass(frozen=True)
class WornSo(DonningDistribution):
    """Always one pose: T_device_head, (4, 4) row by row."""

    pose: tuple[float, ...] = tuple(np.eye(4).ravel())

    def __post_init__(self) -> None:
        """The pose is what a variant made; nothing to check."""

    def sample(self, rng: np.random.Generator, n: int) -> RigidTransform:
        """The pose, n times."""
        return RigidTransform.from_matrix(np.tile(np.reshape(self.pose, (1, 4, 4)), (n, 1, 1)))


def built(headset: Headset, variants: Variants, k: int, name: str) -> Headset:
    """Variant k as a headset of its own, worn as it is: what any score can be taken of.

    The stop is a part of its own: with the focal length f the pupil's diameter f/N stays, so that the f-number N and
    with it the light on a pixel change.
    """
    cameras = {}
    for c, (key, camera) in enumerate(headset.cameras.items()):
        factor = float(variants.focal[k, c])
        lens = replace(camera.lens, fx_px=camera.lens.fx_px * factor, fy_px=camera.lens.fy_px * factor)  # type: ignore[type-var, attr-defined]
        optics = replace(camera.optics, f_number=camera.optics.f_number * factor)
        pose = camera.T_device_camera * variants[k : k + 1].T_camera_camera(c)[0]
        cameras[key] = replace(camera, lens=lens, optics=optics, T_device_camera=pose)
    bins = {led: float(factor) for led, factor in zip(headset.leds, variants.leds[k], strict=True)}
    worn = tuple(variants[k : k + 1].T_device_head[0].as_matrix().ravel().tolist())
    changed = replace(headset, name=name, cameras=cameras, donning=WornSo(pose=worn))
    return driven(changed, Drive(bins=bins))


def _si(unit: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * 1e-3 if unit == "mm" else np.deg2rad(values)
