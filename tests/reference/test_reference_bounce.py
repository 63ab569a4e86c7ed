"""One bounce between face and housing against paths of any length, in a shipped headset."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.reference_error import EXPRESSION, judged, shrunk
from faces import load_head_model
from headsets import load_headset
from sim.reference import ReferenceSettings, render_reference
from sim.render import DIRECT, Renderer
from sim.seeding import generator

pytest.importorskip("mitsuba")


def test_one_bounce_brings_most_of_what_paths_bring(pictures):
    """In the mean over the face's pixels a third of the missing light is missing still at most, 2 % of all."""
    whole = load_headset("refa_green")
    parts = replace(whole, cameras={"eye_left": shrunk(whole.camera("eye_left"), 40)})
    head = load_head_model()
    mesh = head.mesh(head.sample_identity(generator(4, "identity")), EXPRESSION)
    paths = render_reference(
        parts,
        mesh,
        settings=ReferenceSettings(
            spp=64, side=1, integrator="path", specular=False, eye="painted", skin_maps=False, hair=False
        ),
    )["eye_left"]
    missing = {}
    for bounce in (True, False):
        settings = replace(DIRECT, specular=False, sparse=False, antialias=False, shadow_resolution=1024, bounce=bounce)
        frame = Renderer(settings=settings).render(parts, mesh, buffers=("radiance", "region"))["eye_left"]
        used = judged(frame, paths)
        pictures.keep(f"bounce {bounce}", frame.radiance, paths)
        missing[bounce] = 1 - np.asarray(frame.radiance)[used].sum() / paths[used].sum()
    assert -0.01 < missing[True] < 0.02
    assert missing[True] < 0.35 * missing[False]
