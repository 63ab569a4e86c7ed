"""Defocus by depth of a face in a shipped headset against the same lens as a crowd of pinholes (`tests.aperture`).

Tracking cameras hardly blur: their lenses are short. So the f-number, a key of the file, opens them wider than any
real one. Pictures of the pinholes have three times the pixels each way, and are averaged.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from headsets.headset import Camera
from sim.render import Renderer, RenderSettings
from sim.sensor import ImageSettings, Recorder
from tests.aperture import pinholes
from tests.resampled import block_mean, resampled, window
from tests.shipped import fixed_sensor, wearer

OFF = ImageSettings(*[False] * 7)
SETTINGS = RenderSettings(skin_maps=False, hair=False, sparse=False)
"""Without what is finer than a pixel: pores and hairs alias in either picture."""
FOLD, SIZE = 3, 80


@cache
def renderer() -> Renderer:
    return Renderer(settings=SETTINGS)


def electrons(parts, settings=OFF, cameras=None) -> dict[str, np.ndarray]:
    shots = Recorder(renderer(), parts, settings).record(wearer(3), cameras=cameras, electrons=True)
    return {name: np.asarray(shot.electrons, float) for name, shot in shots.items()}


def blurred(parts, camera: Camera, corner: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """(SIZE, SIZE) picture through a pinhole and through an aperture `scale` times f / N across; the same unit."""
    radius = 0.5e-6 * camera.lens.fx_px * camera.sensor.pixel_um / camera.optics.f_number
    small = replace(camera, lens=resampled(window(camera.lens, corner, corner, SIZE), FOLD))
    crowd = pinholes(small, scale * radius)
    images = electrons(replace(parts, cameras={camera.name: small, **crowd}))
    sharp = block_mean(images.pop(camera.name), FOLD)
    return sharp, np.mean([block_mean(image, FOLD) for image in images.values()], axis=0)


@pytest.mark.parametrize(("name", "camera", "f_number", "most"), [
    ("refa_green", "eye_left", 0.5, 0.25),  # an eye with its glint, lashes, brow and the housing behind: 2.6 to 5 px
    ("ufe", "mouth_left", 1.0, 0.5),  # lips' outline, in discs of 1 to 3 px, against the dark
])  # fmt: skip
def test_blur_by_depth_is_that_of_an_aperture(pictures, name, camera, f_number, most):
    """What defocus changes: error below `most` of it, root mean square, and its size within 5 %.

    An aperture a quarter smaller or larger fits worse.
    """
    parts = fixed_sensor(name, {"lenses.wide.f_number": f_number, "lenses.wide.focus_mm": 25.0})
    view, corner = parts.camera(camera), 150
    cut = np.s_[corner : corner + SIZE, corner : corner + SIZE]
    off, on = (electrons(parts, replace(OFF, defocus=flag), [camera])[camera][cut] for flag in (False, True))
    got, errors = on - off, {}
    for scale in (0.75, 1.0, 1.25):
        sharp, soft = blurred(parts, view, corner, scale)
        change = (soft - sharp) * off.sum() / sharp.sum()
        errors[scale] = np.sqrt(((got - change) ** 2).mean())
        if scale == 1.0:
            pictures.keep("blurred", on, soft * off.sum() / sharp.sum())
            size, slope = np.sqrt((change**2).mean()), (got * change).sum() / (change**2).sum()
    assert errors[1.0] < most * size, errors
    assert slope == pytest.approx(1.0, abs=0.05)
    assert errors[1.0] < 0.9 * min(errors[0.75], errors[1.25]), errors
