"""Bright pupils of shipped headsets' wearers against light traced through a slow eye (`eye_trace`)."""

from dataclasses import replace
from functools import cache

import eye_trace as trace
import numpy as np
import pytest
from test_render_eyes import Eye

from faces.eyes.look import EyeLook
from headsets import load_headset
from sim.render import DIRECT, Renderer
from tests.shipped import Fisheye, towards, wearer

PUPIL_MM = 5.0


@cache
def renderer() -> Renderer:
    return Renderer(settings=replace(DIRECT, eyes=True, sparse=False, specular=False, shell=False))


def returned(eye: Eye, lamp, bright: float, width: float, rings: int = 4) -> float:
    """W/m² at the camera that the fundus sends back through a pupil: a sum over rings of points on it.

    Each point gets what a traced bundle brings it, returns it in the lobe, and is seen through a traced bundle.
    """
    o, at = eye.local(eye.camera.position), eye.local(lamp.position)
    power = towards(lamp, eye.centre[None] + 1e-3 * trace.APEX * eye.turn[:, 2])[0]
    total, step = 0.0, 0.02
    for ring in range(1, rings + 1):
        edges = (k * (k + 1) / (rings * (rings + 1)) for k in (ring - 1, ring))
        inner, outer = (0.5 * PUPIL_MM * np.sqrt(edge) for edge in edges)
        far = np.sqrt(0.5 * (inner**2 + outer**2))
        share = np.pi * (outer**2 - inner**2) / (6 * ring)
        for k in range(6 * ring):
            turn = 2 * np.pi * (k + 0.5) / (6 * ring)
            p = far * np.array([np.cos(turn), np.sin(turn)])
            ends = [trace.aim(o, p + e) for e in step * np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])]
            solid = np.linalg.norm(np.cross((ends[0] - ends[1]) / (2 * step), (ends[2] - ends[3]) / (2 * step)))
            to_camera = -trace.aim(o, p)
            to_lamp = -trace.aim(at, p)
            lobe = np.exp((2 * to_camera @ to_lamp - 2) / width**2)
            leaving = (1 - trace.reflectance(trace.to_iris(o, -to_camera)[1])) / trace.AQUEOUS**2
            arriving = 1e6 * power * trace.iris_irradiance(at, p)
            total += leaving * bright * arriving * lobe / np.pi * solid * share
    return total


def measured(parts, camera: str, side: int, gaze, bright: float, width: float):
    """W/m² that the lobe adds around one pupil, the eye, and both pictures."""
    images = []
    for peak in (0.0, bright):
        eyes = EyeLook(pupil_diameter_mm=PUPIL_MM, bright_pupil=peak, bright_width_rad=width)
        mesh = wearer(3, gaze_deg=gaze, wide=1.0, eyes=eyes)
        images.append(renderer().render(parts, mesh, cameras=[camera])[camera].radiance.astype(float))
    eye = Eye(mesh, side, parts.camera(camera))
    at = eye.pixel(np.array([0.0, 0.0, trace.APEX - 3.2]))
    y, x = np.mgrid[: images[0].shape[0], : images[0].shape[1]]
    own = np.hypot(x - at[0], y - at[1]) < 30
    flux = (images[1] - images[0]) * Fisheye(parts.camera(camera)).solid
    return (flux * own).sum(), eye, images


@pytest.mark.parametrize("width", [0.08, 0.16])
@pytest.mark.parametrize(("camera", "lamp", "side", "gaze"), [
    ("eye_left", "eye_left_a", 0, (10.0, -10.0)),
    ("eye_right", "eye_right_a", 1, (-10.0, -12.0)),
])  # fmt: skip
def test_a_pupil_shines_back_at_an_led_beside_a_shipped_camera(pictures, camera, lamp, side, gaze, width):
    """refa_orange, whose eye cameras have an LED 10 degrees off: what the lobe adds, summed over the pupil.

    To 8 %: the light on the iris is read from a table. The lobe, a prior's width, is wider than the default.
    """
    whole = load_headset("refa_orange")
    parts = replace(whole, leds={lamp: whole.leds[lamp]})
    got, eye, images = measured(parts, camera, side, gaze, 0.8, width)
    pictures.keep("bright and dark", images[1], images[0])
    assert got == pytest.approx(returned(eye, parts.leds[lamp], 0.8, width), rel=0.08)


def test_the_lobe_falls_with_the_angle_between_led_and_camera():
    """Twice the width: as much more light as traced; and none from the LED on the other side of the barrel."""
    whole = load_headset("refa_orange")
    own, far = ({"leds": {lamp: whole.leds[lamp]}} for lamp in ("eye_left_a", "eye_left_b"))
    parts, gaze = replace(whole, **own), (10.0, -10.0)
    (narrow, eye, _), (wide, _, _) = (measured(parts, "eye_left", 0, gaze, 0.8, w) for w in (0.08, 0.16))
    lamp = parts.leds["eye_left_a"]
    ratio = returned(eye, lamp, 0.8, 0.16, rings=2) / returned(eye, lamp, 0.8, 0.08, rings=2)
    assert ratio > 3.0
    assert wide / narrow == pytest.approx(ratio, rel=0.05)
    aside, _, _ = measured(replace(whole, **far), "eye_left", 0, gaze, 0.8, 0.08)
    assert aside < 1e-3 * narrow
