"""Highlights at silhouettes, narrower than a pixel, do not show as isolated bright pixels."""

import numpy as np
from scipy.ndimage import median_filter

from faces import load_head_model
from headsets import load_headset
from sim.render import Renderer, RenderSettings


def test_no_pixel_outshines_its_surroundings_by_more_than_white():
    """Lit from behind, a nose's rim is up to 40 times as bright as skin, over a fraction of a pixel.

    Without skin maps: oily skin is smoother, and its rims are truly brighter.
    """
    head, parts = load_head_model(), load_headset("refa_green")
    renderer = Renderer(settings=RenderSettings(skin_maps=False))
    for seed in range(1, 5):
        mesh = head.mesh(head.sample_identity(np.random.default_rng(seed)), {"jawOpen": 0.3, "mouthSmileLeft": 0.8})
        for camera in ("mouth_left", "mouth_right"):
            image = renderer.render(parts, mesh, cameras=[camera])[camera].radiance
            excess = (image - median_filter(image, 5)) / np.percentile(image, 99)
            assert excess.max() < 1.0, (seed, camera)
