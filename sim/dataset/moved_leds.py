"""LEDs at other places in stored frames: from depth, normals and the light of the LEDs that there are.

    B' = B + V R (E' - E),   R = Σ_j s_j E_j B_j / Σ_j s_j E_j²,   V = min(1, B / (R E))
    E = profile(θ) max(n·l, 0) / r²

B is the LED's stored image; E and E' the irradiances that it would make at 1 W/sr, without shadows, before and after.
R is what the surface shows per irradiance, fitted to all LEDs' images B_j, of which near ones count most (s_j falls
with the square of the distance between old and new place), and V the share that is not in shadow. Where the LED shines
straight on a surface, that is its own image times the ratio of irradiances (Riklin-Raviv and Shashua 2001);
where only light by way of other surfaces arrives, the image stays. Shadows and highlights stay where they
were: it holds for LEDs that move a little (docs/dataset.md has the errors by distance).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets.headset import Led
from headsets.lenses.lens import Lens
from sim.dataset.hardware import lens_set
from sim.dataset.items import Item
from sim.dataset.relight import Relighter
from sim.errors import SimError

REACH_M = 2e-3
"""LEDs this much farther away count half as much (prior)."""
LEAST, MOST = 0.25, 4.0
"""Factors that a pixel's light changes by at most: grazing light says little of a surface (prior)."""


def with_led_moved(relighter: Relighter, item: Item, led: str, T_device_led: RigidTransform) -> Item:
    """The frame with one LED elsewhere, for `Relighter`: its light images and its label's pose are replaced.

    Args:
        relighter: of the data set.
        item: with lights, depth, normals and label.
        led: which one.
        T_device_led: its new pose, +z its axis.

    Raises:
        UnknownPartError: the headset lacks the LED.
        SimError: a frame without depth, normals, lights or label.
    """
    moved = relighter.headset.led(led)
    for part in ("lights", "depth", "normals", "label"):
        if part not in item:
            raise SimError(f"frame {item.get('key')} must hold lights, depth, normals and label, it lacks {part}")
    label = item["label"]
    poses = {name: _pose(own["T_device_led"]) for name, own in label["illumination"]["leds"].items()}
    unit = lens_set(relighter.headset, relighter.config.hardware, int(relighter.seed), int(label["lens_set"]))
    lights = {}
    for name, basis in item["lights"].items():
        T_device_camera = _pose(label["cameras"][name]["true"]["T_device_camera"])
        points, normals = surface(unit.cameras[name].lens, item["depth"][name], item["normals"][name], T_device_camera)
        old = {other: irradiance(relighter.headset.leds[other], pose, points, normals) for other, pose in poses.items()}
        new = irradiance(moved, T_device_led, points, normals)
        lights[name] = {**basis, led: _carried(led, basis, old, new, poses, T_device_led)}
    leds = label["illumination"]["leds"]
    leds = {**leds, led: {**leds[led], "T_device_led": np.round(T_device_led.as_matrix(), 9).tolist()}}
    return {**item, "lights": lights, "label": {**label, "illumination": {**label["illumination"], "leds": leds}}}


def surface(
    lens: Lens, depth: NDArray[np.float32], normals: NDArray[np.floating], T_device_camera: RigidTransform
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (H, W, 3), m, and normals (H, W, 3) behind each pixel, device frame; NaN where nothing is seen.

    Args:
        depth: (H, W) m along the camera's z axis.
        normals: (H, W, 3), camera frame.
    """
    y, x = np.mgrid[: depth.shape[0], : depth.shape[1]].astype(float)
    rays = lens.unproject(np.stack([x, y], -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        points = rays * (depth / rays[..., 2])[..., None]
    turn = T_device_camera.rotation.as_matrix()
    return points @ turn.T + T_device_camera.translation, normals.astype(float) @ turn.T


def irradiance(
    led: Led, T_device_led: RigidTransform, points: NDArray[np.float64], normals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(H, W) W/m² per W/sr on the axis, without shadows; 0 where nothing is seen or the surface faces away."""
    way = T_device_led.translation - points
    r2 = (way**2).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        towards = way / np.sqrt(r2)[..., None]
        cosine = np.clip((towards * normals).sum(-1), 0.0, 1.0)
        angle = np.arccos(np.clip(-(towards @ T_device_led.rotation.as_matrix()[:, 2]), -1.0, 1.0))
        value = led.profile.relative(np.nan_to_num(angle)) * cosine / r2
    return np.nan_to_num(value, nan=0.0, posinf=0.0)


def _carried(
    led: str,
    basis: Mapping[str, NDArray[np.float32]],
    old: Mapping[str, NDArray[np.float64]],
    new: NDArray[np.float64],
    poses: Mapping[str, RigidTransform],
    to: RigidTransform,
) -> NDArray[np.float32]:
    above = below = np.zeros(new.shape)
    for name, value in old.items():
        share = 1.0 / (REACH_M**2 + float(((poses[name].translation - to.translation) ** 2).sum()))
        above = above + share * value * basis[name]
        below = below + share * value**2
    own = basis[led].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = np.nan_to_num(above / below, nan=0.0, posinf=0.0)
        open_share = np.fmin(1.0, own / (shown * old[led]))  # 0 / 0, NaN: nothing to be in shadow
    moved = own + open_share * shown * (new - old[led])
    return np.asarray(np.clip(moved, LEAST * own, MOST * own), np.float32)


def _pose(matrix: Any) -> RigidTransform:
    return RigidTransform.from_matrix(np.array(matrix))
