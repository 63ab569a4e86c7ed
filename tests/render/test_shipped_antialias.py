"""Silhouettes of a face in shipped headsets against the mean over 64 rays a pixel: lenses scaled eightfold."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from headsets import load_headset
from sim.render import DIRECT, Renderer
from tests.resampled import block_mean, resampled
from tests.shipped import wearer

FOLD = 8
SETTINGS = replace(DIRECT, shadows=False, specular=False, sparse=False)
"""Matt and without shadows, so that outlines alone are finer than a pixel."""


@cache
def renderer(antialias: bool) -> Renderer:
    return Renderer(settings=replace(SETTINGS, antialias=antialias))


@pytest.mark.parametrize(("name", "camera"), [("refa_green", "eye_left"), ("ufe", "mouth_right")])
def test_outlines_of_a_face_are_the_mean_over_each_pixel(pictures, name, camera):
    """Pixels that an outline crosses: less than 0.4 of the error without antialiasing; the others as without."""
    parts, mesh = load_headset(name), wearer(5)
    got, plain = (renderer(on).render(parts, mesh, cameras=[camera])[camera].radiance for on in (True, False))
    view = parts.camera(camera)
    fine = replace(parts, cameras={camera: replace(view, lens=resampled(view.lens, FOLD))})
    frame = renderer(False).render(fine, mesh, buffers=("radiance", "depth"))[camera]
    truth = block_mean(frame.radiance, FOLD)
    depth = np.nan_to_num(frame.depth, nan=1.0)
    h, w = truth.shape
    depth = depth.reshape(h, FOLD, w, FOLD)
    edge = depth.max((1, 3)) > 1.1 * depth.min((1, 3))
    pictures.keep("radiance", got, truth)
    errors = {on: np.abs(image - truth) / np.percentile(truth, 99) for on, image in ((True, got), (False, plain))}
    assert edge.sum() > 500
    assert errors[True][edge].mean() < 0.4 * errors[False][edge].mean()
    assert errors[True][~edge].mean() < errors[False][~edge].mean() + 3e-4
    assert abs((got - truth)[edge].sum()) < 0.02 * truth[edge].sum()
