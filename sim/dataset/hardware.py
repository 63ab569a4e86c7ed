"""One headset off the line: cameras and LEDs a little off their places, lenses a little off their numbers."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.headset import Camera, Headset
from headsets.lenses.central import CentralLens
from sim.dataset.config import HardwarePart
from sim.drive import Drive
from sim.seeding import generator


def lens_set(headset: Headset, part: HardwarePart, seed: int, number: int) -> Headset:
    """The headset with the lenses of one set; set -1 is the nominal one."""
    if number < 0:
        return headset
    rng = generator(seed, "dataset lenses", number)
    cameras = {name: _with_lens(camera, part, rng) for name, camera in headset.cameras.items()}
    return replace(headset, cameras=MappingProxyType(cameras))


def mounted(headset: Headset, part: HardwarePart, rng: np.random.Generator) -> Headset:
    """The headset with cameras and LEDs as they were mounted."""
    cameras = {}
    for name, camera in headset.cameras.items():
        own = camera.tolerance
        position = 1e-3 * part.position_mm if own is None else own.position_m
        rotation = float(np.radians(part.rotation_deg)) if own is None else own.rotation_rad
        pose = _moved(camera.T_device_camera, part.scale * position, part.scale * rotation, rng)
        cameras[name] = replace(camera, T_device_camera=pose)
    shift, turn = part.scale * 1e-3 * part.position_mm, part.scale * float(np.radians(part.rotation_deg))
    leds = {
        name: replace(led, T_device_led=_moved(led.T_device_led, shift, turn, rng))
        for name, led in headset.leds.items()
    }
    return replace(headset, cameras=MappingProxyType(cameras), leds=MappingProxyType(leds))


def draw_drive(
    headset: Headset,
    bins: bool,
    unit: np.random.Generator,
    wearing: np.random.Generator,
    *,
    current: float,
    warming_k: float,
    failure_share: float,
    failed: tuple[str, ...],
) -> Drive:
    """Bins belong to the headset off the line, failures to the wearing; see `sim.drive`."""
    factors = {name: led.bin_spread ** float(unit.uniform(-0.5, 0.5)) for name, led in headset.leds.items()}
    lost = {name for name in headset.leds if wearing.random() < failure_share} | set(failed)
    return Drive(
        current=current,
        currents={name: 0.0 for name in headset.leds if name in lost},
        bins=factors if bins else {},
        warming_k=warming_k,
    )


def _with_lens(camera: Camera, part: HardwarePart, rng: np.random.Generator) -> Camera:
    focal, right, down = rng.standard_normal(3)
    lens = camera.lens
    if not isinstance(lens, CentralLens):
        return camera
    factor = 1.0 + 0.01 * part.scale * part.focal_percent * float(np.clip(focal, -3, 3))
    shift = part.scale * part.principal_px
    changed = replace(
        lens,
        fx_px=lens.fx_px * factor,
        fy_px=lens.fy_px * factor,
        cx_px=lens.cx_px + shift * float(np.clip(right, -3, 3)),
        cy_px=lens.cy_px + shift * float(np.clip(down, -3, 3)),
    )
    return replace(camera, lens=changed)


def _moved(pose: RigidTransform, shift: float, turn: float, rng: np.random.Generator) -> RigidTransform:
    """A part moved along and turned about its own axes, each by a normal draw clipped at 3 SD."""
    draws = np.clip(rng.standard_normal(6), -3, 3)
    return pose * RigidTransform.from_components(shift * draws[:3], Rotation.from_rotvec(turn * draws[3:]))
