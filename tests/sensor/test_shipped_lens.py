"""What a lens does to the picture of a face in a shipped headset: each step of `capture` alone, switched on and off.

The oracles are closed forms and slow sums of the test's own; of the product they take the image without the step, and
geometry: depths, and which way the camera stands.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from headsets.headset import Camera, Headset
from sim.render import Renderer
from sim.sensor import ImageSettings, Recorder
from tests.shipped import Fisheye, block_mean, fixed_sensor, wearer

OFF = ImageSettings(*[False] * 7)
FOLD = 4
BLUR = {"as shipped": {}, "fast lens": {"lenses.wide.f_number": 1.0, "lenses.wide.focus_mm": 25.0}}


@cache
def renderer() -> Renderer:
    return Renderer()


@cache
def shot(headset: Headset, name: str, settings: ImageSettings = OFF, seed: int = 3):
    """What `capture` comes to at a fixed exposure, with the electrons before they are counted."""
    recorder = Recorder(renderer(), headset, settings)
    return recorder.record(wearer(seed, bare=False), cameras=[name], buffers=["depth"], electrons=True)[name]


@cache
def parts(name: str, **changes) -> Headset:
    return fixed_sensor(name, BLUR[changes["blur"]] if changes else None)


def electrons(headset: Headset, name: str, **on: bool) -> np.ndarray:
    return np.asarray(shot(headset, name, replace(OFF, **on)).electrons, dtype=float)


def finer(camera: Camera) -> Camera:
    """The same camera with FOLD x FOLD times the pixels, and electrons in each as if it were as large as before."""
    lens, f = camera.lens, FOLD
    size = {"width_px": lens.width_px * f, "height_px": lens.height_px * f}
    focal = {"fx_px": lens.fx_px * f, "fy_px": lens.fy_px * f}
    middle = {"cx_px": lens.cx_px * f + (f - 1) / 2, "cy_px": lens.cy_px * f + (f - 1) / 2}
    return replace(camera, lens=replace(lens, **size, **focal, **middle))


def confusion_mm(camera: Camera, distance_mm: np.ndarray) -> np.ndarray:
    """Thin lens, f from the pixels a radian and their size: c = f² |d - s| / (N d (s - f))."""
    f = camera.lens.fx_px * camera.sensor.pixel_um * 1e-3
    s, n = camera.optics.focus_mm, camera.optics.f_number
    return f**2 * np.abs(distance_mm - s) / (n * distance_mm * (s - f))


def scattered(light: np.ndarray, diameter: np.ndarray) -> np.ndarray:
    """Every pixel's light spread evenly over its own disc, by area to a pixel's edge; discs pile up, and are evened."""
    reach = int(np.ceil(diameter.max() / 2 + 1))
    steps = range(-reach, reach + 1)
    shifts = [(dy, dx, np.hypot(dy, dx)) for dy in steps for dx in steps]
    covers = [np.clip(diameter / 2 - far + 0.5, 0.0, 1.0) for _, _, far in shifts]
    whole = sum(covers)
    out, cover = np.zeros_like(light), np.zeros_like(light)
    h, w = light.shape
    for (dy, dx, _), share in zip(shifts, covers, strict=True):
        to = np.s_[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)]
        of = np.s_[max(-dy, 0) : h + min(-dy, 0), max(-dx, 0) : w + min(-dx, 0)]
        out[to] += (light * share / whole)[of]
        cover[to] += (share / whole)[of]
    return out / cover
