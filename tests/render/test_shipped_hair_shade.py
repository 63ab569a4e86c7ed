"""The shade of a drawn wearer's beard and brows on skin in shipped headsets, against a slow sum over strands."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from faces.hair.growth import grow
from headsets import load_headset
from sim.render import Renderer, RenderSettings
from tests.render.render_scenes import points
from tests.shipped import wearer

SETTINGS = RenderSettings(
    specular=False, scattering=False, bounce=False, skin_maps=False, sparse=False, antialias=False, shell=False
)


@cache
def renderer(hair: bool) -> Renderer:
    return Renderer(settings=replace(SETTINGS, hair=hair))


def optical_depth(strands, lamp, p, reach):
    """What strands' pieces within `reach` of the ray from lamp to p cover, seen along it, over pi reach².

    Up to 3 mm behind p: the maps have one layer (docs/rendering.md), which counts hair just behind a point as well.
    Without it the depth is a fifth less on a beard.
    """
    way = p - lamp
    far = np.linalg.norm(way) + 3e-3
    d = way / np.linalg.norm(way)
    a, b = (strands.points[:, ends].reshape(-1, 3).astype(float) for ends in (np.s_[:-1], np.s_[1:]))
    to = 0.5 * (a + b) - lamp
    along = to @ d
    near = (np.linalg.norm(to - along[:, None] * d, axis=1) < reach) & (along > 0) & (along < far)
    widths = 0.5 * (strands.widths[:, 1:] + strands.widths[:, :-1]).ravel()
    area = np.linalg.norm(np.cross((b - a)[near], d), axis=1) * widths[near]
    return float(area.sum() / (np.pi * reach**2))


@pytest.mark.parametrize(("name", "camera", "lamp"), [
    ("refa_green", "mouth_left", "mouth_left_a"),
    ("ufe", "mouth_right", "mouth_right_a"),
])  # fmt: skip
def test_a_beard_takes_the_light_that_its_strands_cover(pictures, name, camera, lamp):
    whole, mesh = load_headset(name), wearer(6, bare=False, beard="full")
    parts = replace(whole, leds={lamp: whole.leds[lamp]})
    buffers = ("irradiance", "region", "depth")
    with_, without = (
        renderer(on).render(parts, mesh, buffers=buffers, cameras=[camera])[camera] for on in (True, False)
    )
    strands, led, view = grow(mesh), parts.leds[lamp], parts.camera(camera)
    labels = mesh.topology.region_labels
    bearded = ("chin", "jaw", "perioral", "cheek_left", "cheek_right")
    skin = np.isin(without.region, [labels.index(label) for label in bearded])
    lit = skin & (without.irradiance > 0.1 * without.irradiance.max())
    at = np.random.default_rng(0).permutation(np.argwhere(lit))[:1500]
    place = points(view, np.nan_to_num(without.depth, nan=1.0))
    depth = np.array([optical_depth(strands, led.position, place[i, j], 1.5e-3) for i, j in at])
    ratio = with_.irradiance[at[:, 0], at[:, 1]] / without.irradiance[at[:, 0], at[:, 1]]
    image = np.zeros((2, *lit.shape))
    image[:, at[:, 0], at[:, 1]] = ratio, np.exp(-depth)
    pictures.keep("passed", *image)
    # Optical depths add up however finely the maps resolve them; what passes is convex in them, and would not.
    passed = -np.log(np.maximum(ratio.astype(float), 1e-3))
    assert (depth > 0.1).sum() > 100
    assert passed.mean() == pytest.approx(depth.mean(), rel=0.1)
    assert np.corrcoef(ratio, np.exp(-depth))[0, 1] > 0.8
    assert ratio[depth == 0.0].mean() > 0.98
