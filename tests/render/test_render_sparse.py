"""Pixels whose light is averaged from their neighbours, against lighting every pixel."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import LENSES, camera, headset, led, plane, together

from faces import load_head_model
from headsets import load_headset
from sim.render import DIRECT, Renderer

EXACT = replace(DIRECT, sparse=False)


@pytest.mark.parametrize(
    ("name", "camera"), [("refa_green", "eye_left"), ("refa_green", "mouth_right"), ("ufe", "eye_right")]
)
def test_averaged_light_is_that_of_every_pixel(pictures, name, camera):
    head = load_head_model()
    mesh = head.mesh(head.sample_identity(np.random.default_rng(3)), {"jawOpen": 0.3, "mouthSmileLeft": 0.5})
    buffers = ("radiance", "irradiance", "region")
    sparse, exact = (
        Renderer(settings=s).render(load_headset(name), mesh, buffers=buffers, cameras=[camera])[camera]
        for s in (DIRECT, EXACT)
    )
    pictures.keep("radiance", sparse.radiance, exact.radiance)
    np.testing.assert_array_equal(sparse.region, exact.region)
    for got, expected in ((sparse.radiance, exact.radiance), (sparse.irradiance, exact.irradiance)):
        error = np.abs(got - expected)[exact.region != -1] / np.percentile(expected, 99.5)
        assert 0.2 < (error > 0).mean() < 0.75  # some pixels are averaged
        assert np.percentile(error, 99) < 0.005
        assert np.percentile(error, 99.9) < 0.02


def test_shadow_edges_and_steps_in_depth_stay_sharp():
    """A plate over a plane, under one LED: no pixel takes light from across the edge of shadow or plate."""
    scene = together(plane(0.1, 20), plane(0.01, 2, 0.02))
    parts = headset([camera(LENSES["kannala_brandt4"], (0.0, 0.03, 0.08))], [led((0.02, 0.0, 0.09))])
    settings = replace(DIRECT, antialias=False)
    sparse, exact = (
        Renderer(settings=s).render(parts, scene)["c"].radiance
        for s in (settings, replace(DIRECT, antialias=False, sparse=False))
    )
    assert (sparse != exact).any()
    lit = exact > 0
    np.testing.assert_array_equal(sparse > 0, lit)
    assert (np.abs(sparse - exact)[lit] <= 0.015 * exact[lit] + 1e-9).all()
