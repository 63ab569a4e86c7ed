"""LEDs mirrored by the cornea's front, which no path from a point light finds.

The reflection is where the way from LED over cornea to camera is shortest (Fermat), and its power follows from how fast
the mirrored ray sweeps over the LED as the camera's ray turns: W/m² on the aperture is I F / |dA/dω|, with dA across
the light's way at the LED. For a far LED and a far camera on the axis that is the R²/4 F E of a convex mirror. A glint
is smaller than a pixel, and falls into one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

from headsets.headset import Camera, Led
from sim.reference.eye import Eye, Free, Passed
from sim.reference.optics import FRONT, Array, fresnel

_TURN = 1e-5  # rad, of the camera's ray


def reflection(camera: Array, led: Array, rim: float) -> Array | None:
    """Point (3,) of the cornea that mirrors a light at `led` (3,) towards `camera` (3,), eye frame, or None."""

    def slope(xy: Array) -> Array:
        rho = np.minimum(np.hypot(*xy), 1.2 * rim)
        p = np.array([*xy, FRONT.height(rho)])
        n = FRONT.normal(p)
        way = (p - camera) / np.linalg.norm(p - camera) + (p - led) / np.linalg.norm(p - led)
        return np.asarray(way[:2] - way[2] * n[:2] / n[2])

    middle = camera / np.linalg.norm(camera) + led / np.linalg.norm(led)
    start = FRONT.radius * middle[:2] / float(np.linalg.norm(middle) + 1e-9)
    found = root(slope, start * min(1.0, 0.8 * rim / float(np.linalg.norm(start) + 1e-9)), tol=1e-13)
    if not found.success or np.hypot(*found.x) > rim:
        return None
    point = np.array([*found.x, FRONT.height(np.hypot(*found.x))])
    n = FRONT.normal(point)
    return point if n @ (camera - point) > 0 and n @ (led - point) > 0 else None


def strength(camera: Array, led: Array, point: Array) -> float:
    """Irradiance on the aperture, W/m² for each W/sr that the LED sends to `point`; all (3,), eye frame."""
    ahead = (point - camera) / np.linalg.norm(point - camera)
    beam = (led - point) / np.linalg.norm(led - point)
    side = np.cross(ahead, [0.0, 0.0, 1.0] if abs(ahead[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    turns = np.array([side, -side, np.cross(ahead, side), -np.cross(ahead, side)]) * _TURN
    rays = ahead + turns
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    hit = FRONT.hit(camera, rays)
    n = FRONT.normal(hit)
    mirrored = rays - 2 * (rays * n).sum(-1, keepdims=True) * n
    reach = ((led - hit) @ beam) / (mirrored @ beam)
    landed = hit + reach[:, None] * mirrored
    across = np.cross((landed[0] - landed[1]) / (2 * _TURN), (landed[2] - landed[3]) / (2 * _TURN))
    cosine = np.array(-ahead @ FRONT.normal(point))
    return float(fresnel(cosine, 1 / FRONT.index) / np.linalg.norm(across))


def add_glints(
    image: NDArray[np.float64], view: Camera, eyes: list[Eye], leds: list[Led], free: Free, through: Passed
) -> None:
    """Add every glint to the pixel of `image` (H, W), W/m²/sr, that it falls into.

    Args:
        through: share of light that panes pass between points.
    """
    for eye in eyes:
        to_eye = eye.T_device_eye.inv()
        camera = to_eye.apply(view.position)
        for led in leds:
            place = to_eye.apply(led.position)
            point = reflection(camera, place, eye.rim)
            if point is None:
                continue
            at = eye.T_device_eye.apply(point)
            outside = np.tile(eye.T_device_eye.apply(point + 2e-5 * FRONT.normal(point)), (2, 1))
            ends = np.stack([view.position, led.position])
            if free(outside, ends).all():
                share = float(through(outside, ends).prod())
                add_to_pixel(image, view, at, led, at, share * strength(camera, place, point))


def add_to_pixel(image: NDArray[np.float64], view: Camera, seen: Array, led: Led, lit: Array, strength: float) -> None:
    """Add an LED's image to the pixel of `image` (H, W) that it falls into.

    Args:
        seen: (3,) point of the device frame towards which the camera sees it. lit: (3,) where the LED's light goes.
        strength: W/m² on the aperture for each W/sr that the LED sends to `lit`.
    """
    pixel, valid = view.lens.project(view.T_device_camera.inv().apply(seen))
    if not valid:
        return
    i, j = np.rint(pixel[::-1]).astype(int)
    if not (0 <= i < image.shape[0] and 0 <= j < image.shape[1]):
        return
    away = (lit - led.position) / np.linalg.norm(lit - led.position)
    intensity = led.radiant_intensity_w_sr * led.profile.relative(np.arccos(np.clip(away @ led.axis, -1, 1)))
    image[i, j] += float(intensity) * strength / _solid_angle(view, i, j)


def _solid_angle(view: Camera, i: int, j: int) -> float:
    """Of the pixel in row i, column j, sr."""
    corners = np.array([[j - 0.5, i - 0.5], [j + 0.5, i - 0.5], [j - 0.5, i + 0.5]])
    rays = np.asarray(view.lens.unproject(corners))
    area = np.linalg.norm(np.cross(rays[1] - rays[0], rays[2] - rays[0]))
    return float(area) if np.isfinite(area) else float("inf")
