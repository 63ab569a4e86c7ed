"""The shade of a drawn wearer's beard and brows in shipped headsets, against the strands that single rays meet."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

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


def strands_before(strands, lamp, p):
    """Strands that a ray from the lamp to p meets: pieces whose axis it passes within half their width."""
    d = (p - lamp) / np.linalg.norm(p - lamp)
    a, b = (strands.points[:, ends].reshape(-1, 3) - lamp for ends in (np.s_[:-1], np.s_[1:]))
    half = 0.25 * (strands.widths[:, 1:] + strands.widths[:, :-1]).ravel()
    one = np.cross(d, np.eye(3)[np.abs(d).argmin()])
    across = np.column_stack([one, np.cross(d, one)]) / np.linalg.norm(one)
    start, span = a @ across, (b - a) @ across
    share = np.clip(-(start * span).sum(1) / np.maximum((span**2).sum(1), 1e-18), 0.0, 1.0)
    aside = np.linalg.norm(start + share[:, None] * span, axis=1)
    along = (a + share[:, None] * (b - a)) @ d
    return int(((aside < half) & (along > 0) & (along < np.linalg.norm(p - lamp))).sum())


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
    ratio = np.ones(lit.shape)
    ratio[lit] = with_.irradiance[lit] / without.irradiance[lit]
    haired = binary_dilation(ratio < 0.99, iterations=3)
    rng, place = np.random.default_rng(0), points(view, np.nan_to_num(without.depth, nan=1.0))
    at, bare = (rng.permutation(np.argwhere(lit & where))[:3000] for where in (haired, ~haired))
    met, missed = (np.array([strands_before(strands, led.position, place[i, j]) for i, j in to]) for to in (at, bare))
    passed = ratio[at[:, 0], at[:, 1]]
    image = np.zeros((2, *lit.shape))
    image[:, at[:, 0], at[:, 1]] = passed, met == 0
    pictures.keep("passed", *image)
    # A ray is let through or not: only means can be compared, overall and by how dense the map says the hair is.
    assert passed.mean() == pytest.approx((met == 0).mean(), abs=0.03)
    assert -np.log(passed).mean() == pytest.approx(met.mean(), rel=0.1)
    dense, thin = passed < 0.5, passed > 0.8
    assert (met[dense] == 0).mean() < 0.5 < 0.85 < (met[thin] == 0).mean()
    assert missed.mean() < 0.01
