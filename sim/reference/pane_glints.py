"""LEDs mirrored by either surface of a pane of glasses: the camera's ray is turned until its reflection meets the LED.

The power follows from how fast the mirrored ray sweeps over the LED as the camera's ray turns, as for the cornea
(`sim.reference.glints`). The ray that the back surface mirrors is refracted by the front one on both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

from headsets.headset import Camera, Led
from sim.reference.eye import Free
from sim.reference.glints import add_to_pixel
from sim.reference.optics import Array
from sim.reference.panes import Pane

_TURN = 1e-5  # rad, of the camera's ray
_RINGS, _EACH = np.linspace(0.05, 0.95, 10), 6


@dataclass(frozen=True, eq=False)
class Image:
    """An LED in a pane, pane frame: where the camera's ray meets it and where it leaves towards the LED, (3,) each, and
    the irradiance on the aperture, W/m² for each W/sr that the LED sends there."""

    first: Array
    leaves: Array
    strength: float


def image_in(pane: Pane, mirror: int, camera: Array, led: Array) -> Image | None:
    """The image of a light at `led` for a camera at `camera`, both (3,) in the pane's frame; None if there is none."""
    rough = np.concatenate([[[0.0, 0.0]], *(r * pane.outline[::_EACH] for r in _RINGS)])
    radius, apex = pane.surface(pane.first_is_back(camera))
    z = apex - radius + np.sqrt(radius**2 - (rough**2).sum(-1))
    ahead = np.concatenate([rough, z[:, None]], -1) - camera
    ahead /= np.linalg.norm(ahead, axis=-1, keepdims=True)
    apart = np.linalg.norm(_miss(pane, mirror, camera, ahead, led), axis=-1)
    if not np.isfinite(apart).any():
        return None
    start = ahead[np.nanargmin(apart)]
    axes = np.linalg.svd(start[None])[2][1:]

    def turned(xy: Array) -> Array:
        ray = start + xy @ axes
        return np.asarray(ray / np.linalg.norm(ray, axis=-1, keepdims=True))

    def across(xy: Array) -> Array:
        return _miss(pane, mirror, camera, turned(xy), led)

    def slope(xy: Array) -> Array:
        return np.nan_to_num(across(xy[None])[0] @ _plane(pane, mirror, camera, turned(xy[None]), led), nan=1.0)

    found = root(slope, np.zeros(2), tol=1e-12)
    if np.linalg.norm(across(found.x[None])) > 1e-7 or not np.isfinite(across(found.x[None])).all():
        return None
    first, leaves, _, share = (a[0] for a in pane.through(camera[None], turned(found.x[None]), mirror))
    if not pane.reach(leaves[:2]):
        return None
    # Axes across the ray itself: `turned` foreshortens away from `start`.
    ray = turned(found.x[None])[0]
    axes, start = np.linalg.svd(ray[None])[2][1:], ray
    moved = across(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]) * _TURN)
    area = np.linalg.norm(np.cross((moved[0] - moved[1]) / (2 * _TURN), (moved[2] - moved[3]) / (2 * _TURN)))
    return Image(first, leaves, float(share / area)) if np.isfinite(area) and area > 0 else None


def _miss(pane: Pane, mirror: int, camera: Array, rays: Array, led: Array) -> Array:
    """(N, 3) from the LED to the nearest points of the mirrored rays (N, 3); NaN where these lead away from it."""
    _, leaves, away, _ = pane.through(np.broadcast_to(camera, rays.shape), rays, mirror)
    along = ((led - leaves) * away).sum(-1, keepdims=True)
    return np.asarray(np.where(along > 0, leaves + along * away - led, np.nan))


def _plane(pane: Pane, mirror: int, camera: Array, rays: Array, led: Array) -> Array:
    """(3, 2) axes across the way from where a ray leaves the pane to the LED."""
    leaves = pane.through(np.broadcast_to(camera, rays.shape), rays, mirror)[1][0]
    way = np.nan_to_num(led - leaves, nan=1.0)
    return np.asarray(np.linalg.svd((way / np.linalg.norm(way))[None])[2][1:].T)


def add_pane_glints(image: NDArray[np.float64], view: Camera, panes: list[Pane], leds: list[Led], free: Free) -> None:
    """Add the images of LEDs in both surfaces of the panes to the pixels of `image` (H, W), W/m²/sr."""
    for pane in panes:
        back = pane.T_device_pane.inv()
        for led in leds:
            for mirror in (0, 1):
                found = image_in(pane, mirror, back.apply(view.position), back.apply(led.position))
                if found is None:
                    continue
                first, leaves = (pane.T_device_pane.apply(p) for p in (found.first, found.leaves))
                if free(np.stack([view.position, leaves]), np.stack([first, led.position])).all():
                    add_to_pixel(image, view, first, led, leaves, found.strength)
