"""Tone mapping and label pictures."""

from __future__ import annotations

import numpy as np
import pytest

from headsets import load_headset
from hmcsim.exposure import headset_white, tone_map
from hmcsim.label_pictures import depth_picture, normal_picture, region_colours, region_picture
from sim.render import Renderer
from tests.faces.ellipsoid_head import EllipsoidHead


def test_tone_mapping_is_the_srgb_curve_up_to_white() -> None:
    # IEC 61966-2-1: 0.5 linear is 0.7354 encoded, 0.002 is on the linear part.
    assert tone_map(np.array([0, 0.002 * 3, 1.5, 3, 30]), 3.0).tolist() == [0, 7, 188, 255, 255]
    ramp = tone_map(np.linspace(0, 1, 1000), 1.0)
    assert (np.diff(ramp.astype(int)) >= 0).all()


def test_white_belongs_to_the_headset_alone() -> None:
    head, renderer = EllipsoidHead(), Renderer()
    green = load_headset("refa_green")
    white = headset_white(renderer, green, head)
    renderer.render(load_headset("refa_red"), head.mesh(head.neutral_identity(), {"jawOpen": 1.0}))
    assert headset_white(renderer, green, head) == white
    frames = renderer.render(green, head.mesh(head.neutral_identity()))
    clipped = np.mean([(f.radiance > white).mean() for f in frames.values() if f.radiance is not None])
    assert clipped < 0.01


def test_region_colours_differ() -> None:
    labels = tuple("abcdefghijklmnopqrstuvwx")
    colours = region_colours(labels)
    assert len({tuple(c) for c in colours}) == len(labels)
    picture = region_picture(np.array([[0, 5, -1, -2]], np.int32), labels)
    assert picture[0, 1].tolist() == colours[5].tolist()
    assert picture[0, 2].tolist() != picture[0, 3].tolist()


def test_near_is_bright_and_nothing_black() -> None:
    picture = depth_picture(np.array([[0.03, 0.05, np.nan]], np.float32))
    assert picture[0, 0] > picture[0, 1] > picture[0, 2] == 0
    assert depth_picture(np.full((2, 2), np.nan, np.float32)).max() == 0


@pytest.mark.parametrize(("normal", "colour"), [((0, 0, -1), (128, 128, 255)), ((1, 0, 0), (255, 128, 128))])
def test_a_surface_that_faces_the_camera_is_blue(normal: tuple, colour: tuple) -> None:
    assert normal_picture(np.array([[normal]], np.float32))[0, 0].tolist() == list(colour)
